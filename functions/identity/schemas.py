"""Requests and answers of the identity routes. What a value must be is told by the use cases, all problems at once."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from identity.accounts import Account
from identity.registration import RegistrationForm
from identity.sending_codes import Sent
from identity.sessions import Tokens
from identity.sign_in import Credentials
from jingkuai.domain.one_time_code import Purpose
from jingkuai.domain.phone import MainlandPhone
from jingkuai.domain.principal import Role
from jingkuai.domain.problem import Invalid, InvalidValue

Text = Annotated[str, Field(max_length=200)]
# Told as missing together with everything else that is wrong, hence no requirement of pydantic's own.
Typed = Annotated[str, Field(default="", max_length=200)]


class _Request(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)


class OtpRequest(_Request):
    """Ask for a one-time code."""

    phone: Text
    purpose: Purpose


class OtpAnswer(BaseModel):
    """The same whether or not the phone is known."""

    expires_in: int
    retry_after: int

    @classmethod
    def of(cls, sent: Sent) -> "OtpAnswer":
        return cls(expires_in=sent.expires_in, retry_after=sent.retry_after)


class RegisterRequest(_Request):
    """Register a person."""

    model_config = ConfigDict(
        json_schema_extra={"required": ["id_type", "id_number", "name", "phone", "otp", "password", "consent_version"]}
    )

    id_type: Typed
    id_number: Typed
    name: Typed
    phone: Typed
    otp: Typed
    password: Typed
    consent_version: Typed

    def form(self) -> RegistrationForm:
        return RegistrationForm(**self.model_dump())


class LoginRequest(_Request):
    """Sign in with a password, and change it where a new one is sent along."""

    username: Text
    password: Text
    totp: Text | None = None
    new_password: Text | None = None

    def credentials(self) -> Credentials:
        return Credentials(self.username, self.password, self.totp, self.new_password)


class LoginByCodeRequest(_Request):
    """Sign in with a code sent to the phone."""

    phone: Text
    otp: Text


class RefreshRequest(_Request):
    """Turn a refresh token over."""

    refresh_token: Text


class ResetRequest(_Request):
    """Set a new password."""

    id_number: Text
    phone: Text
    otp: Text
    new_password: Text


class AccountView(BaseModel):
    """Whose the tokens are."""

    account_id: str
    role: Role
    scope: str
    name_masked: str

    @classmethod
    def of(cls, account: Account) -> "AccountView":
        return cls(
            account_id=account.account_id, role=account.role, scope=account.scope, name_masked=account.name_masked
        )


class TokensAnswer(BaseModel):
    """An access token for the Authorization header and the refresh token that follows it."""

    access_token: str
    token_type: str = "Bearer"  # noqa: S105 — the scheme's name (RFC 6750)
    expires_in: int
    refresh_token: str
    account: AccountView

    @classmethod
    def of(cls, tokens: Tokens) -> "TokensAnswer":
        return cls(
            access_token=tokens.access_token,
            expires_in=tokens.expires_in,
            refresh_token=tokens.refresh_token,
            account=AccountView.of(tokens.account),
        )


class RegisteredAnswer(TokensAnswer):
    """A new person, signed in."""

    person_id: str

    @classmethod
    def of(cls, tokens: Tokens) -> "RegisteredAnswer":
        return cls(person_id=tokens.account.account_id, **TokensAnswer.of(tokens).model_dump())


def phone_of(typed: str) -> MainlandPhone:
    """The phone a request names. Raises Invalid."""
    try:
        return MainlandPhone.parse(typed)
    except InvalidValue as refused:
        raise Invalid(errors=[refused.at("phone")]) from refused
