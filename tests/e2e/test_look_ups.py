"""What a bureau looks up on the deployed stack: people by number, name and unit, two records settled, its office, its reasons."""

from __future__ import annotations

from functools import partial
from typing import Any
from urllib.parse import quote

import pytest

from tests import people
from tests.e2e.test_main_job import open_task
from tests.house import House
from tools.local.client import Client, Refused
from tools.local.waiting import eventually

COUNTY, CITY, ELSEWHERE = "reviewer_420106", "reviewer_420100", "reviewer_420502"


def found(by: Client, **typed: str) -> list[str]:
    body = {**typed, "purpose": "核对材料"}
    return [one["person_id"] for one in by.post("/review/people/search?limit=100", body)["items"]]


def is_found(person_id: str, by: Client, typed: dict[str, str]) -> bool:
    return person_id in found(by, **typed)


def opened(by: Client, person_id: str) -> dict[str, Any]:
    record: dict[str, Any] = by.get(f"/review/people/{person_id}?purpose={quote('核对材料')}")
    return record


def refused(status: int, code: str, ask: Any) -> None:
    with pytest.raises(Refused) as told:
        ask()
    assert (told.value.status, told.value.code) == (status, code)


def test_somebody_is_found_opened_and_settled_by_their_own_bureaus_only(house: House) -> None:
    somebody, county, elsewhere = house.accountant(), house.staff(COUNTY), house.staff(ELSEWHERE)
    person = somebody.person
    person_id = somebody.me.get("/me/profile")["person_id"]
    number = {"id_number": person["id_number"]}
    for by in (county, house.staff(CITY)):
        assert found(by, **number) == [person_id]
    for typed in ({"name": person["name"]}, {"employer": person["uscc"]}, {"employer": person["employer"]}):
        eventually(partial(is_found, person_id, county, typed), what="the person in the index", within_s=20)
        assert not is_found(person_id, elsewhere, typed)
    assert found(elsewhere, **number) == []

    record = opened(county, person_id)
    assert (record["id_number"], record["basic"]["name"]) == (person["id_number"], person["name"])
    refused(404, "not_found", lambda: opened(elsewhere, person_id))

    same = {"name": person["name"], "id_number": people.born_with(person)}
    twin = house.applicant(people.person(None, **same))
    submission = twin.submit()
    page = county.get(f"/review/tasks/{open_task(house, submission)}")
    (alike,) = page["likenesses"]
    assert (alike["person_id"], alike["why"], alike["verdict"]) == (person_id, ["name_and_birth"], None)
    assert person["id_number"] not in str(alike) and person["name"] not in str(alike)
    twin_id = twin.me.get("/me")["account"]["account_id"]
    verdict = {"other_person_id": person_id, "same": False, "reason": "照片不是同一人"}
    path = f"/review/people/{twin_id}/same-person"
    refused(404, "not_found", lambda: elsewhere.post(path, verdict))
    first = county.post(path, verdict)
    assert county.post(path, verdict) == first
    page = county.get(f"/review/tasks/{page['task_id']}")
    assert [one["verdict"] for one in page["likenesses"]] == ["not_same"]
    assert opened(house.staff(CITY), person_id)["same_person"][0]["other_person_id"] == twin_id
    assert len(page["suggested_reasons"]) >= 8


def test_a_bureau_enters_its_office_and_its_reasons(house: House) -> None:
    office = {"name": "武昌区财政局会计科", "phone": "027-88936000", "address": "示例路1号"}
    refused(403, "other_office", lambda: house.staff(ELSEWHERE).call("PUT", "/admin/regions/420106/office", office))
    assert house.staff(COUNTY).call("PUT", "/admin/regions/420106/office", office) == office

    def shown() -> bool:
        divisions = house.public.get("/regions")["divisions"]
        return any(one["code"] == "420106" and one.get("office") == office for one in divisions)

    eventually(shown, what="the office among the regions", within_s=90)

    county = house.staff(COUNTY)
    before = county.get("/review/return-reasons")
    kept = {"reasons": ["请补盖单位公章。"], "version": before["version"]}
    after = county.call("PUT", "/review/return-reasons", kept)
    assert after["reasons"][0] == {"code": None, "text": "请补盖单位公章。"}
    assert county.call("PUT", "/review/return-reasons", kept) == after
