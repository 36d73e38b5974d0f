"""The authorizer lets in whom the table knows at this moment, and nothing that merely looks like a token of ours."""

import base64
import hashlib
import hmac
import json
import subprocess
import sys
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from identity import wiring
from identity.authorizer import Refused, allow, handler
from identity.sessions import Tokens, refresh
from identity.totp import code_at
from jingkuai.aws import clients
from jingkuai.aws.clock import utc_now
from jingkuai.aws.keys import account_key, id_claim_key, phone_claim_key, session_key
from jingkuai.aws.settings import settings
from jingkuai.aws.signing import signer
from jingkuai.domain.principal import Role
from jingkuai.web.principal import principal
from tests import people

from .conftest import ID_NUMBER, PHONE, STAFF_PASSWORD, TOTP_SECRET, House

ARN = "arn:aws:execute-api:us-east-1:123456789012:abcdef/v1/GET/me/submissions/x"


def told(house: House, token: str, scheme: str = "Bearer ") -> dict[str, str]:
    return allow(scheme + token, store=house.sessions, keys=house.keys, clock=house.clock)


def test_a_genuine_token_costs_one_read(house: House) -> None:
    tokens = house.register()
    told(house, tokens.access_token)  # fetches the public key
    house.calls.clear()
    told(house, tokens.access_token)
    assert house.calls == ["BatchGetItem"]


def test_the_answer_is_the_caller_as_text(house: House) -> None:
    tokens = house.register()
    account_id, family, _ = tokens.refresh_token.split(".")
    assert told(house, tokens.access_token) == {
        "account_id": account_id,
        "role": "accountant",
        "scope": account_id,
        "person_id": account_id,
        "name_masked": "欧**国",
        "session": family,
        "frozen_by": "",
        "own": "",
        "people": account_id,
    }


