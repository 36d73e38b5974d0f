"""Whom a unit expects: told by one message, counted by day, and nothing of it readable or telling."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from jsonschema import Draft4Validator

from jingkuai.aws import keys
from jingkuai.aws.employer_invitations import invited
from jingkuai.aws.ids import uuid7
from jingkuai.aws.outbox import Entry, SendMessage, SendSms
from jingkuai.domain.problem import Conflict, Invalid, NotFound
from outbox import sms
from outbox.store import OutboxStore
from review.employers.invitation_store import InvitationStore
from review.employers.invitations import Invitation, TooManyInvitations, invite
from review.employers.rules import EmployerRules
from tests.cloud import ROOT
from tests.unit.review.conftest import EMPLOYER, NAME, PERSON, PHONE, USCC, Office
from tests.unit.review.units import OTHER_USCC, administrator, put_account

STRANGER = "19901332461"
POLICY = json.loads((ROOT / "infra/policies/employer_rules.json").read_text())
RULES = EmployerRules.from_policy(POLICY)


@pytest.fixture
def unit(office: Office) -> Office:
    """A unit with an account; the applicant's phone is known here, a stranger's is not."""
    put_account(office)
    claim = keys.phone_claim_key(office.lookup.of("phone", PHONE))
    office.registry.put({**claim, "v": 1, "person_id": PERSON})
    return office


def expect(
    office: Office,
    phone: str = STRANGER,
    name: str = NAME,
    *,
    uscc: str = USCC,
    rules: EmployerRules = RULES,
    store: InvitationStore | None = None,
) -> Invitation:
    return invite(
        name,
        phone,
        by=administrator(uscc),
        rules=rules,
        store=store or InvitationStore(office.registry, uuid7),
        lookup=office.lookup,
        sealer=office.sealer,
        clock=office.clock,
    )


def sent(office: Office, since: int = 0) -> list[Entry]:
    return sorted(office.promised()[since:], key=lambda one: type(one).__name__)


def is_invited(office: Office, phone: str = STRANGER, uscc: str = USCC) -> bool:
    return invited(office.registry, uscc, office.lookup.of("phone", phone), office.clock())


def test_whoever_is_invited_is_expected_for_thirty_days(unit: Office) -> None:
    answer = expect(unit)
    assert (answer.phone_masked, answer.valid_until.isoformat()) == ("199****2461", "2026-12-24")
    assert is_invited(unit)
    assert not is_invited(unit, PHONE) and not is_invited(unit, uscc=OTHER_USCC)
    unit.clock.pass_by(days=30)
    assert not is_invited(unit)


def test_a_phone_nobody_has_registered_gets_the_message_all_the_same(unit: Office) -> None:
    before = len(unit.promised())
    expect(unit)
    (entry,) = sent(unit, before)
    assert isinstance(entry, SendSms) and EMPLOYER in entry.text
    heard: list[tuple[str, str]] = []

    class Sender:
        def send(self, phone: str, text: str) -> None:
            heard.append((phone, text))

    sms.deliver(entry, store=OutboxStore(unit.registry), sealer=unit.sealer, sender=Sender())
    assert heard == [(STRANGER, entry.text)]


def test_whoever_has_an_account_finds_it_in_their_inbox_too_and_the_unit_learns_nothing(unit: Office) -> None:
    before = len(unit.promised())
    unit.calls.clear()
    to_stranger = expect(unit)
    calls = list(unit.calls)
    middle = len(unit.promised())
    unit.calls.clear()
    to_known = expect(unit, PHONE)
    assert unit.calls == calls == ["BatchGetItem", "Encrypt", "TransactWriteItems"]
    assert vars_of(to_known) == vars_of(to_stranger)
    assert [type(one) for one in sent(unit, middle)] == [SendMessage, SendSms]
    assert len(sent(unit, before)) == 3


def vars_of(answer: Invitation) -> tuple[str, ...]:
    return (answer.phone_masked[:3], answer.valid_until.isoformat())


def test_nothing_of_it_is_readable(unit: Office) -> None:
    expect(unit)
    for item in (*unit.all_of("E#"), *unit.all_of(f"AU#{USCC}"), *unit.all_of("O#")):
        assert STRANGER not in str(item) and NAME not in str(item)


def test_the_same_phone_again_is_renewed_and_gets_one_message_a_day(unit: Office) -> None:
    expect(unit)
    before = len(unit.promised())
    unit.clock.pass_by(hours=2)
    assert expect(unit).valid_until.isoformat() == "2026-12-24"
    assert sent(unit, before) == []
    assert unit.item(keys.joining_count_key(USCC, "2026-11-24"))["sent"] == 1
    unit.clock.pass_by(days=10)
    assert expect(unit).valid_until.isoformat() == "2027-01-03"
    assert [type(one) for one in sent(unit, before)] == [SendSms]
    unit.clock.pass_by(days=25)
    assert is_invited(unit)


def test_a_unit_invites_so_many_a_day_and_no_more(unit: Office) -> None:
    few = EmployerRules(2, timedelta(days=30), 10)
    expect(unit, "19901332461", rules=few)
    expect(unit, "19901332462", rules=few)
    before = unit.all_of("")
    with pytest.raises(TooManyInvitations) as refused:
        expect(unit, "19901332463", rules=few)
    assert unit.all_of("") == before
    assert refused.value.retry_after and 0 < refused.value.retry_after <= 24 * 3600
    expect(unit, "19901332461", rules=few)  # renewed without a message
    put_account(unit, OTHER_USCC)
    expect(unit, "19901332463", uscc=OTHER_USCC, rules=few)
    unit.clock.pass_by(seconds=refused.value.retry_after)
    expect(unit, "19901332463", rules=few)


def test_of_two_at_once_for_one_phone_one_message_goes_out(unit: Office) -> None:
    class Late(InvitationStore):
        first = True

        def save(self, *args: Any, **more: Any) -> bool:
            if self.first:
                self.first = False
                expect(unit)
            return super().save(*args, **more)

    before = len(unit.promised())
    expect(unit, store=Late(unit.registry, uuid7))
    assert len(sent(unit, before)) == 1
    assert is_invited(unit)


def test_a_phone_invited_again_and_again_at_once_is_refused_in_the_end(unit: Office) -> None:
    class Always(InvitationStore):
        def save(self, *args: Any, **more: Any) -> bool:
            expect(unit)
            return super().save(*args, **more)

    with pytest.raises(Conflict):
        expect(unit, store=Always(unit.registry, uuid7))


def test_every_problem_is_named_at_once(unit: Office) -> None:
    with pytest.raises(Invalid) as refused:
        expect(unit, "12345", "")
    assert [one.field for one in refused.value.errors] == ["name", "phone"]


def test_a_unit_that_is_gone_invites_nobody(unit: Office) -> None:
    with pytest.raises(NotFound):
        expect(unit, uscc=OTHER_USCC)


def test_the_shipped_rules_hold_by_their_schema_and_a_slip_does_not() -> None:
    schema = json.loads((ROOT / "infra/policies/employer_rules.schema.json").read_text())
    Draft4Validator.check_schema(schema)
    Draft4Validator(schema).validate(POLICY)
    assert not Draft4Validator(schema).is_valid(POLICY | {"invitations_a_day": 0})
    assert not Draft4Validator(schema).is_valid(POLICY | {"invitation_day": 30})
    with pytest.raises(ValueError, match="no time"):
        EmployerRules.from_policy(POLICY | {"invitation_days": 0})
