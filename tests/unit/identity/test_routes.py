"""The identity routes through the gateway on one's desk: statuses, headers, shapes, and what is never told."""

import logging
import re
from typing import Any

import pytest
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.sns.models import sns_backends

from identity import wiring
from identity.api import app
from jingkuai.aws import clients
from jingkuai.web.access import rule_of
from tests.api.gateway import Answer, Gateway, declared_routes
from tests.cloud import REGION, Cloud

from .conftest import ID_NUMBER, PASSWORD, PHONE

OTHER_PHONE = "19901332460"


@pytest.fixture
def gateway(cloud: Cloud) -> Gateway:
    wiring.regions.cache_clear()
    return Gateway()


def last_code(phone: str) -> str:
    messages = sns_backends[DEFAULT_ACCOUNT_ID][REGION].sms_messages.values()
    text = [text for number, text in messages if number.endswith(phone)][-1]
    assert text.startswith("【湖北会计】")
    (code,) = re.findall(r"(?<!\d)\d{6}(?!\d)", text)
    return str(code)


def register(gateway: Gateway, **over: Any) -> Answer:
    body = {
        "id_type": "resident_id",
        "id_number": ID_NUMBER,
        "name": "欧阳建国",
        "phone": PHONE,
        "password": PASSWORD,
        "consent_version": "1",
        **over,
    }
    if "otp" not in body:
        asked = gateway.call("POST", "/auth/otp", {"phone": body["phone"], "purpose": "register"})
        assert asked.status == 202, asked.text
        body["otp"] = last_code(body["phone"])
    return gateway.call("POST", "/auth/register", body)


def test_routes_are_those_of_the_template() -> None:
    declared = {
        (one.method, one.path.replace("{", "<").replace("}", ">"))
        for one in declared_routes()
        if one.function == "IdentityApi"
    }
    routes = [*app._static_routes, *app._dynamic_routes]
    assert {(one.method, one.path) for one in routes} == declared
    assert all(rule_of(one) is not None for one in routes)


def test_a_person_registers_signs_in_refreshes_and_leaves(gateway: Gateway) -> None:
    registered = register(gateway)
    assert registered.status == 201
    assert {"person_id", "access_token", "refresh_token", "expires_in"} <= set(registered.json)
    signed_in = gateway.call("POST", "/auth/login", {"username": PHONE, "password": PASSWORD})
    assert signed_in.status == 200
    person_id = registered.json["person_id"]
    assert signed_in.json["account"] == {
        "account_id": person_id,
        "role": "accountant",
        "scope": person_id,
        "name_masked": "欧**国",
    }
    assert (signed_in.json["token_type"], signed_in.json["expires_in"]) == ("Bearer", 1800)
    turned = gateway.call("POST", "/auth/refresh", {"refresh_token": signed_in.json["refresh_token"]})
    assert turned.status == 200
    left = gateway.call("POST", "/auth/logout", {}, token=turned.json["access_token"])
    assert left.status == 204
    again = gateway.call("POST", "/auth/refresh", {"refresh_token": turned.json["refresh_token"]})
    assert (again.status, again.json["code"]) == (401, "unauthenticated")


def test_a_code_is_answered_alike_for_any_phone_and_limited(gateway: Gateway) -> None:
    asked = gateway.call("POST", "/auth/otp", {"phone": PHONE, "purpose": "reset"})
    assert (asked.status, asked.json) == (202, {"expires_in": 300, "retry_after": 60})
    assert last_code(PHONE) not in asked.text
    again = gateway.call("POST", "/auth/otp", {"phone": PHONE, "purpose": "login"})
    assert (again.status, again.json["code"]) == (429, "too_many_requests")
    assert 55 <= int(again.headers["retry-after"]) <= 60


@pytest.mark.parametrize(
    ("body", "status", "code", "field"),
    [
        ({"phone": "027-87665544", "purpose": "register"}, 422, "invalid", "phone"),
        ({"phone": PHONE, "purpose": "spam"}, 422, "invalid", "purpose"),
        ({"phone": PHONE}, 422, "invalid", "purpose"),
        ({"phone": 19901327120, "purpose": "register"}, 400, "bad_request", "phone"),
        ("{", 400, "bad_request", None),
    ],
)
def test_a_bad_request_for_a_code(gateway: Gateway, body: Any, status: int, code: str, field: str | None) -> None:
    refused = gateway.call("POST", "/auth/otp", body)
    assert (refused.status, refused.json["code"]) == (status, code)
    assert field is None or field in [error["field"] for error in refused.json["errors"]]


def test_registration_tells_every_problem_by_field(gateway: Gateway) -> None:
    refused = gateway.call(
        "POST", "/auth/register", {"id_type": "resident_id", "id_number": ID_NUMBER[:-1] + "1", "phone": "1"}
    )
    assert refused.status == 422
    assert {one["field"] for one in refused.json["errors"]} == {
        "id_number",
        "name",
        "phone",
        "password",
        "otp",
        "consent_version",
    }
    assert refused.headers["content-type"] == "application/problem+json"
    assert ID_NUMBER[:-1] not in refused.text


