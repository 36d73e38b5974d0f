"""The identity routes through the gateway: codes, registration, sessions, and what anybody may read."""

from __future__ import annotations

import json

import pytest

from jingkuai.aws import keys
from jingkuai.domain.principal import Role
from tests.api.refusals import in_chinese, refused
from tests.api.registry import PASSWORD, STAFF_PASSWORD, TRAINING, WUCHANG, Accountant, Registry

NEW_PASSWORD = "another-Password-of-2026"
TOKENS = {"access_token", "token_type", "expires_in", "refresh_token", "account"}


@pytest.fixture(scope="module")
def somebody(registry: Registry) -> Accountant:
    """Registered, for tests that leave the account as it is."""
    return registry.newcomer()


# ------------------------------------------------------------------ what anybody may read


def test_the_notice_has_its_version_and_text(registry: Registry) -> None:
    answer = registry.nobody.get("/privacy-notice")
    assert (answer.status, answer.json["version"]) == (200, "1")
    assert answer.json["body_html"].startswith("<") and in_chinese(answer.json["body_html"])


def test_the_regions_are_those_of_hubei_and_elsewhere(registry: Registry) -> None:
    regions = registry.nobody.get("/regions").json
    by_code = {one["code"]: one for one in regions["divisions"]}
    wuchang = by_code["420106"]
    assert (wuchang["name"], wuchang["level"], wuchang["parent"]) == ("武昌区", "county", "420100")
    assert "office" not in wuchang, "absent until the bureau has entered it"
    assert {one["code"] for one in regions["elsewhere"]} >= {"430000", "430100"}


def test_the_dictionaries_hold_the_values_of_coded_fields(registry: Registry) -> None:
    dictionaries = registry.nobody.get("/dictionaries").json
    assert {"code": "01", "name": "汉族"} in dictionaries["ethnicity"]
    assert all(set(one) == {"code", "name"} for values in dictionaries.values() for one in values)


@pytest.mark.parametrize("path", ["/privacy-notice", "/regions", "/dictionaries"])
def test_public_data_may_be_kept_and_is_sent_once(registry: Registry, path: str) -> None:
    first = registry.nobody.get(path)
    assert first.headers["cache-control"].startswith("public, max-age=")
    again = registry.nobody.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status, again.text, again.headers["etag"]) == (304, "", first.headers["etag"])
    assert registry.nobody.get(path, headers={"If-None-Match": '"another"'}).status == 200


# ------------------------------------------------------------------ one-time codes


def test_a_code_arrives_by_short_message_alone(registry: Registry) -> None:
    phone = registry.somebody()["phone"]
    answer = registry.nobody.post("/auth/otp", {"phone": phone, "purpose": "register"})
    assert (answer.status, answer.json) == (202, {"expires_in": 300, "retry_after": 60})
    (text,) = registry.messages_to(phone)
    assert text.startswith("【湖北会计】验证码")


def test_the_answer_is_the_same_for_a_phone_that_is_known(registry: Registry, somebody: Accountant) -> None:
    registry.let_a_minute_pass(somebody.person["phone"])
    known = registry.nobody.post("/auth/otp", {"phone": somebody.person["phone"], "purpose": "login"})
    unknown = registry.nobody.post("/auth/otp", {"phone": registry.somebody()["phone"], "purpose": "login"})
    assert (known.status, known.text, known.headers) == (unknown.status, unknown.text, unknown.headers)


def test_an_appeals_code_is_good_for_half_an_hour(registry: Registry) -> None:
    asked = {"phone": registry.somebody()["phone"], "purpose": "appeal"}
    assert registry.nobody.post("/auth/otp", asked).json["expires_in"] == 1800


def test_a_second_code_within_a_minute_is_refused_with_the_time_to_wait(registry: Registry) -> None:
    asked = {"phone": registry.somebody()["phone"], "purpose": "register"}
    assert registry.nobody.post("/auth/otp", asked).status == 202
    answer = registry.nobody.post("/auth/otp", asked)
    refused(answer, 429, "too_many_requests")
    assert 0 < int(answer.headers["retry-after"]) <= 60
    assert len(registry.messages_to(asked["phone"])) == 1


def test_one_address_asks_for_no_more_than_its_share(registry: Registry) -> None:
    caller = registry.nobody
    asked = [{"phone": registry.somebody()["phone"], "purpose": "register"} for _ in range(23)]
    statuses = [caller.post("/auth/otp", one).status for one in asked]
    assert statuses[:20] == [202] * 20
    assert statuses[-1] == 429, "an address gets a token back every three seconds"


