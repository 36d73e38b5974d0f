"""Accounts of staff (工作人员): reviewers, admins and auditors of finance bureaus."""

from dataclasses import dataclass

from identity.account_forms import FormReader
from identity.account_rights import require_administrator, require_may_open
from identity.accounts import NewAccount
from identity.opening import Desk, Opened, open_by_invitation
from jingkuai.aws.lookup import LookupKey
from jingkuai.domain.principal import STAFF, Role, region_of
from jingkuai.domain.workdays import today_in_shanghai


@dataclass(frozen=True, slots=True)
class StaffForm:
    """A member of staff as typed; `head` heads the bureau and may assign its tasks."""

    username: str
    name: str
    phone: str
    role: str
    scope: str
    id_number: str | None = None
    head: bool = False


def open_staff(form: StaffForm, desk: Desk) -> Opened:
    """Open an account of staff: of the phone and the ID number only keyed hashes are kept, which tie it to its holder's
    own record (回避).

    Raises Forbidden outside the caller's region or above it, Invalid with every problem at once, UsernameTaken.
    AWS calls: 1.
    """
    if desk.by:
        require_administrator(desk.by)
    new = read_staff(form, desk.lookup, FormReader(today_in_shanghai(desk.clock())))
    if desk.by:
        require_may_open(desk.by, new.role, region_of(new.scope))
    return open_by_invitation(new, desk)


def read_staff(form: StaffForm, lookup: LookupKey, reader: FormReader) -> NewAccount:
    """The account a form describes. Raises Invalid with every problem at once."""
    role = Role(form.role) if form.role in STAFF else None
    if role is None:
        reader.refuse("role", "enum", "不在可选值之内，请从 reviewer、admin、auditor 中选择。")
    username, name = reader.username("username", form.username), reader.person_name("name", form.name)
    scope = reader.scope("scope", role, form.scope)
    phone_hash = reader.phone_hash("phone", form.phone, lookup)
    id_hashes = reader.id_hashes("id_number", form.id_number, lookup)
    reader.done()
    return NewAccount(
        role=role or Role.REVIEWER,  # `done` has raised for any other
        scope=scope,
        username=username,
        name=name,
        id_hashes=id_hashes,
        phone_hash=phone_hash,
        shown={"head": form.head},
    )