def test_an_id_number_taken_is_409(gateway: Gateway) -> None:
    assert register(gateway).status == 201
    taken = register(gateway, phone=OTHER_PHONE)
    assert (taken.status, taken.json["code"]) == (409, "id_number_registered")


def test_an_outdated_notice_is_422_by_its_own_code(gateway: Gateway) -> None:
    refused = register(gateway, consent_version="0", otp="123456")
    assert (refused.status, refused.json["code"]) == (422, "consent_outdated")


def test_five_failures_are_423_with_the_time_of_opening(gateway: Gateway) -> None:
    for _ in range(5):
        refused = gateway.call("POST", "/auth/login", {"username": "nobody", "password": "Wrong-2026-password"})
        assert (refused.status, refused.json["code"]) == (401, "bad_credentials")
    locked = gateway.call("POST", "/auth/login", {"username": "nobody", "password": "Wrong-2026-password"})
    assert (locked.status, locked.json["code"]) == (423, "account_locked")
    assert locked.json["opens_at"].endswith("Z")
    assert int(locked.headers["retry-after"]) > 1700


def test_a_code_signs_in_and_resets(gateway: Gateway) -> None:
    register(gateway, phone=OTHER_PHONE)
    clients.dynamodb().delete_item(TableName="Identity", Key=_limit_of(OTHER_PHONE))
    gateway.call("POST", "/auth/otp", {"phone": OTHER_PHONE, "purpose": "login"})
    body = {"phone": OTHER_PHONE, "otp": last_code(OTHER_PHONE)}
    assert gateway.call("POST", "/auth/login/otp", body).status == 200
    assert gateway.call("POST", "/auth/login/otp", body).json["code"] == "otp_invalid"
    clients.dynamodb().delete_item(TableName="Identity", Key=_limit_of(OTHER_PHONE))
    gateway.call("POST", "/auth/otp", {"phone": OTHER_PHONE, "purpose": "reset"})
    reset = {
        "id_number": ID_NUMBER,
        "phone": OTHER_PHONE,
        "otp": last_code(OTHER_PHONE),
        "new_password": "Changed-2026-again",
    }
    assert gateway.call("POST", "/auth/password/reset", reset).status == 204
    assert gateway.call("POST", "/auth/login", {"username": ID_NUMBER, "password": PASSWORD}).status == 401
    assert gateway.call("POST", "/auth/login", {"username": ID_NUMBER, "password": "Changed-2026-again"}).status == 200


def _limit_of(phone: str) -> Any:
    from jingkuai.aws.keys import limit_key
    from jingkuai.aws.lookup import lookup_key
    from jingkuai.aws.tables import to_wire

    return to_wire(limit_key(lookup_key().of("phone", phone)))


@pytest.mark.parametrize("path", ["/privacy-notice", "/regions", "/dictionaries"])
def test_public_data_may_be_kept_and_asked_for_anew(gateway: Gateway, path: str) -> None:
    first = gateway.call("GET", path)
    assert first.status == 200
    assert first.headers["cache-control"].startswith("public, max-age=")
    same = gateway.call("GET", path, headers={"If-None-Match": first.headers["etag"]})
    assert (same.status, same.text) == (304, "")
    assert same.headers["etag"] == first.headers["etag"]
    assert gateway.call("GET", path, headers={"If-None-Match": '"other"'}).status == 200


def test_public_data_has_the_shapes_of_the_contract(gateway: Gateway) -> None:
    assert gateway.call("GET", "/privacy-notice").json["version"] == "1"
    regions = gateway.call("GET", "/regions").json
    province = next(one for one in regions["divisions"] if one["code"] == "420000")
    assert province == {"code": "420000", "name": "湖北省", "level": "province", "parent": None}
    assert {"code": "430100", "name": "长沙市", "province": "430000"} in regions["elsewhere"]
    assert {"code": "430000", "name": "湖南省"} in regions["elsewhere"]
    assert gateway.call("GET", "/dictionaries").json["gender"] == [
        {"code": "male", "name": "男"},
        {"code": "female", "name": "女"},
    ]


def test_nothing_personal_is_logged_on_the_way(gateway: Gateway, capfd: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="identity")
    register(gateway)
    code = last_code(PHONE)
    gateway.call("POST", "/auth/login", {"username": ID_NUMBER, "password": "Wrong-2026-password"})
    gateway.call("POST", "/auth/login", {"username": ID_NUMBER, "password": PASSWORD})
    out, err = capfd.readouterr()
    for told in (ID_NUMBER, PHONE, "欧阳建国", PASSWORD, "Wrong-2026-password", code):
        assert told not in out + err
