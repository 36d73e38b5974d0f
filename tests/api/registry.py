"""A whole registry on one's desk: moto's AWS, the real handlers behind the gateway, and everybody who takes part in the main job.

Everything happens through routes and events. Only accounts of staff, institutions and employers are opened by the
identity context's own use case, as the local stack does it.
"""

from __future__ import annotations

import csv
import hashlib
import io
import random
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from moto.backends import get_backend

from identity import totp
from identity.accounts import NewAccount
from identity.opening import open_account
from identity.wiring import sealer, store
from jingkuai.aws import clients, keys
from jingkuai.aws.clock import utc_now
from jingkuai.aws.ids import uuid7
from jingkuai.aws.lookup import lookup_key
from jingkuai.aws.tables import Item
from jingkuai.domain.principal import STAFF, Role
from jingkuai.domain.scan import SCANS
from tests import people
from tests.api.gateway import Answer, Gateway, invoke
from tests.api.workflows import Workflows
from tests.cloud import REGION, Cloud, furnished
from tools.local import samples

CONTEXTS = ("identity", "register", "review", "credits", "notices", "outbox", "projections")
PASSWORD = samples.PASSWORD
STAFF_PASSWORD = "Wuchang-2026-review"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
WUCHANG, WUHAN, HUBEI, YILING = "420106", "4201", "42", "420506"
TRAINING, OTHER_TRAINING = "example-training", "other-training"
HEADINGS = ("身份证件号码", "姓名", "培训年度", "科目类别", "课程名称", "学分", "完成日期", "课程编号", "备注")
UNIT_NAME = "湖北示例新设会计有限公司"
Person = dict[str, str]


@dataclass
class Caller:
    """Somebody at the API: nobody in particular, or the holder of tokens."""

    gateway: Gateway
    origin: str = "198.51.100.1"
    token: str | None = None
    refresh_token: str = ""
    account_id: str = ""

    def get(self, path: str, **more: Any) -> Answer:
        return self.call("GET", path, **more)

    def post(self, path: str, body: Any = None, **more: Any) -> Answer:
        return self.call("POST", path, {} if body is None else body, **more)

    def put(self, path: str, body: Any, **more: Any) -> Answer:
        return self.call("PUT", path, body, **more)

    def call(self, method: str, path: str, body: Any = None, *, headers: Mapping[str, str] | None = None) -> Answer:
        return self.gateway.call(method, path, body, token=self.token, headers=headers, origin=self.origin)

    def holding(self, tokens: Mapping[str, Any]) -> Caller:
        """The same caller with the tokens of an answer."""
        account = tokens["account"]["account_id"]
        return Caller(self.gateway, self.origin, tokens["access_token"], tokens["refresh_token"], account)


@dataclass
class Accountant(Caller):
    """A person of the registry, signed in."""

    person: Person = None  # type: ignore[assignment]  # always given; a field after those with defaults needs one

    def row(self, course: str, credits: object = 20, category: str = "专业科目", **other: object) -> list[object]:
        """A row of a credit file about this person."""
        told = {"year": 2026, "done": "2026-05-01", "no": "", **other}
        who = [self.person["id_number"], self.person["name"]]
        return [*who, told["year"], category, course, credits, told["done"], told["no"], ""]


