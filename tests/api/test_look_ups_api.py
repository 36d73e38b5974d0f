"""Looking people up over the API: who may, what is answered, what stays masked, and what the log keeps of it."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

import register.record_api
from jingkuai.aws import keys
from tests.api.gateway import Answer
from tests.api.refusals import refused
from tests.api.registry import WUCHANG, WUHAN, YILING, Accountant, Caller, Registry

WHY = {"purpose": "核对材料"}
FOUND = {"person_id", "name_masked", "id_number", "region_code", "status", "employer_name"}


@pytest.fixture(scope="module")
def somebody(registry: Registry) -> Accountant:
    """Somebody whose record 420106 keeps."""
    return registry.accountant()


def search(by: Caller, query: str = "", **typed: Any) -> Answer:
    return by.post(f"/review/people/search{query}", {**WHY, **typed})


def found(answer: Answer) -> list[str]:
    assert answer.status == 200, answer.text
    return [one["person_id"] for one in answer.json["items"]]


def opened(by: Caller, person_id: str, purpose: str = "核对材料") -> Answer:
    return by.get(f"/review/people/{person_id}?purpose={quote(purpose)}")


def test_each_of_the_three_finds_somebody_masked(registry: Registry, somebody: Accountant) -> None:
    person = somebody.person
    for typed in (
        {"id_number": person["id_number"]},
        {"name": person["name"]},
        {"employer": person["uscc"]},
        {"employer": person["employer"]},
    ):
        answer = search(registry.reviewer(), "?limit=100", **typed)
        (item,) = [one for one in answer.json["items"] if one["person_id"] == somebody.account_id]
        assert set(item) == FOUND
        assert (item["region_code"], item["employer_name"]) == (WUCHANG, person["employer"])
        for secret in ("id_number", "name", "phone"):
            assert person[secret] not in answer.text
    assert answer.json["next_cursor"] is None


def test_the_city_above_finds_and_another_bureau_finds_nobody(registry: Registry, somebody: Accountant) -> None:
    number = {"id_number": somebody.person["id_number"]}
    assert found(search(registry.reviewer(WUHAN), **number)) == [somebody.account_id]
    for typed in (number, {"name": somebody.person["name"]}, {"employer": somebody.person["uscc"]}):
        answer = search(registry.reviewer(YILING), **typed)
        assert (answer.status, answer.json) == (200, {"items": [], "next_cursor": None})
    refused(opened(registry.reviewer(YILING), somebody.account_id), 404, "not_found")


def test_a_page_goes_on_for_the_search_it_belongs_to(registry: Registry, somebody: Accountant) -> None:
    for _ in range(2):
        registry.accountant(registry.somebody(employer=somebody.person["employer"], uscc=somebody.person["uscc"]))
    unit, seen, cursor = {"employer": somebody.person["uscc"]}, [], ""
    while True:
        answer = search(registry.reviewer(), f"?limit=1&cursor={quote(cursor)}", **unit)
        seen += found(answer)
        if not (cursor := answer.json["next_cursor"] or ""):
            break
        last = cursor
    assert len(seen) == len(set(seen)) == 3
    other = search(registry.reviewer(), f"?cursor={quote(last)}", name=somebody.person["name"])
    refused(other, 400, "bad_cursor")
    refused(search(registry.reviewer(WUHAN), f"?cursor={quote(last)}", **unit), 400, "bad_cursor")


def test_all_that_is_wrong_with_a_search_is_said_at_once(registry: Registry) -> None:
    answer = registry.reviewer().post("/review/people/search", {"id_number": "4201", "purpose": ""})
    refused(answer, 422, "invalid", {"id_number": "bad_length", "purpose": "missing"})
    refused(search(registry.reviewer()), 422, "invalid", {"id_number": "one_of_three"})


def test_a_record_opens_in_full_with_a_purpose(registry: Registry, somebody: Accountant) -> None:
    answer = opened(registry.reviewer(), somebody.account_id)
    record, person = answer.json, somebody.person
    assert (record["id_number"], record["basic"]["name"]) == (person["id_number"], person["name"])
    assert record["managed_by"] == {"region_code": WUCHANG, "name": "武昌区财政局"}
    assert (record["open"], record["former_numbers"], record["status"]) == ([], [], "active")
    assert person["phone"] not in answer.text
    bare = registry.reviewer().get(f"/review/people/{somebody.account_id}")
    refused(bare, 422, "invalid", {"purpose": "missing"})


def test_two_records_are_settled_and_the_record_says_so(registry: Registry, somebody: Accountant) -> None:
    other = registry.newcomer().account_id
    path, body = f"/review/people/{somebody.account_id}/same-person", {"other_person_id": other, "reason": "照片不符"}
    refused(registry.reviewer().post(path, {**body, "same": "no"}), 400, "bad_request", {"same": "wrong_type"})
    refused(registry.reviewer(YILING).post(path, {**body, "same": True}), 404, "not_found")
    for _ in range(2):
        answer = registry.reviewer().post(path, {**body, "same": False})
        assert (answer.status, answer.json["same"], answer.json["region_code"]) == (200, False, WUCHANG), answer.text
    (told,) = opened(registry.reviewer(WUHAN), somebody.account_id).json["same_person"]
    assert (told["other_person_id"], told["same"], told["reason"], told["earlier"]) == (other, False, "照片不符", [])


def test_the_person_reads_who_looked_and_why(registry: Registry, somebody: Accountant) -> None:
    def looks() -> list[tuple[str, str, str]]:
        log = registry.cloud.registry.query_all(keys.audit_pk(somebody.account_id), prefix="L#")
        return [(one["by_role"], one["by_scope"], one["purpose"]) for one in log]

    before = looks()
    search(registry.reviewer(), id_number=somebody.person["id_number"], purpose="群众来电核实")
    search(registry.reviewer(), name=somebody.person["name"], purpose="名单核对")
    opened(registry.reviewer(WUHAN), somebody.account_id, "复核")
    assert looks()[len(before) :] == [("reviewer", WUCHANG, "群众来电核实"), ("reviewer", WUHAN, "复核")]


def test_an_office_shows_with_the_regions_and_in_the_records_it_keeps(registry: Registry, somebody: Accountant) -> None:
    office = {"name": "武昌区财政局会计科", "phone": "027-88936000", "address": "示例路1号"}
    path = f"/admin/regions/{WUCHANG}/office"
    refused(registry.reviewer(WUHAN).put(path, office), 403, "other_office")
    refused(registry.reviewer().put(path, {**office, "phone": "1"}), 422, "invalid", {"phone": "bad_contact_phone"})
    refused(registry.admin.put("/admin/regions/999999/office", office), 404, "not_found")
    assert somebody.get("/me/profile").json["managed_by"]["phone"] is None
    assert registry.reviewer().put(path, office).json == office
    register.record_api.offices.cache_clear()
    assert somebody.get("/me/profile").json["managed_by"]["phone"] == office["phone"]
    divisions = {one["code"]: one for one in registry.nobody.get("/regions").json["divisions"]}
    assert divisions[WUCHANG]["office"] == office
    assert "office" not in divisions["420102"]


def test_a_bureau_keeps_reasons_for_a_return_and_a_task_page_proposes_them(registry: Registry) -> None:
    bureau, path = registry.reviewer(), "/review/return-reasons"
    listed = bureau.get(path).json
    assert (len(listed["reasons"]), listed["version"]) == (8, 0)
    kept = bureau.put(path, {"reasons": ["请补盖单位公章。"], "version": 0}).json
    assert (kept["reasons"][0], kept["version"]) == ({"code": None, "text": "请补盖单位公章。"}, 1)
    refused(bureau.put(path, {"reasons": ["别的原因"], "version": 0}), 409, "conflict")
    refused(bureau.put(path, {"reasons": ["好"], "version": 1}), 422, "invalid", {"reasons.0": "string_too_short"})
    task = registry.task_of(registry.submitted(registry.newcomer()))
    page = bureau.get(f"/review/tasks/{task}").json
    assert {"code": None, "text": "请补盖单位公章。"} in page["suggested_reasons"]
    assert isinstance(page["likenesses"], list)
