"""Accounts as items of the Identity table: opened, listed by where they belong, changed by whoever administers them.

Every change raises the account's epoch, which ends its sessions and tokens, and is audited in its transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from identity.account_items import opened_account, place_in_list, region_of, username_pointer
from identity.accounts import Account, NewAccount, UsernameTaken
from identity.admin_count import AdminCount
from identity.lockout import ALL_TALLIES
from identity.organisation_store import OrganisationStore
from identity.session_store import account_of
from jingkuai.aws import keys
from jingkuai.aws.audit import change_item
from jingkuai.aws.clock import iso
from jingkuai.aws.idempotency import RequestKey
from jingkuai.aws.ids import NewId
from jingkuai.aws.tables import (
    Cancelled,
    Item,
    Page,
    Table,
    TransactWrite,
    delete_item,
    put_item,
    transact,
    update_item,
)
from jingkuai.domain.principal import Principal, Role

ABSENT = "attribute_not_exists(pk)"
_AS_READ = "epoch = :epoch"


@dataclass(frozen=True, slots=True)
class ListedAccount:
    """An account with what lists show of it, and the region under which it is administered."""

    account: Account
    card: Item
    region_code: str


class AccountStore:
    """Accounts of staff, institutions and employers' administrators."""

    def __init__(self, identity: Table, registry: Table) -> None:
        self._identity = identity
        self._registry = registry
        self.admins = AdminCount(identity)
        self.organisations = OrganisationStore(registry)

    def add(
        self,
        account: Account,
        new: NewAccount,
        *,
        by: Principal | None,
        at: datetime,
        new_id: NewId,
        beside: Sequence[Item] = (),
        writes: Sequence[TransactWrite] = (),
    ) -> None:
        """An account with its username, its audit entry and what begins with it.

        Raises UsernameTaken; Cancelled where one of `writes` did not hold: they stand first among the reasons.
        AWS calls: 1.
        """
        details = {"role": account.role.value, "scope": account.scope}
        audit = self._audited(account, region_of(account, new), "account_opened", by, at, new_id, details)
        all_writes = [
            *writes,
            put_item(self._identity, username_pointer(account, new), condition=ABSENT),
            put_item(self._identity, opened_account(account, new, at), condition=ABSENT),
            audit,
            *(put_item(self._registry, item) for item in beside),
        ]
        if account.role is Role.ADMIN and account.totp_cipher:
            all_writes.append(self.admins.moved(1))
        try:
            transact(self._identity.client, all_writes)
        except Cancelled as cancelled:
            if cancelled.failed(len(writes)) and not cancelled.failed(*range(len(writes))):
                raise UsernameTaken() from cancelled
            raise

    def earlier(self, request: RequestKey, *, now: datetime) -> str | None:
        """What the same request opened before. Raises IdempotencyKeyReused. AWS calls: 1."""
        return request.earlier_result(self._registry, now=now)

    def remember(self, request: RequestKey, result: str, *, now: datetime) -> TransactWrite:
        """What a repeated request is answered with; fails where the same request was faster."""
        return request.record(self._registry, result, now=now)

    def page(self, role: Role, prefix: str, *, limit: int, start: Item | None) -> Page:
        """One page of the accounts of a kind whose region or scope begins like this. AWS calls: 1."""
        return self._identity.query(keys.accounts_list(role), index="gsi1", prefix=prefix, limit=limit, start=start)

    def listed(self, account_id: str) -> ListedAccount | None:
        """The account with what lists show of it; None for an accountant's too, whom nobody administers. AWS calls: 1."""
        item = self._identity.get(keys.account_key(account_id))
        if item is None or "card" not in item:
            return None
        account = account_of(item)
        return ListedAccount(account, item["card"], account.region_code or item["card"]["region_code"])

    def account(self, account_id: str) -> Account | None:
        """The account as it stands. AWS calls: 1."""
        item = self._identity.get(keys.account_key(account_id))
        return account_of(item) if item else None

    def account_id_of(self, username: str) -> str | None:
        """Whose a username is. AWS calls: 1."""
        pointer = self._identity.get(keys.username_key(username))
        return str(pointer["account_id"]) if pointer else None

    def change(
        self,
        listed: ListedAccount,
        after: Account,
        card: Item,
        *,
        by: Principal | None,
        at: datetime,
        new_id: NewId,
        actions: Sequence[str],
        writes: Sequence[TransactWrite] = (),
    ) -> bool:
        """Put the account as it shall be in place of the one that was read, with the next epoch.

        False when it was changed meanwhile. Raises Cancelled where one of `writes` did not hold. AWS calls: 1.
        """
        details = {"actions": list(actions), "scope": after.scope}
        region = after.region_code or str(card["region_code"])
        all_writes = [
            *writes,
            self._changed(listed.account, after, card),
            self._audited(after, region, actions[0], by, at, new_id, details),
        ]
        try:
            transact(self._identity.client, all_writes)
        except Cancelled as cancelled:
            if cancelled.failed(*range(len(writes))):
                raise
            return False
        return True

    def _changed(self, before: Account, after: Account, card: Item) -> TransactWrite:
        sets = "epoch = epoch + :one, suspended = :suspended, #scope = :scope, #card = :card, gsi1sk = :place"
        values: Item = {
            ":one": 1,
            ":suspended": after.suspended,
            ":scope": after.scope,
            ":card": card,
            ":place": place_in_list(after.role, after.scope, card.get("region_code"), str(after.username)),
            ":epoch": before.epoch,
        }
        if after.invitation_hash:
            sets, values[":invitation"] = sets + ", invitation_hash = :invitation", after.invitation_hash
        gone = ["password_hash", "password_set_at", ALL_TALLIES] if not after.password_hash else []
        gone += ["totp_cipher", "totp_step", "recovery_hashes"] if not after.totp_cipher else []
        return update_item(
            self._identity,
            keys.account_key(before.account_id),
            f"SET {sets}" + (f" REMOVE {', '.join(gone)}" if gone else ""),
            condition=_AS_READ,
            values=values,
            names={"#scope": "scope", "#card": "card"},
        )

    def invitation(self, invitation_hash: str) -> Item | None:
        """An invitation that was handed out and not used. AWS calls: 1."""
        return self._identity.get(keys.invitation_key(invitation_hash))

    def invite(
        self, invitation_hash: str, account_id: str, role: Role, scope: str, expires_at: datetime
    ) -> TransactWrite:
        """A new invitation; the account names it, so an older one of the account opens nothing any more."""
        invited = {"account_id": account_id, "role": role.value, "scope": scope}
        item = {"v": 1, **invited, "expires_at": int(expires_at.timestamp())}
        return put_item(self._identity, {**keys.invitation_key(invitation_hash), **item}, condition=ABSENT)

    def accept_invitation(
        self, account: Account, invitation_hash: str, password_hash: str, *, at: datetime, new_id: NewId, origin: str
    ) -> bool:
        """The first password, and the end of the invitation.

        False where another request was first, or the account has another scope, or none to act in. AWS calls: 1.
        """
        accepted = update_item(
            self._identity,
            keys.account_key(account.account_id),
            "SET password_hash = :hash, password_set_at = :now, epoch = epoch + :one "
            f"REMOVE invitation_hash, {ALL_TALLIES}",
            condition="invitation_hash = :invitation AND suspended = :no AND #scope = :scope",
            values={
                ":hash": password_hash,
                ":now": iso(at),
                ":one": 1,
                ":invitation": invitation_hash,
                ":no": False,
                ":scope": account.scope,
            },
            names={"#scope": "scope"},
        )
        used = delete_item(
            self._identity,
            keys.invitation_key(invitation_hash),
            condition="expires_at > :now",
            values={":now": int(at.timestamp())},
        )
        return self._done(account, [accepted, used], "password_set", at, new_id, {"origin": origin})

    def enrol(
        self,
        account: Account,
        totp_cipher: bytes,
        totp_step: int,
        recovery_hashes: Sequence[str],
        *,
        at: datetime,
        new_id: NewId,
        origin: str,
    ) -> bool:
        """The second factor with its recovery codes; False where the account changed meanwhile. AWS calls: 1."""
        enrolled = update_item(
            self._identity,
            keys.account_key(account.account_id),
            "SET totp_cipher = :cipher, totp_step = :step, recovery_hashes = :recovery, epoch = epoch + :one "
            f"REMOVE {ALL_TALLIES}",
            condition=f"{_AS_READ} AND attribute_not_exists(totp_cipher) AND suspended = :no",
            values={
                ":cipher": totp_cipher,
                ":step": totp_step,
                ":recovery": set(recovery_hashes),
                ":one": 1,
                ":epoch": account.epoch,
                ":no": False,
            },
        )
        writes = [enrolled, *([self.admins.moved(1)] if account.role is Role.ADMIN else [])]
        return self._done(account, writes, "second_factor_enrolled", at, new_id, {"origin": origin})

    def _done(
        self,
        account: Account,
        writes: Sequence[TransactWrite],
        action: str,
        at: datetime,
        new_id: NewId,
        details: dict[str, str],
    ) -> bool:
        """These writes with the audit entry of what the account's holder did; False where a condition failed."""
        audit = self._audited(account, account.region_code, action, None, at, new_id, details)
        try:
            transact(self._identity.client, [*writes, audit])
        except Cancelled:
            return False
        return True

    def _audited(
        self,
        account: Account,
        region_code: str | None,
        action: str,
        by: Principal | None,
        at: datetime,
        new_id: NewId,
        details: Item,
    ) -> TransactWrite:
        entry = change_item(
            account.account_id,
            action=action,
            by=by,
            at=at,
            new_id=new_id,
            region_code=region_code,
            details=details,
        )
        return put_item(self._registry, entry)