class Registry:
    """The deployment and its people; accounts are opened and signed in when first asked for."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.gateway = Gateway()
        self.workflows = Workflows()
        self.chance = random.Random("people of tests/api")
        self._accounts: dict[str, Caller] = {}
        self._steps: dict[str, int] = {}

    # --- people

    @property
    def nobody(self) -> Caller:
        """Somebody without a token, at an address of their own."""
        return Caller(self.gateway, f"203.0.113.{self.chance.randrange(256)}.{self.chance.randrange(10**6)}")

    def somebody(self, **known: str) -> Person:
        """A person who is not registered yet."""
        return people.person(self.chance, **known)

    def registration(self, person: Person, **changed: Any) -> dict[str, Any]:
        """The body of a registration; its code is asked for unless one is given."""
        known = {name: person[name] for name in ("id_type", "id_number", "name", "phone")}
        code = {} if "otp" in changed else {"otp": self.code(person["phone"], "register")}
        return {**known, **code, "password": PASSWORD, "consent_version": "1", **changed}

    def newcomer(self, person: Person | None = None) -> Accountant:
        """Somebody who has just registered."""
        person = person or self.somebody()
        nobody = self.nobody
        tokens = _good(nobody.post("/auth/register", self.registration(person)), 201)
        held = nobody.holding(tokens)
        return Accountant(**vars(held), person=person)

    def accountant(self, person: Person | None = None) -> Accountant:
        """Somebody with an approved record."""
        somebody = self.newcomer(person)
        submission_id = self.submitted(somebody)
        self.decide(submission_id, "approve", somebody.person["region_code"])
        return somebody

    def account(self, role: Role, scope: str) -> Caller:
        """Staff, an institution or an employer, signed in."""
        username = scope if role is Role.INSTITUTION else f"{role}.{scope}".lower()
        if username not in self._accounts:
            self.open(role, scope, username)
            self._accounts[username] = self.sign_in(role, username)
        return self._accounts[username]

    def open(self, role: Role, scope: str, username: str, **other: Any) -> str:
        """Open an account and answer its id."""
        known = {"password": STAFF_PASSWORD, "totp_secret": SECRET if role in STAFF else None, **other}
        new = NewAccount(role, scope, username, "演示账号", **known)
        beginning = {Role.INSTITUTION: _institution, Role.EMPLOYER: unit}
        beside = [beginning[role](scope)] if role in beginning else []
        return open_account(new, by=None, store=store(), sealer=sealer(), clock=utc_now, new_id=uuid7, beside=beside)

    def sign_in(self, role: Role, username: str) -> Caller:
        """The account with new tokens."""
        body = {"username": username, "password": STAFF_PASSWORD} | (
            {"totp": self.totp(username)} if role in STAFF else {}
        )
        nobody = self.nobody
        return nobody.holding(_good(nobody.post("/auth/login", body), 200))

    def totp(self, username: str) -> str:
        """A code of the account's second factor that was not used yet: this half minute's, then the next one's."""
        now = int(utc_now().timestamp()) // totp.STEP_SECONDS
        self._steps[username] = max(now - 1, self._steps.get(username, 0)) + 1
        return totp.code_at(SECRET, self._steps[username])

    def reviewer(self, scope: str = WUCHANG) -> Caller:
        return self.account(Role.REVIEWER, scope)

    def head(self) -> Caller:
        """The head of the bureau of 420106."""
        username = "head.420106"
        if username not in self._accounts:
            account_id = self.open(Role.REVIEWER, WUCHANG, username)
            self.cloud.identity.update(keys.account_key(account_id), "SET card.head = :yes", values={":yes": True})
            self._accounts[username] = self.sign_in(Role.REVIEWER, username)
        return self._accounts[username]

    @property
    def admin(self) -> Caller:
        return self.account(Role.ADMIN, HUBEI)

    @property
    def auditor(self) -> Caller:
        return self.account(Role.AUDITOR, HUBEI)

    @property
    def employer(self) -> Caller:
        return self.unit("91420106MA4K2RTU5T")

    def unit(self, uscc: str) -> Caller:
        """An employer's administrator."""
        return self.account(Role.EMPLOYER, uscc)

    def institution(self, institution_id: str = TRAINING) -> Caller:
        return self.account(Role.INSTITUTION, institution_id)

    # --- short messages

    def code(self, phone: str, purpose: str) -> str:
        """A new one-time code, asked for and read from the phone."""
        self.let_a_minute_pass(phone)
        _good(self.nobody.post("/auth/otp", {"phone": phone, "purpose": purpose}), 202)
        (code,) = re.findall(r"验证码(\d{6})", self.messages_to(phone)[-1])
        return str(code)

    def messages_to(self, phone: str) -> list[str]:
        """Every short message this phone has got, oldest first."""
        return [text for number, text in _backend("sns").sms_messages.values() if number == f"+86{phone}"]

    def let_a_minute_pass(self, phone: str) -> None:
        """Until the next code may be asked for; as far as this phone's limit is concerned."""
        self.cloud.identity.delete(keys.limit_key(lookup_key().of("phone", phone)))

    # --- scans and submissions

    def scan(self, of: Caller, kind: str = "id_front", content: bytes | None = None, **changed: Any) -> str:
        """A scan announced, uploaded under the key of its form, and inspected; its id."""
        content = samples.scan(kind) if content is None else content
        announced = _good(of.post("/me/attachments", announcement(content, kind, **changed)), 201)
        key = announced["upload"]["fields"]["key"]
        clients.s3().put_object(Bucket=self.cloud.uploads, Key=key, Body=content)
        invoke("RegisterInspect", object_created(self.cloud.uploads, key, len(content)))
        return str(announced["attachment_id"])

    def form(self, of: Accountant, **changed: Any) -> dict[str, Any]:
        """The body of a submission with every scan it needs."""
        wish = {
            "payload": samples.registration_of(of.person),
            "attachment_ids": [self.scan(of, kind) for kind in samples.SCANS],
        }
        return {"kind": "registration", **wish, **changed}

    def change(self, of: Accountant, kind: str, payload: Mapping[str, Any], *scans: str) -> dict[str, Any]:
        """A change of the record, ready to be filed."""
        return {"kind": kind, "payload": payload, "attachment_ids": [self.scan(of, one) for one in scans]}

    def identity_change(self, of: Accountant, **changed: Any) -> dict[str, Any]:
        """Another ID number by a decision of the police, with its proofs."""
        payload = {"id_number": people.id_number(self.chance), "reason": "公安机关更正", **changed}
        return self.change(of, "identity_change", payload, "police_certificate", "id_front", "id_back")

    def submitted(self, by: Accountant) -> str:
        """A registration filed and, after its automatic check, in the bureau's inbox; its id."""
        submission_id = str(_good(by.post("/me/submissions", self.form(by)), 201)["submission_id"])
        self.workflows.settle()
        return submission_id

    def task_of(self, submission_id: str, region: str = WUCHANG, state: str = "open") -> str:
        """The submission's task in the bureau's inbox."""
        listed = _good(self.reviewer(region).get(f"/review/tasks?limit=100&state={state}"), 200)
        return str(next(one["task_id"] for one in reversed(listed["items"]) if one["subject_id"] == submission_id))

    def decide(self, submission_id: str, decision: str, region: str = WUCHANG, reason: str = "已核对") -> str:
        """A bureau decides and the workflow goes on; the task's id."""
        task_id = self.task_of(submission_id, region)
        body = {"decision": decision, "reason": reason, "fields": []}
        _good(self.reviewer(region).post(f"/review/tasks/{task_id}/decision", body), 200)
        self.workflows.settle()
        return task_id

    # --- credits

    def imported(
        self, rows: Iterable[Sequence[object]], filename: str = "年度学分.csv", *, by: Caller | None = None
    ) -> str:
        """A credit file announced, uploaded and imported to its end; the id of its import."""
        by, content = by or self.institution(), table(rows)
        announced = _good(
            by.post("/institution/imports", {"filename": filename, "size": len(content), "year": 2026}), 201
        )
        self.arrive(announced["upload"]["fields"]["key"], content)
        return str(announced["import_id"])

    def arrive(self, key: str, content: bytes) -> None:
        """A file lies in the bucket, and what follows has ended."""
        clients.s3().put_object(Bucket=self.cloud.uploads, Key=key, Body=content)
        invoke("CreditsIntake", object_created(self.cloud.uploads, key, len(content)))
        self.workflows.settle()

    def fulfilled(self, person: Person | None = None) -> Accountant:
        """Somebody with an approved record and a year with all its credits."""
        somebody = self.accountant(person)
        self.imported([somebody.row("准则", 60), somebody.row("职业道德", 30, "公需科目")])
        return somebody