@pytest.mark.parametrize(
    ("changed", "status", "code", "fields"),
    [
        ({"phone": "1990000"}, 422, "invalid", {"phone": "bad_phone"}),
        ({"phone": "29900000000"}, 422, "invalid", {"phone": "bad_phone"}),
        ({"purpose": "fun"}, 422, "invalid", {"purpose": "enum"}),
        ({"phone": 19900000000}, 400, "bad_request", {"phone": "wrong_type"}),
        ({"phone": None}, 400, "bad_request", {"phone": "wrong_type"}),
    ],
)
def test_a_request_for_a_code_says_what_is_wrong(
    registry: Registry, changed: dict[str, object], status: int, code: str, fields: dict[str, str]
) -> None:
    asked = {"phone": "19900000000", "purpose": "register", **changed}
    refused(registry.nobody.post("/auth/otp", asked), status, code, fields)


# ------------------------------------------------------------------ registration


def test_whoever_registers_is_signed_in(registry: Registry) -> None:
    person = registry.somebody()
    answer = registry.nobody.post("/auth/register", registry.registration(person))
    assert answer.status == 201
    told = answer.json
    assert set(told) == TOKENS | {"person_id"}
    assert (told["token_type"], told["expires_in"]) == ("Bearer", 1800)
    masked = told["account"].pop("name_masked")
    assert told["account"] == {"account_id": told["person_id"], "role": "accountant", "scope": told["person_id"]}
    assert "*" in masked and person["name"] not in answer.text and person["id_number"] not in answer.text
    assert (
        registry.nobody.holding(registry.nobody.post("/auth/refresh", {"refresh_token": told["refresh_token"]}).json)
        .get("/me")
        .status
        == 200
    )


def test_every_problem_of_a_registration_comes_at_once(registry: Registry) -> None:
    empty = registry.nobody.post("/auth/register", {})
    missing = dict.fromkeys(("id_number", "name", "phone", "password", "otp"), "missing")
    refused(empty, 422, "consent_outdated", {**missing, "consent_version": "consent_outdated"})
    body = registry.registration(
        registry.somebody(), otp="000000", id_number="420106199202290012", name="1", phone="1", password="short"
    )
    problem = refused(registry.nobody.post("/auth/register", body), 422, "invalid")
    assert {one["field"] for one in problem["errors"]} == {"id_number", "name", "phone", "password"}
    assert "420106199202290012" not in json.dumps(problem)


@pytest.mark.parametrize(
    ("changed", "code", "fields"),
    [
        ({"id_number": "420106199202290012"}, "invalid", {"id_number": "bad_check_digit"}),
        ({"id_type": "driving_licence"}, "invalid", {"id_type": "unknown_id_type"}),
        ({"consent_version": "0"}, "consent_outdated", {"consent_version": "consent_outdated"}),
        ({"password": "1234567890"}, "invalid", {"password": "password_too_common"}),
        ({"otp": "abcdef"}, "otp_invalid", {"otp": "otp_invalid"}),
    ],
)
def test_a_registration_names_the_field(
    registry: Registry, changed: dict[str, str], code: str, fields: dict[str, str]
) -> None:
    body = registry.registration(registry.somebody(), **{"otp": "000000", **changed})
    refused(registry.nobody.post("/auth/register", body), 422, code, fields)


def test_one_id_number_and_one_phone_are_one_account(registry: Registry, somebody: Accountant) -> None:
    again = registry.somebody(id_number=somebody.person["id_number"], name=somebody.person["name"])
    problem = refused(registry.nobody.post("/auth/register", registry.registration(again)), 409, "id_number_registered")
    assert "重设密码" in problem["detail"] and "申诉" in problem["detail"]
    other = registry.somebody(phone=somebody.person["phone"])
    refused(registry.nobody.post("/auth/register", registry.registration(other)), 409, "phone_registered")


def test_a_code_opens_once_and_for_its_purpose_only(registry: Registry) -> None:
    person = registry.somebody()
    for purpose in ("login", "reset", "appeal"):
        body = registry.registration(person, otp=registry.code(person["phone"], purpose))
        refused(registry.nobody.post("/auth/register", body), 422, "otp_invalid")
    body = registry.registration(person)
    assert registry.nobody.post("/auth/register", body).status == 201
    refused(registry.nobody.post("/auth/register", body), 422, "otp_invalid")


def test_five_wrong_tries_use_a_code_up(registry: Registry) -> None:
    person = registry.somebody()
    right = registry.registration(person)
    wrong = f"{(int(right['otp']) + 1) % 10**6:06d}"
    codes = [registry.nobody.post("/auth/register", {**right, "otp": wrong}).json["code"] for _ in range(5)]
    assert codes == ["otp_invalid"] * 4 + ["otp_exhausted"]
    refused(registry.nobody.post("/auth/register", right), 422, "otp_exhausted", {"otp": "otp_exhausted"})


# ------------------------------------------------------------------ signing in


