"""The draft: sections saved one by one, one version at a time, the phone sealed."""

from datetime import timedelta
from typing import Any

import pytest

from jingkuai.aws import keys
from jingkuai.domain.problem import Invalid
from register import drafts
from register.drafts import VersionConflict
from register.records import Draft
from tests.unit.register import people
from tests.unit.register.desk import Desk

FORM = people.payload()


def save(desk: Desk, sections: dict[str, Any], version: int) -> Draft:
    return drafts.save(sections, version, by=people.principal(), store=desk.drafts, clock=desk.clock)


def read(desk: Desk) -> Draft:
    return desk.drafts.draft(people.PERSON, at=desk.now)


def test_a_form_nobody_saved_is_empty_and_of_version_0(desk: Desk) -> None:
    with desk.costing(1):
        draft = read(desk)
    assert (draft.payload, draft.version) == ({}, 0)
    assert drafts.shown(draft)["complete_percent"] == 0
    assert {"section": "basic", "field": "name"}.items() <= drafts.shown(draft)["missing"][0].items()


def test_saving_a_section_keeps_the_others(desk: Desk) -> None:
    with desk.costing(1):
        first = save(desk, {"basic": FORM["basic"], "education": FORM["education"]}, 0)
    with desk.costing(2):  # the phone is sealed
        second = save(desk, {"contact": FORM["contact"]}, first.version)
    third = save(desk, {"basic": {**FORM["basic"], "ethnicity": "02"}}, second.version)
    assert [one.version for one in (first, second, third)] == [1, 2, 3]
    with desk.costing(2):
        draft = read(desk)
    assert draft == third
    assert draft.payload["education"] == FORM["education"]
    assert draft.payload["contact"] == FORM["contact"]
    assert draft.payload["basic"]["ethnicity"] == "02"


def test_a_whole_form_is_complete_and_reads_back_as_saved(desk: Desk) -> None:
    save(desk, FORM, 0)
    shown = drafts.shown(read(desk))
    assert (shown["payload"], shown["missing"], shown["complete_percent"]) == (FORM, [], 100)


def test_of_two_pages_saving_the_same_version_the_second_is_told_what_stands(desk: Desk) -> None:
    saved = save(desk, {"basic": FORM["basic"]}, 0)
    for stale in (0, saved.version + 1):
        with pytest.raises(VersionConflict) as refused:
            save(desk, {"basic": {**FORM["basic"], "name": "另一页"}}, stale)
        assert refused.value.code == "version_conflict"
        assert refused.value.extra == {"current": drafts.shown(saved), "yours": stale}
    assert read(desk) == saved


def test_a_section_that_is_null_is_emptied(desk: Desk) -> None:
    save(desk, FORM, 0)
    after = save(desk, {"contact": None, "education": None}, 1)
    assert set(after.payload) == {"basic", "employment", "qualifications", "region_code"}
    with desk.costing(1):
        assert read(desk) == after


def test_a_contact_saved_without_a_phone_forgets_the_earlier_one(desk: Desk) -> None:
    save(desk, FORM, 0)
    after = save(desk, {"contact": {"email": "new@example.invalid", "phone": ""}}, 1)
    assert after.payload["contact"] == {"email": "new@example.invalid", "phone": ""}
    assert read(desk) == after


@pytest.mark.parametrize(
    ("sections", "field"),
    [
        ({"basic": "text"}, "basic"),
        ({"education": [{"school": 5}]}, "education.0.school"),
        ({"hobbies": {}}, "hobbies"),
        ({"basic": {"id_number": "x"}}, "basic.id_number"),
    ],
)
def test_only_the_shape_is_looked_at(desk: Desk, sections: dict[str, Any], field: str) -> None:
    with desk.costing(0), pytest.raises(Invalid) as refused:
        save(desk, sections, 0)
    assert [one.field for one in refused.value.errors] == [field]
    assert save(desk, {"basic": {"birth_date": "someday", "name": "半"}}, 0).version == 1


def test_the_phone_lies_in_no_item_in_plain(desk: Desk) -> None:
    save(desk, FORM, 0)
    assert people.PHONE not in repr(desk.cloud.registry.get(keys.draft_key(people.PERSON)))


def test_a_draft_is_forgotten_ninety_days_after_the_last_save(desk: Desk) -> None:
    save(desk, FORM, 0)
    desk.now += timedelta(days=90)
    assert read(desk) == Draft()
    begun_anew = save(desk, {"basic": FORM["basic"]}, 0)
    assert (begun_anew.payload, begun_anew.version) == ({"basic": FORM["basic"]}, 1)
