"""An identity context of its own for each test: real stores on moto, a clock that stands still, texts that are kept."""

import json
import logging
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from argon2 import PasswordHasher

from identity import passwords
from identity.account_rules import AccountRules
from identity.accounts import NewAccount
from identity.code_store import CodeStore
from identity.invitations import accept
from identity.opening import Desk, open_account
from identity.registration import RegistrationForm, register
from identity.second_factor import enrol
from identity.sending_codes import send_code
from identity.session_store import SessionStore
from identity.sessions import Issuer, Tokens, refresh
from identity.sign_in import Credentials, password_proven, sign_in
from identity.staff import StaffForm
from identity.store import IdentityStore
from identity.totp import STEP_SECONDS, code_at
from jingkuai.aws import clients
from jingkuai.aws.idempotency import RequestKey
from jingkuai.aws.ids import uuid7
from jingkuai.aws.lookup import LookupKey, lookup_key
from jingkuai.aws.sealing import Sealer
from jingkuai.aws.settings import settings
from jingkuai.aws.signing import Signer, signer
from jingkuai.aws.tables import Item, Table
from jingkuai.domain.one_time_code import Purpose
from jingkuai.domain.phone import MainlandPhone
from jingkuai.domain.principal import Principal, Role
from tests.cloud import ROOT, Cloud
from tests.conftest import NOON
from tests.doubles import Now, Texts

PASSWORD = "Jingkuai-2026-test"
STAFF_PASSWORD = "Hanyang-Bureau-2026"
TOTP_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # the secret of RFC 6238's examples
ID_NUMBER = "429004196505317038"
PHONE = "19901327120"
RULES = AccountRules.from_policy(json.loads((ROOT / "infra/policies/account_rules.json").read_text()))

_CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
_NOBODYS = _CHEAP.hash("nobody has this password")


