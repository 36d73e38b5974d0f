"""The record's history: its versions newest first, what changed between two, and which stood on a day."""

from datetime import UTC, datetime
from typing import Any

import pytest

from jingkuai.aws import keys
from jingkuai.domain.record_differences import Difference
from register import history, profile
from register.history import InvalidMoment, NoSuchVersion, moment_of
from register.profile import NoRecord
from register.record_views import ProfileView, RecordVersionView
from register.version_store import VersionPage, VersionStore
from tests.unit.register import people
from tests.unit.register.desk import Desk

MASTER = {**people.payload()["education"][0], "level": "master"}
AT = {1: "2026-03-01T02:00:00.000Z", 2: "2026-06-30T15:59:59.999Z", 3: "2026-06-30T16:00:00.000Z"}


def version(number: int, sections: dict[str, Any], **over: Any) -> dict[str, Any]:
    """A version as the review's last step writes it."""
    known = {
        "at": AT.get(number, AT[3]),
        "submission_id": f"s{number}",
        "kind": "registration",
        "region_code": "420106",
    }
    item = {"v": 1, "person_id": people.PERSON, "version": number, "name": "王清", "sections": sections, **known}
    return {**keys.version_key(people.PERSON, number), **item, **over}


@pytest.fixture
def old_hand(desk: Desk) -> Desk:
    """Somebody whose record has three versions: a degree added, then another county."""
    people.approve(desk.cloud.registry, version=3, region_code="420502")
    first = {name: part for name, part in people.payload().items() if name != "region_code"}
    second = {**first, "education": [MASTER, *first["education"]]}
    third = {**second, "contact": {"email": "someone@example.invalid"}}
    for item in (
        version(1, first),
        version(2, second, kind="education_added"),
        version(3, third, kind="transfer", region_code="420502", submission_id=None, by_role="admin"),
    ):
        desk.cloud.registry.put(item)
    return desk


def page(desk: Desk, limit: int = 20, start: Any = None) -> VersionPage:
    return VersionStore(desk.cloud.registry).page(people.PERSON, limit=limit, start=start)


def record_at(desk: Desk, text: str) -> ProfileView:
    versions = VersionStore(desk.cloud.registry)
    by = people.principal()
    return ProfileView.as_it_was(*profile.record_at(moment_of(text), by=by, store=desk.people, versions=versions))


def changes(desk: Desk, earlier: int, later: int, person_id: str = people.PERSON) -> tuple[Difference, ...]:
    store = VersionStore(desk.cloud.registry)
    return history.changes_between(earlier, later, by=people.principal(person_id), store=store)


def test_versions_come_newest_first_with_who_when_why_and_what(old_hand: Desk) -> None:
    with old_hand.costing(1):
        found = page(old_hand)
    shown = [RecordVersionView.of(*pair) for pair in found.versions]
    assert [(one.version, one.kind, one.by_role, one.submission_id) for one in shown] == [
        (3, "transfer", "admin", None),
        (2, "education_added", "reviewer", "s2"),
        (1, "registration", "reviewer", "s1"),
    ]
    assert [one.sections_changed for one in shown] == [
        ["region_code"],  # contact data change without a submission: this version only shows them
        ["education"],
        ["basic", "contact", "education", "employment"],
    ]
    assert (shown[0].region_code, shown[2].bureau) == ("420502", "武昌区财政局")
    assert found.next_start is None


def test_a_page_ends_where_it_is_told_and_the_next_goes_on_there(old_hand: Desk) -> None:
    seen: list[tuple[int, list[str]]] = []
    start = None
    for _ in range(3):
        with old_hand.costing(1):
            found = page(old_hand, 1, start)
        ((one, before),) = found.versions
        seen.append((one.version, RecordVersionView.of(one, before).sections_changed))
        start = found.next_start
    assert [number for number, _ in seen] == [3, 2, 1] and start is None
    assert [changed for _, changed in seen][:2] == [["region_code"], ["education"]], (
        "each is compared with the one before it"
    )


