"""A unit says that somebody has left or never worked there: what becomes of the record, who is told, and what stands in the way."""

from __future__ import annotations

from typing import Any

import pytest

from jingkuai.aws import keys
from jingkuai.aws.ids import uuid7
from jingkuai.aws.outbox import SendMessage, SendSms, StartExecution
from jingkuai.domain.principal import Principal
from jingkuai.domain.problem import Conflict, Invalid, NotFound
from review.case import Outcome
from review.employers.departure_report_store import LeavingStore
from review.employers.departure_reports import ChangeUnderWay, Departure, DepartureForm, DepartureKind, TransferUnderWay
from review.employers.departure_reports import report_departure as report
from tests.unit.review.changing import Change
from tests.unit.review.conftest import EMPLOYER, PERSON, USCC, Office, payload
from tests.unit.review.known import approve
from tests.unit.review.units import OTHER_NAME, OTHER_USCC, administrator, wrong


@pytest.fixture
def settled(open_office: Office) -> Office:
    """Somebody with an approved record, a member of USCC."""
    approve(open_office)
    open_office.clock.pass_by(hours=1)
    return open_office


def left(
    office: Office,
    kind: str = "left",
    *,
    by: Principal | None = None,
    reason: str = "已于上月办理离职",
    person_id: str = PERSON,
    store: LeavingStore | None = None,
) -> Departure:
    return report(
        person_id,
        DepartureForm(DepartureKind(kind), reason),
        by=by or administrator(),
        store=store or LeavingStore(office.registry, uuid7),
        clock=office.clock,
        new_id=uuid7,
    )


def change_of_unit(office: Office) -> Change:
    employment = {**payload()["employment"], "uscc": OTHER_USCC, "employer_name": OTHER_NAME}
    return Change(office, "employment_change", {"employment": employment}, "employment_proof", "transfer_proof")


def everything(office: Office) -> dict[tuple[str, str], Any]:
    return {(one["pk"], one["sk"]): one for one in office.all_of("")}


def test_whoever_has_left_is_nobodys_member_and_looks_for_work(settled: Office) -> None:
    said = left(settled)
    after = settled.person_item()
    assert (said.kind, said.uscc) == (DepartureKind.LEFT, USCC)
    assert after["sections"]["employment"] == {"status": "seeking", "accounting_since": "1989-07"}
    assert (after["version"], after["status"], "gsi3pk" in after) == (2, "active", False)
    assert "employer_name" not in after["card"]
    assert "uscc" not in settled.item(keys.id_claim_key(settled.id_hash))
    version = settled.item(keys.version_key(PERSON, 2))
    assert (version["kind"], version["by_role"]) == ("employer_left", "employer")
    assert wrong(settled) == []


def test_the_person_is_told_by_message_and_sms_what_to_do(settled: Office) -> None:
    before = len(settled.promised())
    left(settled)
    message, sms = sorted(settled.promised()[before:], key=lambda one: type(one).__name__)
    assert isinstance(message, SendMessage) and isinstance(sms, SendSms)
    assert message.account_id == sms.person_id == PERSON
    assert EMPLOYER in sms.text and "工作单位变更" in sms.text and "待业" in sms.text


def test_the_audit_says_which_unit_said_so(settled: Office) -> None:
    left(settled)
    entry = settled.changes()[-1]
    assert (entry["action"], entry["by_role"]) == ("record.employer_left", "employer")
    assert entry["details"]["uscc"] == USCC


def test_the_same_report_again_changes_nothing(settled: Office) -> None:
    first = left(settled)
    before = everything(settled)
    settled.clock.pass_by(days=1)
    assert left(settled, reason="又点了一次") == first
    assert everything(settled) == before


def test_somebody_elses_member_is_not_found_before_and_after(settled: Office) -> None:
    before = everything(settled)
    with pytest.raises(NotFound):
        left(settled, by=administrator(OTHER_USCC))
    with pytest.raises(NotFound):
        left(settled, person_id="0193f3a0-0000-7000-8000-00000000dead")
    assert everything(settled) == before
    left(settled)
    with pytest.raises(NotFound):
        left(settled, by=administrator(OTHER_USCC))
    with pytest.raises(NotFound):
        left(settled, "never_worked")


