"""Accounts and sessions as items of the Identity table: what the authorizer reads at every request, kept light for its cold start."""

from datetime import UTC, datetime

from identity.accounts import Account
from identity.session_records import Session
from jingkuai.aws.clock import iso, parse_iso
from jingkuai.aws.keys import account_key, claims_of, session_key
from jingkuai.aws.tables import ConditionFailed, Item, Table
from jingkuai.domain.principal import OwnNames, Role


class SessionStore:
    """Sessions of the Identity table, with the account each belongs to, and the claims of the Registry that name a person."""

    def __init__(self, identity: Table, registry: Table) -> None:
        self._identity = identity
        self._registry = registry

    def account_and_session(self, account_id: str, family: str) -> tuple[Account | None, Session | None]:
        """Both as they stand now, strongly consistent. AWS calls: 1."""
        account_at, session_at = account_key(account_id), session_key(account_id, family)
        found = self._identity.batch_get([account_at, session_at])
        account = found.get((account_at["pk"], account_at["sk"]))
        session = found.get((session_at["pk"], session_at["sk"]))
        return account_of(account) if account else None, session_of(session) if session else None

    def people_of(self, session: Session) -> tuple[str, ...]:
        """Whose records are the holder's own at this moment, a number's before a phone's: staff may register or change their
        phone while signed in, and their number and phone may be two people's. AWS calls: 0, for staff with names 1.
        """
        claims = claims_of(session.own)
        if not claims:
            return (session.person_id,) if session.person_id else ()
        found = self._registry.batch_get(claims)
        there = (found.get((at["pk"], at["sk"])) for at in claims)
        return tuple(dict.fromkeys(str(claim["person_id"]) for claim in there if claim))

    def turn_over(self, before: Session, after: Session, now: datetime) -> bool:
        """Put the next refresh token in the place of this one; False when another request did so first. AWS calls: 1."""
        try:
            self._identity.update(
                session_key(before.account_id, before.family),
                "SET refresh_hash = :next, generation = :generation, idle_seconds = :idle, noted_every_seconds = :noted",
                condition="refresh_hash = :this AND expires_at > :now",
                values={
                    ":next": after.refresh_hash,
                    ":generation": after.generation,
                    ":idle": after.idle_seconds,
                    ":noted": after.noted_every_seconds,
                    ":this": before.refresh_hash,
                    ":now": int(now.timestamp()),
                },
            )
        except ConditionFailed:
            return False
        return True

    def end(self, account_id: str, family: str) -> None:
        """End a session and all its tokens; ended already, nothing happens. AWS calls: 1."""
        self._identity.delete(session_key(account_id, family))

    def note_seen(self, session: Session, now: datetime) -> None:
        """Remember that the session was used, unless it has just ended. AWS calls: 1."""
        try:
            self._identity.update(
                session_key(session.account_id, session.family),
                "SET last_seen_at = :now",
                condition="attribute_exists(pk)",
                values={":now": iso(now)},
            )
        except ConditionFailed:
            return


def account_of(item: Item) -> Account:
    """The account behind an item."""
    return Account(
        account_id=item["account_id"],
        role=Role(item["role"]),
        scope=item["scope"],
        name_masked=item["name_masked"],
        epoch=item["epoch"],
        username=item.get("username"),
        password_hash=item.get("password_hash"),
        password_set_at=parse_iso(item["password_set_at"]) if "password_set_at" in item else None,
        person_id=item.get("person_id"),
        totp_cipher=item.get("totp_cipher"),
        totp_step=item.get("totp_step", 0),
        recovery_hashes=frozenset(item.get("recovery_hashes", ())),
        invitation_hash=item.get("invitation_hash"),
        suspended=item["suspended"],
        frozen_by=item.get("frozen_by"),
        kept_epoch=item.get("kept_epoch"),
        kept_since=parse_iso(item["kept_since"]) if "kept_since" in item else None,
    )


def account_item(account: Account) -> Item:
    """A new account as stored."""
    return {
        **account_key(account.account_id),
        "v": 1,
        "account_id": account.account_id,
        "role": account.role.value,
        "scope": account.scope,
        "name_masked": account.name_masked,
        "epoch": account.epoch,
        "username": account.username,
        "password_hash": account.password_hash,
        "password_set_at": iso(account.password_set_at) if account.password_set_at else None,
        "person_id": account.person_id,
        "totp_cipher": account.totp_cipher,
        "invitation_hash": account.invitation_hash,
        "suspended": account.suspended,
    }


def session_of(item: Item) -> Session:
    """The session behind an item."""
    return Session(
        account_id=item["account_id"],
        family=item["family"],
        refresh_hash=item["refresh_hash"],
        generation=item["generation"],
        epoch=item["epoch"],
        expires_at=datetime.fromtimestamp(item["expires_at"], UTC),
        idle_seconds=item["idle_seconds"],
        noted_every_seconds=item["noted_every_seconds"],
        last_seen_at=parse_iso(item["last_seen_at"]),
        person_id=item.get("person_id"),
        own=OwnNames(tuple(item.get("id_hashes", ())), item.get("phone_hash")),
    )


def session_item(session: Session) -> Item:
    """A new session as stored."""
    return {
        **session_key(session.account_id, session.family),
        "v": 1,
        "account_id": session.account_id,
        "family": session.family,
        "refresh_hash": session.refresh_hash,
        "generation": session.generation,
        "epoch": session.epoch,
        "expires_at": int(session.expires_at.timestamp()),
        "idle_seconds": session.idle_seconds,
        "noted_every_seconds": session.noted_every_seconds,
        "last_seen_at": iso(session.last_seen_at),
        "person_id": session.person_id,
        "id_hashes": list(session.own.id_hashes),
        "phone_hash": session.own.phone_hash,
    }