def test_large_versions_make_short_pages_and_none_is_left_out(desk: Desk) -> None:
    """DynamoDB ends a page at 1 MB, wherever that is."""
    people.approve(desk.cloud.registry, version=4)
    for number in range(1, 5):
        desk.cloud.registry.put(version(number, {"basic": {"name": f"{number}" + "王" * 120_000}}))
    seen, start = [], None
    while True:
        found = page(desk, 20, start)
        seen += [(one.version, before.version if before else None) for one, before in found.versions]
        if (start := found.next_start) is None:
            break
    assert seen == [(4, 3), (3, 2), (2, 1), (1, None)]


def test_somebody_without_a_record_has_no_history(desk: Desk) -> None:
    assert page(desk).versions == []


def test_two_versions_are_compared_field_by_field(old_hand: Desk) -> None:
    with old_hand.costing(1):
        found = changes(old_hand, 1, 3)
    by_field = {one.field: (one.before, one.after) for one in found}
    assert by_field["region_code"] == ("420106", "420502")
    assert by_field["education.0.level"] == ("bachelor", "master")
    assert by_field["contact.address"] == ("湖北省示例路1号", None)
    assert "contact.phone" not in by_field and "contact.email" not in by_field
    assert {(one.field, one.after, one.before) for one in changes(old_hand, 3, 1)} == {
        (one.field, one.before, one.after) for one in found
    }


def test_a_version_does_not_differ_from_itself(old_hand: Desk) -> None:
    with old_hand.costing(1):
        assert changes(old_hand, 2, 2) == ()


@pytest.mark.parametrize(("earlier", "later"), [(1, 4), (9, 1), (9, 9)])
def test_a_version_that_there_is_not_is_not_found(old_hand: Desk, earlier: int, later: int) -> None:
    with pytest.raises(NoSuchVersion) as refused:
        changes(old_hand, earlier, later)
    assert refused.value.code == "not_found"
    with pytest.raises(NoSuchVersion):
        changes(old_hand, 1, 2, people.STRANGER)


@pytest.mark.parametrize(
    ("as_of", "stood"),
    [
        ("2026-03-01", 1),
        ("2026-06-29", 1),
        ("2026-06-30", 2),  # a day of Shanghai ends at 16:00 UTC
        ("2026-07-01", 3),
        ("2026-06-30T15:59:59Z", 1),
        ("2026-06-30T23:59:59.999+08:00", 2),
        ("2026-07-01T00:00:00 08:00", 3),  # a plus sign that was not escaped
        ("9999-12-31", 3),
    ],
)
def test_the_record_as_it_stood(old_hand: Desk, as_of: str, stood: int) -> None:
    with old_hand.costing(2):
        seen = record_at(old_hand, as_of)
    assert (seen.version, seen.updated_at) == (stood, AT[stood])
    assert seen.region_code == seen.managed_by.region_code == ("420502" if stood == 3 else "420106")
    assert len(seen.education) == (1 if stood == 1 else 2)
    assert (seen.status, seen.id_number) == ("active", "420***********0016")
    assert people.MASKED_PHONE not in str(seen.contact) or stood < 3


def test_before_the_first_version_there_was_no_record(old_hand: Desk) -> None:
    with pytest.raises(NoRecord) as refused:
        record_at(old_hand, "2026-02-28")
    assert "截至" in refused.value.detail
    with pytest.raises(NoRecord):
        record_at(old_hand, "0001-01-01")


def test_a_closed_record_was_active_in_its_earlier_versions(old_hand: Desk) -> None:
    old_hand.cloud.registry.put({**old_hand.person_item(), "status": "transferred_out"})
    assert record_at(old_hand, "2026-07-01").status == "transferred_out"
    assert record_at(old_hand, "2026-06-30").status == "active"


@pytest.mark.parametrize(
    "text",
    ["", "today", "2026-02-30", "2026-6-1", "20260601", "2026-06-30T10:00:00", "0001-01-01T00:00:00+08:00", "\x00"],
)
def test_what_names_no_moment_is_refused(text: str) -> None:
    with pytest.raises(InvalidMoment) as refused:
        moment_of(text)
    assert refused.value.code == "bad_moment"


def test_a_day_stands_for_its_end_in_shanghai() -> None:
    assert moment_of("2026-06-30") == datetime(2026, 6, 30, 15, 59, 59, 999999, tzinfo=UTC)
