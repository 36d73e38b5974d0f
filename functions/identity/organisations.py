"""Accounts of organisations: training institutions (培训机构) and administrators of employers (用人单位)."""

from dataclasses import dataclass
from datetime import date

from identity.account_forms import FormReader
from identity.account_rights import require_administrator, require_may_open
from identity.accounts import NewAccount, UsernameTaken
from identity.opening import Desk, Opened, Together, open_by_invitation
from identity.organisation_store import OrganisationStore
from jingkuai.aws import keys
from jingkuai.aws.lookup import LookupKey
from jingkuai.aws.tables import Item
from jingkuai.domain.principal import Principal, Role, region_of
from jingkuai.domain.problem import Conflict
from jingkuai.domain.regions import PROVINCE
from jingkuai.domain.workdays import today_in_shanghai


class EmployerDiffers(Conflict):
    """The unit of this credit code stands under another name or in another region; no account was opened."""

    code = "employer_differs"
    title = "单位信息与已有的不一致"
    detail = (
        "该统一社会信用代码的单位已经建档，但名称或所在地与您填写的不一致，没有开通账号。"
        "请核对营业执照；单位更名或迁移的，请联系省级管理员办理。"
    )


class UnitSucceeded(Conflict):
    """Another unit has taken the place of this one; no account was opened."""

    code = "unit_succeeded"
    title = "该单位已并入其他单位"
    detail = "该单位已经并入其他单位，没有开通账号。请改用现在存续的单位开通。"


@dataclass(frozen=True, slots=True)
class InstitutionForm:
    """A training institution as typed; without a region it belongs to the bureau that opens it."""

    institution_id: str
    name: str
    uscc: str
    contact_phone: str
    years_open: tuple[int, ...]
    region_code: str | None = None


@dataclass(frozen=True, slots=True)
class EmployerForm:
    """An employer with one of its administrators, as typed."""

    uscc: str
    name: str
    region_code: str
    username: str
    administrator_name: str
    phone: str


def open_institution(form: InstitutionForm, desk: Desk) -> Opened:
    """Open an institution and the account it signs in with, both or none.

    Raises Forbidden outside the caller's region, Invalid with every problem at once, UsernameTaken. AWS calls: 1.
    """
    if desk.by:
        require_administrator(desk.by)
    today = today_in_shanghai(desk.clock())
    new, institution = read_institution(form, _home(desk.by), FormReader(today))
    if desk.by:
        require_may_open(desk.by, new.role, str(new.region_code))
    begun = Together(desk.store.accounts.organisations.begin_institution(institution), UsernameTaken())
    return open_by_invitation(new, desk, together=[begun])


def read_institution(form: InstitutionForm, home: str, reader: FormReader) -> tuple[NewAccount, Item]:
    """The account and the institution a form describes. Raises Invalid with every problem at once."""
    institution_id = reader.institution_id("institution_id", form.institution_id)
    name, uscc = reader.unit_name("name", form.name), reader.uscc("uscc", form.uscc)
    contact_phone = reader.contact_phone("contact_phone", form.contact_phone)
    years_open = reader.years("years_open", list(form.years_open))
    region_code = reader.region("region_code", form.region_code or home)
    reader.done()
    shown = {"institution_id": institution_id, "uscc": uscc, "years_open": years_open}
    new = NewAccount(
        role=Role.INSTITUTION,
        scope=institution_id,
        username=institution_id,
        name=name,
        region_code=region_code,
        shown=shown,
    )
    public = {"institution_id": institution_id, "name": name, "contact_phone": contact_phone, "years_open": years_open}
    institution = {
        **keys.institution_key(institution_id),
        "v": 1,
        **public,
        "uscc": uscc,
        "region_code": region_code,
        "queue": [],
        **keys.index(1, keys.INSTITUTIONS, institution_id),
        **keys.card(**public),
    }
    return new, institution


def open_employer(form: EmployerForm, desk: Desk) -> Opened:
    """Open an account of an employer's administrator; with the first one the employer begins, later ones join it.

    Raises Forbidden outside the caller's region, Invalid with every problem at once, UsernameTaken, EmployerDiffers;
    UnitSucceeded with the unit that has taken this one's place. AWS calls: 1.
    """
    if desk.by:
        require_administrator(desk.by)
    new = read_employer(form, desk.lookup, today_in_shanghai(desk.clock()))
    if desk.by:
        require_may_open(desk.by, new.role, form.region_code)
    units = desk.store.accounts.organisations
    standing = Together(units.stands(new.scope), UnitSucceeded())
    begun = Together(units.begin_employer(new.scope, new.shown["unit_name"], form.region_code), EmployerDiffers())
    try:
        return open_by_invitation(new, desk, together=[standing, begun])
    except UnitSucceeded as refused:
        raise succeeded(new.scope, units) from refused


def succeeded(gone: str, units: OrganisationStore) -> UnitSucceeded:
    """The refusal that names the unit which has taken this one's place. AWS calls: 1."""
    uscc, name = units.successor(gone)
    return UnitSucceeded(f"该单位已经并入{name}（{uscc}），账号没有任何改动。请核对后，用{name}的名称和代码办理。")


def read_employer(form: EmployerForm, lookup: LookupKey, today: date) -> NewAccount:
    """The administrator's account a form describes. Raises Invalid with every problem at once."""
    reader = FormReader(today)
    uscc, unit_name = reader.uscc("uscc", form.uscc), reader.unit_name("name", form.name)
    region_code = reader.region("region_code", form.region_code)
    username = reader.username("administrator.username", form.username)
    name = reader.person_name("administrator.name", form.administrator_name)
    phone_hash = reader.phone_hash("administrator.phone", form.phone, lookup)
    reader.done()
    return NewAccount(
        role=Role.EMPLOYER,
        scope=uscc,
        username=username,
        name=name,
        phone_hash=phone_hash,
        region_code=region_code,
        shown={"unit_name": unit_name},
    )


def _home(by: Principal | None) -> str:
    return region_of(by.scope) if by else PROVINCE