@pytest.mark.parametrize("name", ["id_number", "phone"])
def test_an_accountant_signs_in_with_number_or_phone(registry: Registry, somebody: Accountant, name: str) -> None:
    answer = registry.nobody.post("/auth/login", {"username": somebody.person[name], "password": PASSWORD})
    assert (answer.status, set(answer.json)) == (200, TOKENS)
    assert answer.json["account"]["account_id"] == somebody.account_id
    assert registry.nobody.holding(answer.json).get("/me").status == 200


def test_an_institution_signs_in_with_its_id(registry: Registry) -> None:
    registry.institution()
    answer = registry.nobody.post("/auth/login", {"username": TRAINING, "password": STAFF_PASSWORD})
    assert (answer.status, answer.json["account"]["scope"]) == (200, TRAINING)


def test_wrong_password_and_unknown_name_read_the_same(registry: Registry, somebody: Accountant) -> None:
    wrong = registry.nobody.post("/auth/login", {"username": somebody.person["phone"], "password": "wrong-Password-1"})
    unknown = registry.nobody.post("/auth/login", {"username": registry.somebody()["phone"], "password": PASSWORD})
    refused(wrong, 401, "bad_credentials")
    assert (wrong.text, wrong.headers) == (unknown.text, unknown.headers)


def test_staff_need_their_second_factor_and_each_code_once(registry: Registry) -> None:
    registry.open(Role.REVIEWER, WUCHANG, "reviewer.zhao")
    body = {"username": "reviewer.zhao", "password": STAFF_PASSWORD}
    refused(registry.nobody.post("/auth/login", body), 401, "totp_required")
    refused(registry.nobody.post("/auth/login", {**body, "totp": "000000"}), 401, "bad_credentials")
    code = registry.totp("reviewer.zhao")
    answer = registry.nobody.post("/auth/login", {**body, "totp": code})
    assert (answer.status, answer.json["account"]["role"], answer.json["account"]["scope"]) == (
        200,
        "reviewer",
        WUCHANG,
    )
    refused(registry.nobody.post("/auth/login", {**body, "totp": code}), 401, "bad_credentials")


def test_staff_without_a_second_factor_are_sent_to_enrol(registry: Registry) -> None:
    registry.open(Role.REVIEWER, WUCHANG, "reviewer.new", totp_secret=None)
    body = {"username": "reviewer.new", "password": STAFF_PASSWORD}
    refused(registry.nobody.post("/auth/login", body), 403, "totp_enrolment_required")
    refused(registry.nobody.post("/auth/login", {**body, "password": "wrong-Password-1"}), 401, "bad_credentials")


def test_five_failures_lock_an_account_and_a_name_nobody_has(registry: Registry) -> None:
    registry.open(Role.EMPLOYER, "91420106MA4K2RTU5T", "employer.locked")
    for username in ("employer.locked", "nobody.at.all"):
        wrong = {"username": username, "password": "wrong-Password-1"}
        assert [registry.nobody.post("/auth/login", wrong).status for _ in range(5)] == [401] * 5
        answer = registry.nobody.post("/auth/login", {"username": username, "password": STAFF_PASSWORD})
        problem = refused(answer, 423, "account_locked")
        assert 0 < int(answer.headers["retry-after"]) <= 1800
        assert problem["opens_at"].endswith("Z")


def test_a_suspended_account_is_closed_and_its_tokens_with_it(registry: Registry) -> None:
    account_id = registry.open(Role.EMPLOYER, "91420106MA4K2RTU5T", "employer.closed")
    held = registry.sign_in(Role.EMPLOYER, "employer.closed")
    # who suspends, and through which route, comes with the administration of accounts
    registry.cloud.identity.update(keys.account_key(account_id), "SET suspended = :yes", values={":yes": True})
    refused(held.get("/me"), 401, "unauthenticated")
    body = {"username": "employer.closed", "password": STAFF_PASSWORD}
    refused(registry.nobody.post("/auth/login", body), 403, "account_suspended")


def test_an_accountant_signs_in_with_a_code(registry: Registry, somebody: Accountant) -> None:
    phone = somebody.person["phone"]
    body = {"phone": phone, "otp": registry.code(phone, "login")}
    answer = registry.nobody.post("/auth/login/otp", body)
    assert (answer.status, set(answer.json)) == (200, TOKENS)
    assert answer.json["account"]["account_id"] == somebody.account_id
    refused(registry.nobody.post("/auth/login/otp", body), 422, "otp_invalid")


def test_a_code_to_a_phone_without_an_account_signs_nobody_in(registry: Registry) -> None:
    phone = registry.somebody()["phone"]
    body = {"phone": phone, "otp": registry.code(phone, "login")}
    refused(registry.nobody.post("/auth/login/otp", body), 422, "otp_invalid", {"otp": "otp_invalid"})