def test_what_it_tells_is_what_the_routes_read(house: House) -> None:
    house.open_account()
    tokens = house.sign_in("wuchang.li", STAFF_PASSWORD, code_at(TOTP_SECRET, int(house.clock().timestamp()) // 30))
    context = told(house, tokens.access_token)

    me = principal(SimpleNamespace(current_event={"requestContext": {"authorizer": context}}))
    assert (me.role, me.scope, me.person_id) == (Role.REVIEWER, "420106", None)


def test_staff_are_known_as_the_person_they_are(house: House) -> None:
    """So that nobody decides their own case: by their phone as well as by their ID number."""
    person_id = house.register().account.account_id
    house.open_account(username="by.number", id_hashes=(house.lookup.of("id18", ID_NUMBER),))
    house.open_account(username="by.phone", phone_hash=house.lookup.of("phone", PHONE))
    for username in ("by.number", "by.phone"):
        token = staff_token(house, username)
        assert told(house, token)["person_id"] == person_id
        house.calls.clear()
        told(house, token)
        assert house.calls == ["BatchGetItem", "BatchGetItem"]


def test_staff_are_whoever_has_their_phone_at_the_moment(house: House) -> None:
    """Somebody registers with the phone of a member of staff who is signed in, and gives it up: each is known at once."""
    house.open_account(username="by.phone", phone_hash=house.lookup.of("phone", PHONE))
    token = staff_token(house, "by.phone")
    nobody = told(house, token)
    assert (nobody["people"], nobody["own"]) == ("", f"|{house.lookup.of('phone', PHONE)}")
    person_id = house.register().account.account_id
    assert told(house, token)["people"] == person_id
    house.registry.delete(phone_claim_key(house.lookup.of("phone", PHONE)))
    assert told(house, token)["person_id"] == ""


def test_number_and_phone_may_lead_to_two_people_and_both_are_their_own(house: House) -> None:
    """The record of somebody who has a reviewer's phone stays the reviewer's own, whoever registers with their number."""
    by_number = house.register().account.account_id
    other = house.register(id_number=people.person()["id_number"], phone="19900000001").account.account_id
    assert by_number != other
    hashes = {"id_hashes": (house.lookup.of("id18", ID_NUMBER),), "phone_hash": house.lookup.of("phone", "19900000001")}
    house.open_account(username="wuchang.li", **hashes)
    token = staff_token(house, "wuchang.li")
    both = told(house, token)
    assert (both["person_id"], both["people"]) == (by_number, f"{by_number} {other}")
    me = principal(SimpleNamespace(current_event={"requestContext": {"authorizer": both}}))
    assert me.is_person(by_number) and me.is_person(other) and not me.is_person("another")
    house.registry.delete(id_claim_key(house.lookup.of("id18", ID_NUMBER)))
    assert told(house, token)["people"] == other


def test_a_session_that_goes_on_knows_them_still(house: House) -> None:
    house.open_account(username="by.phone", phone_hash=house.lookup.of("phone", PHONE))
    tokens = house.sign_in("by.phone", STAFF_PASSWORD, code_at(TOTP_SECRET, int(house.clock().timestamp()) // 30))
    person_id = house.register().account.account_id
    again = refresh(tokens.refresh_token, store=house.sessions, issuer=house.issuer, clock=house.clock)
    assert told(house, again.access_token)["person_id"] == person_id


def staff_token(house: House, username: str) -> str:
    code = code_at(TOTP_SECRET, int(house.clock().timestamp()) // 30)
    return house.sign_in(username, STAFF_PASSWORD, code).access_token


def forged(token: str) -> dict[str, str]:
    head, body, signature = token.split(".")

    def decoded(part: str) -> dict[str, Any]:
        return dict(json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))))

    def encoded(part: Any) -> str:
        data = part if isinstance(part, bytes) else json.dumps(part).encode()
        return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

    header, admin = decoded(head), encoded({**decoded(body), "role": "admin", "scope": "42"})
    symmetric = encoded({**header, "alg": "HS256"}) + "." + admin
    return {
        "alg none": encoded({**header, "alg": "none"}) + f".{body}.",
        "alg none, admin": encoded({**header, "alg": "None"}) + f".{admin}.",
        "no signature": f"{head}.{body}.",
        "altered role": f"{head}.{admin}.{signature}",
        "HS256": symmetric + "." + encoded(hmac.new(b"", symmetric.encode(), hashlib.sha256).digest()),
        "altered signature": f"{head}.{body}.{signature[:9]}{'A' if signature[9] != 'A' else 'B'}{signature[10:]}",
        "other key": encoded({**header, "kid": "another"}) + f".{body}.{signature}",
        "two parts": f"{head}.{body}",
        "no token": "",
        "not base64": f"{head}.{body}.ü",
        "a refresh token's form": "a.b.c",
        "body is a list": f"{head}.{encoded([1])}.{signature}",
    }


@pytest.mark.parametrize("kind", list(forged("e30.e30.AAAAAAAAAAAA")))
def test_forged_tokens_open_nothing(house: House, kind: str) -> None:
    token = forged(house.register().access_token)[kind]
    with pytest.raises(Refused):
        told(house, token)


@pytest.mark.parametrize("scheme", ["", "Basic ", "Token ", "Bearer"])
def test_only_bearer_tokens_are_read(house: House, scheme: str) -> None:
    token = house.register().access_token
    with pytest.raises(Refused):
        told(house, token, scheme)
    told(house, token, "bearer ")


def ended_by_time(house: House, tokens: Tokens) -> None:
    house.clock.pass_by(minutes=30)


def ended_by_logout(house: House, tokens: Tokens) -> None:
    account_id, family, _ = tokens.refresh_token.split(".")
    house.sessions.end(account_id, family)


def ended_by_epoch(house: House, tokens: Tokens) -> None:
    house.identity.update(account_key(tokens.account.account_id), "SET epoch = epoch + :one", values={":one": 1})


def ended_by_suspension(house: House, tokens: Tokens) -> None:
    house.identity.update(account_key(tokens.account.account_id), "SET suspended = :yes", values={":yes": True})


def ended_by_closing(house: House, tokens: Tokens) -> None:
    house.identity.delete(account_key(tokens.account.account_id))


@pytest.mark.parametrize("end", [ended_by_time, ended_by_logout, ended_by_epoch, ended_by_suspension, ended_by_closing])
def test_a_token_ends_with_its_time_session_epoch_or_account(house: House, end: Any) -> None:
    tokens = house.register()
    told(house, tokens.access_token)
    end(house, tokens)
    with pytest.raises(Refused):
        told(house, tokens.access_token)


def test_a_token_of_an_epoch_before_a_restore_is_refused(house: House) -> None:
    """After a restore the epochs of accounts and sessions are raised together; tokens handed out before are dead."""
    tokens = house.register()
    account_id, family, _ = tokens.refresh_token.split(".")
    for key in (account_key(account_id), session_key(account_id, family)):
        house.identity.update(key, "SET epoch = epoch + :one", values={":one": 1})
    with pytest.raises(Refused):
        told(house, tokens.access_token)


def test_staff_are_idle_after_a_quarter_of_an_hour_and_use_is_noted_every_five_minutes(house: House) -> None:
    house.open_account()
    tokens = house.sign_in("wuchang.li", STAFF_PASSWORD, code_at(TOTP_SECRET, int(house.clock().timestamp()) // 30))
    told(house, tokens.access_token)
    house.clock.pass_by(minutes=4)
    house.calls.clear()
    told(house, tokens.access_token)
    assert house.calls == ["BatchGetItem"]
    house.clock.pass_by(minutes=10)
    told(house, tokens.access_token)
    assert house.calls == ["BatchGetItem", "BatchGetItem", "UpdateItem"]
    house.clock.pass_by(minutes=15)
    told(house, tokens.access_token)
    house.clock.pass_by(minutes=15, seconds=1)
    with pytest.raises(Refused):
        told(house, tokens.access_token)


def test_api_gateway_gets_a_policy_for_the_whole_stage(house: House) -> None:
    house.clock.at = utc_now()  # the handler reads the real clock
    tokens = house.register()
    answer = handler({"type": "TOKEN", "authorizationToken": f"Bearer {tokens.access_token}", "methodArn": ARN}, None)
    (statement,) = answer["policyDocument"]["Statement"]
    assert statement == {
        "Action": "execute-api:Invoke",
        "Effect": "Allow",
        "Resource": "arn:aws:execute-api:us-east-1:123456789012:abcdef/v1/*",
    }
    assert answer["principalId"] == tokens.account.account_id
    assert all(isinstance(value, str) for value in answer["context"].values())


def test_api_gateway_is_told_unauthorized_in_its_own_word(house: House, capfd: pytest.CaptureFixture[str]) -> None:
    token = house.register().access_token
    for altered in ("x.y.z", token[:-4] + "AAAA"):
        with pytest.raises(Exception, match=r"^Unauthorized$"):
            handler({"type": "TOKEN", "authorizationToken": f"Bearer {altered}", "methodArn": ARN}, None)
        assert altered not in "".join(capfd.readouterr())


def test_keys_are_changed_without_logging_anyone_out(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """As docs/operator.md says it, step by step: the next key counts, signs, stands alone."""
    house.clock.at = utc_now()  # the handler reads the real clock
    before = settings().token_key_id
    following = clients.kms().create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]

    def deployed(signing: str, others: str) -> str:
        monkeypatch.setenv("TOKEN_KEY_ID", signing)
        monkeypatch.setenv("OTHER_TOKEN_KEY_IDS", others)
        settings.cache_clear()
        return wiring.issuer().signer.key_id

    def opens(token: str) -> bool:
        try:
            handler({"type": "TOKEN", "authorizationToken": f"Bearer {token}", "methodArn": ARN}, None)
        except Exception as refused:
            if str(refused) != "Unauthorized":
                raise
            return False
        return True

    old = house.register()
    house.issuer = replace(house.issuer, signer=signer(following))
    new = house.sign_in(ID_NUMBER)
    assert (deployed(before, ""), opens(old.access_token), opens(new.access_token)) == (before, True, False)
    assert (deployed(before, following), opens(old.access_token), opens(new.access_token)) == (before, True, True)
    assert (deployed(following, before), opens(old.access_token), opens(new.access_token)) == (following, True, True)
    assert (deployed(following, ""), opens(old.access_token), opens(new.access_token)) == (following, False, True)
    assert opens(house.refresh(old).access_token), "a refresh is all that is needed"


def test_the_authorizer_loads_little() -> None:
    """Everyone waits for its cold start: no Powertools, no pydantic, no argon2, no fonts."""
    program = "import sys, identity.authorizer; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    loaded = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": ":".join(sys.path)},
    ).stdout.split()
    assert not {"aws_lambda_powertools", "pydantic", "argon2", "chinese_calendar", "moto"} & set(loaded)
