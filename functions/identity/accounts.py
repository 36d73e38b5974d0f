"""Accounts (账号): who may sign in, as what, within which scope. Accountants register; all others are opened for them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from jingkuai.domain.disputed_account import AccountFrozen
from jingkuai.domain.principal import STAFF, Principal, Role, region_of
from jingkuai.domain.problem import Conflict, FieldProblem, Forbidden

_USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,31}")
LONGEST_INSTITUTION_ID = 32  # an account_id, a UUID, is longer
_INSTITUTION_ID = re.compile(rf"[a-z0-9-]{{2,{LONGEST_INSTITUTION_ID}}}")
_LOOKS_LIKE_A_NUMBER = re.compile(r"1[3-9]\d{9}|\d{17}[\dx]")


class UsernameTaken(Conflict):
    """Another account has this username; nothing was opened."""

    code = "username_taken"
    title = "用户名已被使用"
    detail = "这个用户名已经有账号在用，没有新建。请换一个用户名；如果就是同一人，请在账号列表中找到原账号进行调整。"


class AccountSuspended(Forbidden):
    """The account was closed by whoever administers it; told only to somebody who knows the password."""

    code = "account_suspended"
    title = "账号已停用"
    detail = "该账号已被管理员停用，不能登录。如有疑问，请联系开通账号的财政局。"


class AccountDeactivated(AccountSuspended):
    """A person has closed their account; told only to somebody who knows the password."""

    code = "account_deactivated"
    title = "账号已注销"
    detail = (
        "该账号已由本人注销，不能登录，登记信息依法留存。需要重新使用的，请用现在的手机号提交申诉"
        "（类型选“证件号码被他人注册”），财政局核实身份后，再用该手机号注册。"
    )


@dataclass(frozen=True, slots=True)
class Account:
    """One account. `epoch` is raised by reset, suspension and change of scope: tokens and sessions of an older one are dead.

    An identity change raises it as well, and ends what was opened before its last decision: sessions of `kept_epoch`, the
    epoch just before, that were opened at `kept_since` or later go on. Whatever raises the epoch next ends these too.

    `frozen_by` is the bureau that looks into an appeal about it.
    """

    account_id: str
    role: Role
    scope: str
    name_masked: str
    epoch: int = 1
    username: str | None = None
    password_hash: str | None = None
    password_set_at: datetime | None = None
    person_id: str | None = None
    totp_cipher: bytes | None = None
    totp_step: int = 0
    recovery_hashes: frozenset[str] = frozenset()
    invitation_hash: str | None = None
    suspended: bool = False
    frozen_by: str | None = None
    kept_epoch: int | None = None
    kept_since: datetime | None = None

    def counts(self, epoch: int, *, opened_at: datetime) -> bool:
        """Whether an epoch still counts for a session that was opened at this moment."""
        if epoch == self.epoch:
            return True
        kept = epoch == self.kept_epoch == self.epoch - 1
        return kept and self.kept_since is not None and opened_at >= self.kept_since

    @property
    def is_staff(self) -> bool:
        return self.role in STAFF

    @property
    def needs_second_factor(self) -> bool:
        """Mandatory for staff, and for whoever enrolled one."""
        return self.is_staff or self.totp_cipher is not None

    @property
    def region_code(self) -> str | None:
        """The region under which what this account does is audited: a bureau's own, none for the others."""
        return region_of(self.scope) if self.is_staff else None

    def password_is_due(self, now: datetime, lasts: timedelta) -> bool:
        """Whether this password has to be renewed before anything else: staff's, after such a time."""
        since = self.password_set_at
        return self.is_staff and since is not None and now - since >= lasts

    def require_active(self) -> None:
        """Raises AccountSuspended, AccountDeactivated, AccountFrozen."""
        if self.suspended and self.role is Role.ACCOUNTANT:  # whom no administrator suspends
            raise AccountDeactivated()
        if self.suspended:
            raise AccountSuspended()
        self.require_unfrozen()

    def require_unfrozen(self) -> None:
        """Raises AccountFrozen."""
        if self.frozen_by:
            raise AccountFrozen.by(self.frozen_by)

    def acting(self, session: str, person_id: str | None) -> Principal:
        """The account as the one who acts, within one session."""
        return Principal(self.account_id, self.role, self.scope, person_id, self.name_masked, session)


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account to be opened for staff, an institution or an employer's administrator.

    `username` is the `institution_id` of an institution. `id_hashes` and `phone_hash` are keyed hashes of the holder's ID
    number and phone: they tie staff to their own record, so that nobody decides their own case (回避). `region_code` is
    where an institution or unit belongs, `shown` what lists say of it beside the account's own names. An `account_id` is
    given where something else of the same transaction names it.
    """

    role: Role
    scope: str
    username: str
    name: str
    password: str | None = None
    totp_secret: str | None = None
    id_hashes: tuple[str, ...] = ()
    phone_hash: str | None = None
    region_code: str | None = None
    shown: Mapping[str, Any] = field(default_factory=dict)
    invitation_hash: str | None = None
    account_id: str | None = None


def username_problems(username: str, field: str = "username") -> list[FieldProblem]:
    """What keeps this from being a username; one that looks like a number would stand in a person's way."""
    if not _USERNAME.fullmatch(username):
        return [FieldProblem(field, "bad_username", "用户名为 2 到 32 个小写字母、数字或 . _ -，以字母或数字开头。")]
    if _LOOKS_LIKE_A_NUMBER.fullmatch(username):
        return [FieldProblem(field, "bad_username", "用户名不能是手机号或证件号码的样子，请换一个。")]
    return []


def institution_id_problems(institution_id: str, field: str = "institution_id") -> list[FieldProblem]:
    """What keeps this from being the id under which an institution signs in."""
    if not _INSTITUTION_ID.fullmatch(institution_id):
        return [
            FieldProblem(field, "bad_institution_id", "机构编号为 2 到 32 个小写字母、数字或 -，请修改后重新提交。")
        ]
    if _LOOKS_LIKE_A_NUMBER.fullmatch(institution_id):
        return [FieldProblem(field, "bad_institution_id", "机构编号不能是手机号或证件号码的样子，请换一个。")]
    return []