@pytest.mark.parametrize(
    "body", [{}, {"username": "x"}, {"username": "x", "password": 1}, {"username": ["x"], "password": "y"}]
)
def test_a_sign_in_without_its_parts_is_refused(registry: Registry, body: dict[str, object]) -> None:
    answer = registry.nobody.post("/auth/login", body)
    assert answer.status in (400, 422)
    refused(answer, answer.status, "bad_request" if answer.status == 400 else "invalid")


# ------------------------------------------------------------------ sessions


def test_tokens_are_turned_over_and_an_old_one_ends_the_session(registry: Registry) -> None:
    somebody = registry.newcomer()
    answer = registry.nobody.post("/auth/refresh", {"refresh_token": somebody.refresh_token})
    assert (answer.status, set(answer.json)) == (200, TOKENS)
    renewed = registry.nobody.holding(answer.json)
    assert renewed.refresh_token != somebody.refresh_token
    assert renewed.get("/me").status == 200
    refused(registry.nobody.post("/auth/refresh", {"refresh_token": somebody.refresh_token}), 401, "unauthenticated")
    refused(registry.nobody.post("/auth/refresh", {"refresh_token": renewed.refresh_token}), 401, "unauthenticated")
    refused(renewed.get("/me"), 401, "unauthenticated")


@pytest.mark.parametrize("token", ["", ".", "..", "a.b", "a.b.c", "a.b.c.d", "a.b.====", "ä.ö.ü", "x" * 200])
def test_what_is_no_refresh_token_renews_nothing(registry: Registry, token: str) -> None:
    refused(registry.nobody.post("/auth/refresh", {"refresh_token": token}), 401, "unauthenticated")


def test_signing_out_ends_this_session_and_no_other(registry: Registry) -> None:
    somebody = registry.newcomer()
    other = registry.nobody.holding(
        registry.nobody.post("/auth/login", {"username": somebody.person["phone"], "password": PASSWORD}).json
    )
    answer = somebody.post("/auth/logout")
    assert (answer.status, answer.text) == (204, "")
    refused(somebody.get("/me"), 401, "unauthenticated")
    refused(somebody.post("/auth/logout"), 401, "unauthenticated")
    refused(registry.nobody.post("/auth/refresh", {"refresh_token": somebody.refresh_token}), 401, "unauthenticated")
    assert other.get("/me").status == 200


# ------------------------------------------------------------------ a forgotten password


def test_a_new_password_opens_the_account_and_ends_every_session(registry: Registry) -> None:
    somebody = registry.newcomer()
    person = somebody.person
    known = {"id_number": person["id_number"], "phone": person["phone"], "new_password": NEW_PASSWORD}
    answer = registry.nobody.post("/auth/password/reset", {**known, "otp": registry.code(person["phone"], "reset")})
    assert (answer.status, answer.text) == (204, "")
    refused(somebody.get("/me"), 401, "unauthenticated")
    refused(registry.nobody.post("/auth/refresh", {"refresh_token": somebody.refresh_token}), 401, "unauthenticated")
    old, new = ({"username": person["id_number"], "password": password} for password in (PASSWORD, NEW_PASSWORD))
    refused(registry.nobody.post("/auth/login", old), 401, "bad_credentials")
    assert registry.nobody.post("/auth/login", new).status == 200


def test_a_reset_needs_number_phone_and_code_of_one_person(registry: Registry, somebody: Accountant) -> None:
    stranger = registry.somebody()
    mine = {name: somebody.person[name] for name in ("id_number", "phone")}
    for changed, purpose, code in (
        ({}, "login", "otp_invalid"),
        ({"phone": stranger["phone"]}, "reset", "id_number_and_phone_differ"),
        ({"id_number": stranger["id_number"]}, "reset", "id_number_and_phone_differ"),
        ({"id_number": "x"}, "reset", "id_number_and_phone_differ"),
    ):
        body = {**mine, **changed, "new_password": NEW_PASSWORD}
        body |= {"otp": registry.code(body["phone"], purpose)}
        refused(registry.nobody.post("/auth/password/reset", body), 422, code)
    assert somebody.get("/me").status == 200


def test_a_weak_new_password_leaves_the_code_unused(registry: Registry) -> None:
    somebody = registry.newcomer()
    known = {"id_number": somebody.person["id_number"], "phone": somebody.person["phone"]}
    body = {**known, "otp": registry.code(known["phone"], "reset"), "new_password": f"my-{known['phone']}"}
    fields = {"new_password": "password_contains_personal_data"}
    refused(registry.nobody.post("/auth/password/reset", body), 422, "invalid", fields)
    assert registry.nobody.post("/auth/password/reset", {**body, "new_password": NEW_PASSWORD}).status == 204
