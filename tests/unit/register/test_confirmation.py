"""The half-yearly confirmation: of the version that was looked at, once a day, and the bureau's list follows."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from jingkuai.aws import keys
from jingkuai.aws.ids import uuid7
from jingkuai.domain.principal import Principal
from register import confirmation
from register.confirmation import ClosedRecord, Confirmed, RecordChanged
from register.confirmation_store import ConfirmationStore
from register.profile import NoRecord
from tests.unit.register import people
from tests.unit.register.desk import Desk

TODAY = date(2026, 11, 24)


class Interrupted(ConfirmationStore):
    """A store before whose first write something happens."""

    def __init__(self, desk: Desk, meanwhile: Callable[[], Any]) -> None:
        super().__init__(desk.cloud.registry, uuid7)
        self._meanwhile = meanwhile

    def confirm(self, by: Principal, version: int, today: date, *, at: datetime) -> bool:
        self._meanwhile()
        return super().confirm(by, version, today, at=at)


def confirm(desk: Desk, version: int = 1, *, store: ConfirmationStore | None = None) -> Confirmed:
    store = store or ConfirmationStore(desk.cloud.registry, uuid7)
    return confirmation.confirm(version, by=people.principal(), store=store, people=desk.people, clock=desk.clock)


@pytest.fixture
def recorded(desk: Desk) -> Desk:
    people.approve(desk.cloud.registry, confirmed_on="2026-05-01")
    return desk


def test_a_confirmation_moves_the_person_in_the_bureaus_list(recorded: Desk) -> None:
    before = recorded.person_item()
    with recorded.costing(1):
        assert confirm(recorded) == Confirmed(1, TODAY)
    after = recorded.person_item()
    assert (after["gsi1pk"], after["gsi1sk"]) == ("PEOPLE#420106", f"2026-11-24#{people.PERSON}")
    changed = {"confirmed_on", "gsi1sk"}
    assert {name for name in after if after[name] != before.get(name)} == changed
    assert recorded.audit() == ["record.confirmed"]


def test_confirmed_again_on_the_same_day_changes_nothing(recorded: Desk) -> None:
    confirm(recorded)
    with recorded.costing(2):
        assert confirm(recorded) == Confirmed(1, TODAY)
    twin = Interrupted(recorded, lambda: confirm(recorded))
    recorded.now += timedelta(days=1)
    assert confirm(recorded, store=twin).confirmed_on == TODAY + timedelta(days=1)
    assert recorded.audit() == ["record.confirmed"] * 2, "once a day"


def test_the_day_is_that_of_shanghai(recorded: Desk) -> None:
    recorded.now = recorded.now.replace(hour=16)  # midnight there
    assert confirm(recorded).confirmed_on == TODAY + timedelta(days=1)


@pytest.mark.parametrize("stale", [2, 999_999])
def test_another_version_is_refused_and_the_one_that_stands_is_named(recorded: Desk, stale: int) -> None:
    with pytest.raises(RecordChanged) as refused:
        confirm(recorded, stale)
    assert (refused.value.code, refused.value.extra) == ("version_conflict", {"current": 1})
    assert recorded.person_item()["confirmed_on"] == "2026-05-01" and recorded.audit() == []


def test_a_version_that_is_replaced_meanwhile_is_not_confirmed(recorded: Desk) -> None:
    def apply() -> None:
        recorded.cloud.registry.put({**recorded.person_item(), "version": 2, "confirmed_on": "2026-11-24"})

    with pytest.raises(RecordChanged) as refused:
        confirm(recorded, store=Interrupted(recorded, apply))
    assert refused.value.extra == {"current": 2}


def test_without_a_record_there_is_nothing_to_confirm(desk: Desk) -> None:
    with pytest.raises(NoRecord):
        confirm(desk)


@pytest.mark.parametrize("status", ["transferred_out", "deactivated"])
def test_a_record_that_nobody_keeps_is_not_confirmed(recorded: Desk, status: str) -> None:
    recorded.cloud.registry.put({**recorded.person_item(), "status": status})
    with pytest.raises(ClosedRecord):
        confirm(recorded)


def test_a_person_confirmed_stands_last_in_the_list(recorded: Desk) -> None:
    people.approve(recorded.cloud.registry, people.STRANGER, people.OTHER_PHONE, confirmed_on="2026-05-02")
    confirm(recorded)
    listed = recorded.cloud.registry.query_all(keys.people("420106"), index="gsi1")
    assert [one["gsi1sk"].partition("#")[2] for one in listed] == [people.STRANGER, people.PERSON]