def test_whoever_came_back_can_leave_again(settled: Office) -> None:
    left(settled)
    change = Change(settled, "employment_change", {"employment": payload()["employment"]}, "employment_proof")
    assert change.approve() is Outcome.APPLIED
    assert settled.person_item()["gsi3pk"] == keys.members(USCC)
    settled.clock.pass_by(hours=1)
    again = left(settled)
    assert settled.person_item()["version"] == 4
    assert settled.person_item()["departure"]["at"] == again.at
    assert wrong(settled) == []


def test_a_change_of_unit_on_its_way_is_left_to_end(settled: Office) -> None:
    change = change_of_unit(settled)
    before = everything(settled)
    with pytest.raises(ChangeUnderWay) as refused:
        left(settled)
    assert refused.value.extra == {"submission_id": change.filed.submission_id}
    assert everything(settled) == before
    assert change.approve() is Outcome.APPLIED
    assert settled.person_item()["gsi3pk"] == keys.members(OTHER_USCC)
    assert wrong(settled) == []


def test_nobody_keeps_a_false_unit_by_filing_a_change(settled: Office) -> None:
    """The unit's word takes effect at once, and the bureau that has the change sees the difference."""
    change = change_of_unit(settled)
    left(settled, "never_worked")
    assert settled.person_item()["sections"]["employment"]["status"] == "seeking"
    assert change.approve() is Outcome.CONFLICT
    assert [one["code"] for one in change.item()["findings"]][-1] == "record_changed_meanwhile"
    assert wrong(settled) == []


@pytest.mark.parametrize("kind", ["left", "never_worked"])
def test_during_a_transfer_the_unit_is_heard_there(settled: Office, kind: str) -> None:
    settled.registry.update(
        keys.person_key(PERSON), "SET #open.transfer = :id", values={":id": "t"}, names={"#open": "open"}
    )
    with pytest.raises(TransferUnderWay) as refused:
        left(settled, kind)
    assert refused.value.extra == {"transfer_id": "t"}
    assert settled.person_item()["version"] == 1


class Overtaken(LeavingStore):
    """Somebody writes between the reading and the writing, as often as it is read."""

    def __init__(self, office: Office, change: str, values: dict[str, Any]) -> None:
        super().__init__(office.registry, uuid7)
        self.office, self.change, self.values = office, change, values

    def record(self, person_id: str) -> Any:
        found = super().record(person_id)
        self.office.registry.update(
            keys.person_key(person_id),
            self.change,
            values=self.values,
            names={"#open": "open"} if "#open" in self.change else None,
        )
        return found


def test_what_is_opened_at_the_same_moment_is_seen(settled: Office) -> None:
    opened = Overtaken(settled, "SET #open.employment_change = :id", {":id": "s"})
    with pytest.raises(ChangeUnderWay):
        left(settled, store=opened)
    assert settled.person_item()["version"] == 1


def test_a_record_that_changes_all_the_time_is_not_overwritten(settled: Office) -> None:
    busy = Overtaken(settled, "SET version = version + :one", {":one": 1})
    with pytest.raises(Conflict):
        left(settled, store=busy)
    assert settled.person_item()["gsi3pk"] == keys.members(USCC)


@pytest.mark.parametrize("reason", ["", " ", "离", "长" * 501, "已\x00离职"])
def test_a_reason_is_needed(settled: Office, reason: str) -> None:
    with pytest.raises(Invalid) as refused:
        left(settled, reason=reason)
    assert [one.field for one in refused.value.errors] == ["reason"]


def test_whoever_never_worked_there_is_looked_into(settled: Office) -> None:
    left(settled, "never_worked", reason="本单位从未聘用此人")
    (started,) = [one for one in settled.promised() if isinstance(one, StartExecution) and "INT#" in one.subject["sk"]]
    record = settled.item(started.subject)
    assert started.name == f"{record['record_id']}.1"
    assert (record["state"], record["region_code"]) == ("pending", "420106")
    assert record["payload"]["facts"] == "本单位从未聘用此人"
    assert record["payload"]["kind"] == "untruthful"
    assert settled.item(keys.version_key(PERSON, 2))["kind"] == "employer_never_worked"
    before = everything(settled)
    left(settled, "never_worked")
    assert everything(settled) == before
    assert wrong(settled) == []


def test_a_report_costs_two_calls(settled: Office) -> None:
    settled.calls.clear()
    left(settled)
    assert settled.calls == ["GetItem", "TransactWriteItems"]