@dataclass
class House:
    """Everything a use case of this context is handed."""

    identity: Table
    registry: Table
    lookup: LookupKey
    sealer: Sealer
    signer: Signer
    clock: Now
    sms: Texts
    calls: list[str]

    def __post_init__(self) -> None:
        self.store = IdentityStore(self.identity, self.registry)
        self.codes = CodeStore(self.identity)
        self.sessions = SessionStore(self.identity, self.registry)
        self.issuer = Issuer(self.signer, uuid7, os.urandom, RULES.sessions)
        self.rules = RULES
        self.keys = {self.signer.key_id: self.signer}

    def code(self, phone: str = PHONE, purpose: Purpose = Purpose.REGISTER, **over: Any) -> str:
        """Ask for a code and read it from the text."""
        given = {
            "address": "203.0.113.9",
            "a_minute": 20,
            "per_phone": self.rules.codes_per_phone,
            "store": self.codes,
            "lookup": self.lookup,
            "sms": self.sms,
            "clock": self.clock,
            "random": os.urandom,
        }
        send_code(MainlandPhone(phone), purpose, **{**given, **over})
        return "".join(one for one in self.sms.sent[-1][1].split("，")[0] if one.isdigit())

    def form(self, **over: str) -> RegistrationForm:
        typed = {
            "id_type": "resident_id",
            "id_number": ID_NUMBER,
            "name": "欧阳建国",
            "phone": PHONE,
            "password": PASSWORD,
            "consent_version": "1",
            **over,
        }
        return RegistrationForm(**typed)

    def register(self, **over: str) -> Tokens:
        """Register somebody, asking for the code first unless one is given."""
        if "otp" not in over:
            over["otp"] = self.code(over.get("phone", PHONE))
        return register(
            self.form(**over),
            store=self.store,
            codes=self.codes,
            lookup=self.lookup,
            sealer=self.sealer,
            issuer=self.issuer,
            clock=self.clock,
            new_id=uuid7,
        )

    def sign_in(
        self, username: str, password: str = PASSWORD, totp: str | None = None, *, new_password: str | None = None
    ) -> Tokens:
        return sign_in(
            Credentials(username, password, totp, new_password),
            origin="203.0.113.9",
            store=self.store,
            lookup=self.lookup,
            sealer=self.sealer,
            issuer=self.issuer,
            rules=self.rules,
            clock=self.clock,
            new_id=uuid7,
        )

    def open_account(self, **over: Any) -> str:
        """An account of staff unless told otherwise."""
        given: dict[str, Any] = {
            "role": Role.REVIEWER,
            "scope": "420106",
            "username": "wuchang.li",
            "name": "李审核",
            "password": STAFF_PASSWORD,
            "totp_secret": TOTP_SECRET,
        }
        beside = over.pop("beside", ())
        return open_account(
            NewAccount(**{**given, **over}),
            by=None,
            store=self.store,
            sealer=self.sealer,
            clock=self.clock,
            new_id=uuid7,
            beside=beside,
        )

    def refresh(self, tokens: Tokens) -> Tokens:
        return refresh(tokens.refresh_token, store=self.sessions, issuer=self.issuer, clock=self.clock)

    def desk(self, by: Principal | None = None, request: RequestKey | None = None) -> Desk:
        """What opening and changing accounts takes, by somebody's hand."""
        return Desk(
            by=by,
            store=self.store,
            sealer=self.sealer,
            lookup=self.lookup,
            random=os.urandom,
            clock=self.clock,
            new_id=uuid7,
            request=request,
        )

    def staff_form(self, **over: Any) -> StaffForm:
        typed = {
            "username": "hanyang.wang",
            "name": "王小明",
            "phone": "19901332460",
            "role": "reviewer",
            "scope": "420105",
        }
        return StaffForm(**{**typed, **over})

    def accept(self, token: str, password: str = STAFF_PASSWORD) -> None:
        accept(
            token,
            password,
            origin="203.0.113.9",
            accounts=self.store.accounts,
            clock=self.clock,
            new_id=uuid7,
        )

    def enrol(
        self,
        username: str,
        password: str = STAFF_PASSWORD,
        *,
        secret: str = TOTP_SECRET,
        code: str | None = None,
    ) -> tuple[str, ...]:
        """Enrol a second factor with the code of this half minute; answers the recovery codes."""
        with password_proven(
            username,
            password,
            origin="203.0.113.9",
            store=self.store,
            lookup=self.lookup,
            rules=self.rules.lock,
            now=self.clock(),
            new_id=uuid7,
        ) as proven:
            return enrol(
                proven.account,
                secret,
                code or self.totp(secret),
                origin="203.0.113.9",
                accounts=self.store.accounts,
                sealer=self.sealer,
                lookup=self.lookup,
                random=os.urandom,
                clock=self.clock,
                new_id=uuid7,
            )

    def totp(self, secret: str = TOTP_SECRET) -> str:
        """The code that an app shows at this moment."""
        return code_at(secret, int(self.clock().timestamp()) // STEP_SECONDS)

    def audit(self, subject: str) -> list[Item]:
        """What happened to an account, in order."""
        return sorted(self.items(self.registry, f"AU#{subject}"), key=lambda entry: str(entry["at"]))

    def items(self, table: Table, prefix: str = "") -> list[Item]:
        """Everything stored whose partition begins like this; for assertions only."""
        from jingkuai.aws.tables import from_wire

        found = [from_wire(item) for item in table.client.scan(TableName=table.name)["Items"]]
        return [item for item in found if item["pk"].startswith(prefix)]


@pytest.fixture
def house(cloud: Cloud) -> House:
    calls: list[str] = []
    for client in (clients.dynamodb(), clients.kms()):
        client.meta.events.register("before-call.*.*", _noted(calls))
    return House(
        identity=cloud.identity,
        registry=cloud.registry,
        lookup=lookup_key(),
        sealer=Sealer(clients.kms(), settings().data_key_id),
        signer=signer(settings().token_key_id),
        clock=Now(NOON),
        sms=Texts(),
        calls=calls,
    )


def _noted(calls: list[str]) -> Callable[..., None]:
    def note(model: Any, **_: Any) -> None:
        calls.append(model.name)

    return note


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2id that costs nearly nothing; `test_passwords.py` has the real one."""
    monkeypatch.setattr(passwords, "_hasher", lambda: _CHEAP)
    monkeypatch.setattr(passwords, "NOBODYS", _NOBODYS)


@pytest.fixture(autouse=True)
def no_personal_data_in_logs(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Whatever a test did, its logs name nobody."""
    caplog.set_level(logging.INFO)
    yield
    for told in (ID_NUMBER, PHONE, "欧阳建国", PASSWORD):
        assert told not in caplog.text
