"""Requests and answers of the routes that open and administer accounts. Values are read by the forms, all problems at once."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from identity.account_changes import AccountChange, Changed, Reset
from identity.opening import Opened
from identity.organisations import EmployerForm, InstitutionForm
from identity.schemas import Text, Typed
from identity.staff import StaffForm
from jingkuai.aws.tables import Item
from jingkuai.domain.principal import Role
from jingkuai.domain.problem import FieldProblem, Invalid


class _Request(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)


class InvitationRequest(_Request):
    """The first password, or the one after a reset."""

    password: Text


class TotpRequest(_Request):
    """Enrol a second factor: the secret, and a code of the app that holds it."""

    username: Text
    password: Text
    secret: Text
    totp: Text


class RecoveryCodesAnswer(BaseModel):
    """Shown once. Each opens the account once in place of a code of the app."""

    recovery_codes: tuple[str, ...]


class StaffRequest(_Request):
    """Open an account of a bureau's staff."""

    model_config = ConfigDict(json_schema_extra={"required": ["username", "name", "phone", "role", "scope"]})

    username: Typed
    name: Typed
    phone: Typed
    role: Typed
    scope: Typed
    id_number: Text | None = None
    head: bool = False

    def form(self) -> StaffForm:
        return StaffForm(**self.model_dump())


class InstitutionRequest(_Request):
    """Open a training institution with its account."""

    model_config = ConfigDict(json_schema_extra={"required": ["institution_id", "name", "uscc", "contact_phone"]})

    institution_id: Typed
    name: Typed
    uscc: Typed
    contact_phone: Typed
    years_open: Annotated[tuple[int, ...], Field(default=(), max_length=100)]
    region_code: Text | None = None

    def form(self) -> InstitutionForm:
        return InstitutionForm(**self.model_dump())


class AdministratorRequest(_Request):
    """Who acts for an employer."""

    model_config = ConfigDict(json_schema_extra={"required": ["username", "name", "phone"]})

    username: Typed
    name: Typed
    phone: Typed


class EmployerRequest(_Request):
    """Open an employer with an administrator, or another administrator of one that is there."""

    model_config = ConfigDict(json_schema_extra={"required": ["uscc", "name", "region_code", "administrator"]})

    uscc: Typed
    name: Typed
    region_code: Typed
    administrator: Annotated[AdministratorRequest, Field(default_factory=lambda: AdministratorRequest())]

    def form(self) -> EmployerForm:
        who = self.administrator
        return EmployerForm(self.uscc, self.name, self.region_code, who.username, who.name, who.phone)


class OpenedAnswer(BaseModel):
    """A new account; the link is shown once."""

    account_id: str
    username: str
    invitation_url: str
    invitation_token: str

    @classmethod
    def of(cls, opened: Opened, url: str) -> "OpenedAnswer":
        return cls(
            account_id=opened.account_id, username=opened.username, invitation_url=url, invitation_token=opened.token
        )


class ChangeRequest(_Request):
    """What shall be different; what is left out stays."""

    suspended: bool | None = None
    scope: Text | None = None
    reset: Reset | None = None

    def change(self) -> AccountChange:
        """Raises Invalid where nothing is asked for."""
        if self.suspended is None and self.scope is None and self.reset is None:
            text = "没有要调整的内容，请填写 suspended、scope、reset 中的至少一项。"
            raise Invalid(errors=[FieldProblem(name, "missing", text) for name in ("suspended", "scope", "reset")])
        return AccountChange(self.suspended, self.scope, self.reset)


class StaffView(BaseModel):
    """A member of staff."""

    account_id: str
    username: str
    name: str
    role: Role
    scope: str
    head: bool
    suspended: bool

    @classmethod
    def of(cls, card: Item) -> "StaffView":
        return cls(**{"head": False, **{name: card[name] for name in cls.model_fields if name in card}})


class InstitutionView(BaseModel):
    """A training institution."""

    account_id: str
    username: str
    institution_id: str
    name: str
    uscc: str
    years_open: list[int]
    region_code: str
    suspended: bool

    @classmethod
    def of(cls, card: Item) -> "InstitutionView":
        return cls(**{name: card[name] for name in cls.model_fields})


class AdministratorView(BaseModel):
    """Who acts for an employer."""

    username: str
    name: str


class EmployerView(BaseModel):
    """An administrator of an employer; an employer with several stands in the list once for each."""

    account_id: str
    username: str
    uscc: str
    name: str
    region_code: str
    administrator: AdministratorView
    suspended: bool

    @classmethod
    def of(cls, card: Item, name: str | None = None) -> "EmployerView":
        """`name` is what the unit is called now, where that is known."""
        return cls(
            account_id=card["account_id"],
            username=card["username"],
            uscc=card["scope"],
            name=name or card["unit_name"],
            region_code=card["region_code"],
            administrator=AdministratorView(username=card["username"], name=card["name"]),
            suspended=card["suspended"],
        )


class ChangedAnswer(BaseModel):
    """The account as it stands now; with a link where its password was reset, which is shown once."""

    account_id: str
    username: str
    role: Role
    scope: str
    suspended: bool
    invitation_url: str | None = None
    invitation_token: str | None = None

    @classmethod
    def of(cls, changed: Changed, url: str | None) -> "ChangedAnswer":
        account = changed.account
        return cls(
            account_id=account.account_id,
            username=str(account.username),
            role=account.role,
            scope=account.scope,
            suspended=account.suspended,
            invitation_url=url,
            invitation_token=changed.token,
        )
