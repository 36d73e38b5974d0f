"""The identity context's DynamoDB access: sign-in, registration, reset, offices. Codes and sessions have stores of their own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from identity.account_store import AccountStore
from identity.accounts import Account
from identity.already_registered import IdNumberRegistered, IdNumberReserved, PhoneRegistered
from identity.attempt_store import AttemptStore
from identity.lockout import ALL_TALLIES, Failures, Way, tally_of
from identity.person_items import NewPerson, id_claim, person_item, phone_claim
from identity.proofs import Proof
from identity.session_records import Session
from identity.session_store import account_item, account_of, session_item
from jingkuai.aws import keys
from jingkuai.aws.audit import change_item
from jingkuai.aws.clock import iso
from jingkuai.aws.ids import NewId
from jingkuai.aws.one_time_codes import opens
from jingkuai.aws.tables import (
    Cancelled,
    Item,
    Table,
    TransactWrite,
    batch_get,
    check_item,
    delete_item,
    put_item,
    transact,
    update_item,
)
from jingkuai.domain.one_time_code import Purpose
from jingkuai.domain.principal import UNNAMED, OwnNames

_ABSENT = "attribute_not_exists(pk)"
_NOT_FROZEN = "attribute_not_exists(frozen_by)"
_FREE_FOR_THIS_PHONE = "attribute_not_exists(pk) OR reserved_for = :phone OR reserved_until <= :now"


@dataclass(frozen=True, slots=True)
class SignInNames:
    """What somebody typed as a username, as the keys under which it may be known; `limit_hash` counts for nobody's."""

    username: str
    id_hashes: tuple[str, ...]
    phone_hash: str | None
    limit_hash: str


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose a name is, and what kind of name; `own` names the holder of a staff account."""

    account_id: str
    way: Way
    own: OwnNames = UNNAMED


class IdentityStore:
    """Accounts in the Identity table, and the claims of ID numbers and phones in the Registry that lead to them."""

    def __init__(self, identity: Table, registry: Table) -> None:
        self._identity = identity
        self._registry = registry
        self._client = identity.client
        self.accounts = AccountStore(identity, registry)
        self.attempts = AttemptStore(identity)

    def holder(self, names: SignInNames) -> Holder | None:
        """Whose this name is: a username's first, as anybody may register a passport that reads like one. AWS calls: 1."""
        username_at = keys.username_key(names.username)
        ways = [(keys.id_claim_key(one), Way.NUMBER) for one in names.id_hashes]
        ways += [(keys.phone_claim_key(names.phone_hash), Way.PHONE)] if names.phone_hash else []
        claims_at = [at for at, _ in ways]
        found = batch_get(self._client, {self._identity.name: [username_at], self._registry.name: claims_at})
        if pointer := found[self._identity.name].get((username_at["pk"], username_at["sk"])):
            own = OwnNames(tuple(pointer.get("id_hashes", ())), pointer.get("phone_hash"))
            return Holder(pointer["account_id"], Way.USERNAME, own)
        claims = ((found[self._registry.name].get((at["pk"], at["sk"])), way) for at, way in ways)
        return next((Holder(claim["person_id"], way) for claim, way in claims if claim), None)

    def accountant(self, holder: Holder) -> tuple[Account | None, Failures]:
        """The account a claim leads to, with the failures that count against this way to it. AWS calls: 1."""
        item = self._identity.get(keys.account_key(holder.account_id))
        return account_of(item) if item else None, tally_of(holder.way).failures(item)

    def holder_by_code(self, phone_hash: str, purpose: Purpose, code_hash: str, now: datetime) -> Holder | None:
        """Whose phone this is, where the code would open at this moment; it is used up later. AWS calls: 1."""
        claim_at, code_at = keys.phone_claim_key(phone_hash), keys.code_key(phone_hash, purpose.value)
        found = batch_get(self._client, {self._registry.name: [claim_at], self._identity.name: [code_at]})
        claim = found[self._registry.name].get((claim_at["pk"], claim_at["sk"]))
        code = found[self._identity.name].get((code_at["pk"], code_at["sk"]))
        return Holder(claim["person_id"], Way.PHONE) if claim and code and opens(code, code_hash, now) else None

    def save_sign_in(
        self,
        account: Account,
        session: Session,
        *,
        holder: Holder,
        now: datetime,
        origin: str,
        new_id: NewId,
        proof: Proof,
    ) -> bool:
        """Open the session, forget the failures of this way, audit, and use up a one-time code, together.

        False when the account is no longer as it was read (suspended, its second factor's code used), or the code was
        used first. AWS calls: 1.
        """
        by = account.acting(session.family, session.person_id)
        audit = change_item(
            account.account_id,
            action="signed_in",
            by=by,
            at=now,
            new_id=new_id,
            region_code=account.region_code,
            details={"origin": origin, **proof.told},
        )
        writes = [
            self._signed_in(account, now, proof, holder.way),
            put_item(self._identity, session_item(session), condition=_ABSENT),
            put_item(self._registry, audit),
            *([proof.code] if proof.code else []),
        ]
        try:
            transact(self._client, writes)
        except Cancelled:
            return False
        return True

    def _signed_in(self, account: Account, now: datetime, proof: Proof, way: Way) -> TransactWrite:
        sets, condition = (["signed_in_at = :now"], f"epoch = :epoch AND suspended = :no AND {_NOT_FROZEN}")
        values: Item = {":now": iso(now), ":epoch": account.epoch, ":no": False}
        expression = f" REMOVE {', '.join(tally_of(way).members)}"
        if proof.totp_step is not None:
            sets, values = [*sets, "totp_step = :step"], {**values, ":step": proof.totp_step}
            condition += " AND (attribute_not_exists(totp_step) OR totp_step < :step)"
        if proof.recovery_hash is not None:
            expression += " DELETE recovery_hashes :used"
            values = {**values, ":used": {proof.recovery_hash}, ":recovery": proof.recovery_hash}
            condition += " AND contains(recovery_hashes, :recovery)"
        if stored := proof.renewed_hash or proof.rehashed:
            sets, values = [*sets, "password_hash = :hash"], {**values, ":hash": stored}
        if proof.renewed_hash:  # ends every other session
            sets, values = [*sets, "password_set_at = :now", "epoch = epoch + :one"], {**values, ":one": 1}
        expression = f"SET {', '.join(sets)}{expression}"
        return update_item(
            self._identity, keys.account_key(account.account_id), expression, condition=condition, values=values
        )

    def note_locked(self, account: Account, *, now: datetime, origin: str, new_id: NewId) -> None:
        """Audit that an account has just been locked by failures. AWS calls: 1."""
        entry = change_item(
            account.account_id,
            action="account_locked",
            by=None,
            at=now,
            new_id=new_id,
            region_code=account.region_code,
            details={"origin": origin},
        )
        self._registry.put(entry)

    def register(self, person: NewPerson, account: Account, session: Session, *, now: datetime, new_id: NewId) -> None:
        """The person, both claims, the account and its first session, with the acknowledged notice audited: all or nothing.

        Raises IdNumberRegistered, PhoneRegistered: of several at once exactly one registers; IdNumberReserved where an
        appeal has just freed the number for another phone. AWS calls: 1.
        """
        by = account.acting(session.family, person.person_id)
        details = {"consent_version": person.consent_version, "id_masked": person.document.masked}
        audit = change_item(person.person_id, action="registered", by=by, at=now, new_id=new_id, details=details)
        writes = [
            put_item(self._registry, id_claim(person), condition=_ABSENT),
            put_item(self._registry, phone_claim(person), condition=_ABSENT),
            put_item(self._registry, person_item(person, now), condition=_ABSENT),
            put_item(self._identity, account_item(account), condition=_ABSENT),
            delete_item(  # the number's reservation is used up with it
                self._registry,
                keys.open_appeal_key(person.id_hash),
                condition=_FREE_FOR_THIS_PHONE,
                values={":phone": person.phone_hash, ":now": iso(now)},
            ),
            put_item(self._identity, session_item(session), condition=_ABSENT),
            put_item(self._registry, audit),
        ]
        try:
            transact(self._client, writes)
        except Cancelled as cancelled:
            if cancelled.failed(0):
                raise IdNumberRegistered() from cancelled
            if cancelled.failed(1):
                raise PhoneRegistered() from cancelled
            if cancelled.failed(4):
                raise IdNumberReserved() from cancelled
            raise

    def person_behind(self, id_hashes: Sequence[str]) -> str | None:
        """Whose an ID number is, written without its kind. AWS calls: 1."""
        at = [keys.id_claim_key(one) for one in id_hashes]
        found = self._registry.batch_get(at)
        return next((found[one["pk"], one["sk"]]["person_id"] for one in at if (one["pk"], one["sk"]) in found), None)

    def reset_password(
        self, person_id: str, phone_hash: str, password_hash: str, *, now: datetime, new_id: NewId, origin: str
    ) -> bool:
        """A new password in place of the old: ends every session and lock; False when the phone is not this person's.

        Raises AccountFrozen while a bureau looks into an appeal about the account. AWS calls: 1, refused 2.
        """
        audit = change_item(
            person_id, action="password_reset", by=None, at=now, new_id=new_id, details={"origin": origin}
        )
        expression = "SET password_hash = :hash, epoch = epoch + :one REMOVE " + ALL_TALLIES
        writes = [
            check_item(
                self._registry, keys.phone_claim_key(phone_hash), "person_id = :person", values={":person": person_id}
            ),
            update_item(
                self._identity,
                keys.account_key(person_id),
                expression,
                condition=f"attribute_exists(pk) AND {_NOT_FROZEN}",
                values={":hash": password_hash, ":one": 1},
            ),
            put_item(self._registry, audit),
        ]
        try:
            transact(self._client, writes)
        except Cancelled as cancelled:
            if not cancelled.failed(0):  # the phone is theirs: they may know why
                self._refuse_frozen(person_id)
            return False
        return True

    def _refuse_frozen(self, account_id: str) -> None:
        item = self._identity.get(keys.account_key(account_id))
        if item is not None:
            account_of(item).require_unfrozen()

    def offices(self) -> tuple[Item, ...]:
        """Whom to call at each bureau that has entered it. AWS calls: 1."""
        return tuple(self._registry.query_all(keys.OFFICES))
