"""Administration, invitations and second factors through the gateway on one's desk: statuses, shapes, pages, the command."""

from typing import Any

import pytest

from identity import wiring
from identity.accounts import NewAccount
from identity.api import handler
from identity.opening import open_account
from identity.totp import STEP_SECONDS, code_at
from jingkuai.aws.clock import utc_now
from jingkuai.aws.ids import uuid7
from jingkuai.domain.principal import Role
from tests.api.gateway import Answer, Gateway
from tests.cloud import Cloud

from .conftest import STAFF_PASSWORD, TOTP_SECRET

REVIEWER = {"username": "hanyang.wang", "name": "王小明", "phone": "19901332460", "role": "reviewer", "scope": "420105"}


@pytest.fixture
def gateway(cloud: Cloud) -> Gateway:
    return Gateway()


def signed_in(gateway: Gateway, role: Role, scope: str) -> str:
    """The access token of a new account of staff."""
    username = f"{role}.{scope}"
    open_account(
        NewAccount(role, scope, username, "王演示", password=STAFF_PASSWORD, totp_secret=TOTP_SECRET),
        by=None,
        store=wiring.store(),
        sealer=wiring.sealer(),
        clock=utc_now,
        new_id=uuid7,
    )
    code = code_at(TOTP_SECRET, int(utc_now().timestamp()) // STEP_SECONDS)
    body = {"username": username, "password": STAFF_PASSWORD, "totp": code}
    return str(gateway.call("POST", "/auth/login", body).json["access_token"])


def opened(gateway: Gateway, token: str, **over: Any) -> Answer:
    answer = gateway.call("POST", "/admin/staff", {**REVIEWER, **over}, token=token)
    assert answer.status == 201, answer.text
    return answer


def test_from_the_invitation_to_the_first_sign_in(gateway: Gateway) -> None:
    told = opened(gateway, signed_in(gateway, Role.ADMIN, "42")).json
    assert set(told) == {"account_id", "username", "invitation_url", "invitation_token"}
    assert told["invitation_url"] == f"https://registry.example/v1/auth/invitations/{told['invitation_token']}"
    link = f"/auth/invitations/{told['invitation_token']}"
    assert gateway.call("POST", link, {"password": STAFF_PASSWORD}).status == 204
    used = gateway.call("POST", link, {"password": "Another-Bureau-2026"})
    assert (used.status, used.json["code"]) == (404, "invitation_invalid")
    body = {"username": "hanyang.wang", "password": STAFF_PASSWORD}
    refused = gateway.call("POST", "/auth/login", body)
    assert (refused.status, refused.json["code"]) == (403, "totp_enrolment_required")
    secret = refused.json["enrolment"]["secret"]
    step = int(utc_now().timestamp()) // STEP_SECONDS
    enrolled = gateway.call("POST", "/auth/totp", {**body, "secret": secret, "totp": code_at(secret, step)})
    assert enrolled.status == 200
    (first, *others) = enrolled.json["recovery_codes"]
    assert len(others) == 9
    assert gateway.call("POST", "/auth/login", {**body, "totp": first}).json["account"]["scope"] == "420105"


def test_a_list_comes_in_pages(gateway: Gateway) -> None:
    token = signed_in(gateway, Role.ADMIN, "42")
    for number in range(3):
        opened(gateway, token, username=f"hanyang.{number}")
    seen, cursor = [], ""
    while True:
        page = gateway.call("GET", f"/admin/staff?limit=2{cursor}", token=token).json
        seen += [one["username"] for one in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert seen == ["admin.42", "hanyang.0", "hanyang.1", "hanyang.2"]


def test_the_same_request_under_its_key_is_answered_alike(gateway: Gateway) -> None:
    token, key = signed_in(gateway, Role.ADMIN, "42"), {"Idempotency-Key": "once"}
    answers = [gateway.call("POST", "/admin/staff", REVIEWER, token=token, headers=key) for _ in range(2)]
    assert answers[0].json == answers[1].json
    other = gateway.call("POST", "/admin/staff", {**REVIEWER, "username": "other"}, token=token, headers=key)
    assert (other.status, other.json["code"]) == (422, "idempotency_key_reused")


def test_a_suspension_is_told_and_a_reset_hands_out_a_link(gateway: Gateway) -> None:
    token = signed_in(gateway, Role.ADMIN, "42")
    account = f"/admin/staff/{opened(gateway, token).json['account_id']}"
    suspended = gateway.call("PATCH", account, {"suspended": True}, token=token)
    assert (suspended.status, suspended.json["suspended"]) == (200, True)
    assert suspended.json["invitation_token"] is None
    reset = gateway.call("PATCH", account, {"suspended": False, "reset": "password"}, token=token)
    assert reset.json["invitation_url"].endswith(reset.json["invitation_token"])


def test_the_last_admin_stays(gateway: Gateway) -> None:
    token = signed_in(gateway, Role.ADMIN, "42")
    (me,) = gateway.call("GET", "/admin/staff", token=token).json["items"]
    refused = gateway.call("PATCH", f"/admin/staff/{me['account_id']}", {"suspended": True}, token=token)
    assert (refused.status, refused.json["code"]) == (409, "last_admin")


@pytest.mark.parametrize(
    ("body", "status"), [({}, 422), ({"reset": "everything"}, 422), ({"suspended": "yes please"}, 400), ("{", 400)]
)
def test_a_change_has_to_be_one(gateway: Gateway, body: Any, status: int) -> None:
    token = signed_in(gateway, Role.ADMIN, "42")
    account = f"/admin/staff/{opened(gateway, token).json['account_id']}"
    assert gateway.call("PATCH", account, body, token=token).status == status


def test_a_county_administers_nobody(gateway: Gateway) -> None:
    token = signed_in(gateway, Role.REVIEWER, "420106")
    assert gateway.call("POST", "/admin/staff", REVIEWER, token=token).status == 403
    for path in ("/admin/staff", "/admin/institutions", "/admin/employers"):
        assert gateway.call("GET", path, token=token).status == 403


def test_an_institution_is_changed_by_its_own_id_too(gateway: Gateway) -> None:
    token = signed_in(gateway, Role.REVIEWER, "4201")
    new = {
        "institution_id": "hb-training",
        "name": "湖北示例培训中心",
        "uscc": "91420106MA4JURQ28M",
        "contact_phone": "027-87654321",
        "years_open": [2026],
    }
    assert gateway.call("POST", "/admin/institutions", new, token=token).status == 201
    changed = gateway.call("PATCH", "/admin/institutions/hb-training", {"suspended": True}, token=token)
    assert (changed.status, changed.json["suspended"]) == (200, True)
    (listed,) = gateway.call("GET", "/admin/institutions", token=token).json["items"]
    assert listed["suspended"] is True
    assert "027-87654321" not in str(listed)


def test_the_first_admin_is_opened_by_command_once(cloud: Cloud) -> None:
    given = {"command": "open_first_admin", "username": "hubei.admin", "name": "王管理", "phone": "19901332460"}
    context: Any = type(
        "Context",
        (),
        {"function_name": "identity", "memory_limit_in_mb": 1, "invoked_function_arn": "arn", "aws_request_id": "id"},
    )()
    assert handler({**given, "phone": "1"}, context)["errors"][0]["field"] == "phone"
    assert set(handler(given, context)) == {"account_id", "username", "invitation_token"}
    assert handler(given, context)["refused"] == "admin_exists"
    assert handler({"command": "renew_first_invitation"}, context)["username"] == "hubei.admin"
    assert handler({"command": "open_sesame"}, context)["refused"] == "unknown_command"