def announcement(content: bytes, kind: str = "id_front", **changed: Any) -> dict[str, Any]:
    """The description of a file about to be uploaded."""
    told = {"kind": kind, "filename": f"{kind}.jpg", "content_type": "image/jpeg", "size": len(content)}
    return {**told, "sha256": hashlib.sha256(content).hexdigest(), **changed}


def object_created(bucket: str, key: str, size: int) -> dict[str, Any]:
    """What EventBridge tells of an object."""
    detail = {
        "bucket": {"name": bucket},
        "object": {"key": key, "size": size, "sequencer": hashlib.md5(key.encode()).hexdigest()},
    }
    return {"source": "aws.s3", "detail-type": "Object Created", "detail": detail}


def table(rows: Iterable[Sequence[object]], headings: Sequence[str] = HEADINGS) -> bytes:
    """A credit file."""
    out = io.StringIO()
    csv.writer(out).writerows([headings, *rows])
    return out.getvalue().encode()


class QuickRegistry(Registry):
    """A registry in which every scan is accepted unseen: for tests that file many and look at none."""

    def scan(self, of: Caller, kind: str = "id_front", content: bytes | None = None, **changed: Any) -> str:
        attachment_id = uuid7(utc_now())
        told = announcement(attachment_id.encode(), kind, **changed)
        record_key = f"{SCANS}{attachment_id}"
        clients.s3().put_object(Bucket=self.cloud.records, Key=record_key, Body=attachment_id.encode())
        known = {
            "attachment_id": attachment_id,
            "owner": of.account_id,
            "status": "accepted",
            "record_key": record_key,
            "problems": [],
        }
        self.cloud.registry.put({**keys.attachment_key(attachment_id), "v": 1, **told, **known})
        return attachment_id


@contextmanager
def opened(kind: type[Registry] = Registry) -> Iterator[Registry]:
    """A new registry, and gone."""
    with furnished() as cloud:
        _cold_start()
        yield kind(cloud)
        _cold_start()


def _cold_start() -> None:
    """Forget what the functions' processes have kept."""
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] in CONTEXTS:
            for one in vars(module).values():
                if hasattr(one, "cache_clear") and one.__module__ == name:
                    one.cache_clear()


def _backend(service: str) -> Any:
    return get_backend(service)["123456789012"][REGION]  # type: ignore[call-overload]


def _institution(institution_id: str) -> Item:
    shown = {"institution_id": institution_id, "name": f"湖北示例培训中心{institution_id}", "years_open": [2026, 2025]}
    return {**keys.institution_key(institution_id), "v": 1, **shown, "queue": []}


def unit(uscc: str) -> Item:
    """A unit with an account, under the name that people in these tests work for."""
    shown = {"uscc": uscc, "name": UNIT_NAME, "region_code": WUCHANG}
    place = keys.index(1, keys.EMPLOYERS, f"{WUCHANG}#{uscc}")
    return {**keys.employer_key(uscc), "v": 1, **shown, **keys.card(**shown), **place}


def _good(answer: Answer, status: int) -> Any:
    assert answer.status == status, (answer.status, answer.text)
    return answer.json
