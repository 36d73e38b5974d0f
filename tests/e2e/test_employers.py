"""A unit on the deployed stack: its members, who left, who never came, who is expected; and what becomes of the unit."""

from __future__ import annotations

import io
import random
from dataclasses import dataclass
from typing import Any

import pytest
from openpyxl import load_workbook

from tests import people
from tests.house import House
from tools.local.applicant import Applicant
from tools.local.client import Client, Refused, messages_to, send
from tools.local.waiting import eventually

PASSWORD = "Chutian-2026-unit"
COUNTY, CITY = "reviewer_420106", "reviewer_420100"


@dataclass
class Unit:
    """A unit with an administrator, and people who register as its members."""

    house: House
    uscc: str
    name: str
    desk: Client

    @classmethod
    def opened(cls, house: House) -> Unit:
        chance = random.Random()
        uscc, name = people.credit_code(chance), f"湖北示例第{chance.randrange(10**6)}实业有限公司"
        username = f"unit.{uscc[-9:]}".lower()
        administrator = {"username": username, "name": "王清雅", "phone": people.person(chance)["phone"]}
        body = {"uscc": uscc, "name": name, "region_code": "420106", "administrator": administrator}
        token = house.staff("admin").post("/admin/employers", body)["invitation_token"]
        house.public.post(f"/auth/invitations/{token}", {"password": PASSWORD})
        return cls(house, uscc, name, house.public.signed_in(username, PASSWORD))

    def member(self) -> Applicant:
        """Somebody with an approved record who works here."""
        return self.house.accountant(people.person(uscc=self.uscc, employer=self.name))

    def ids(self) -> set[str]:
        return {one["person_id"] for one in self.desk.get("/employer/members?limit=100")["items"]}

    def shows(self, *wanted: Applicant) -> set[str]:
        """Wait until the list, which is a moment behind, holds exactly these; their ids."""
        ids = {person_id(one) for one in wanted}
        eventually(lambda: self.ids() == ids, what="the list of members", within_s=20)
        return ids


def person_id(somebody: Applicant) -> str:
    return str(somebody.me.get("/me")["account"]["account_id"])


def employment(somebody: Applicant) -> dict[str, Any]:
    found: dict[str, Any] = somebody.me.get("/me/profile")["employment"]
    return found


def decide(bureau: Client, subject_id: str, what: str) -> None:
    """The bureau approves a case once it is in its inbox."""

    def task() -> str | None:
        items = bureau.get("/review/tasks?state=open&limit=100&kind=integrity_record")["items"]
        return next((str(one["task_id"]) for one in items if one["subject_id"] == subject_id), None)

    task_id = eventually(task, what=what, within_s=30)
    bureau.post(f"/review/tasks/{task_id}/decision", {"decision": "approve", "reason": "已向单位核实", "fields": []})


def test_a_unit_sees_its_members_and_says_who_left(house: House) -> None:
    unit = Unit.opened(house)
    stays, leaves = unit.member(), unit.member()
    unit.shows(stays, leaves)
    listed = unit.desk.get("/employer/members")["items"]
    assert all(one["employer_name"] == unit.name and "*" in one["id_number"] for one in listed)

    made = unit.desk.get("/employer/members?format=xlsx")
    assert (made["members"], made["complete"], made["items"]) == (2, True, [])
    file = send("GET", made["download_url"])
    assert file.status == 200
    (sheet,) = load_workbook(io.BytesIO(file.body)).worksheets
    assert {row[6] for row in sheet.iter_rows(min_row=2, values_only=True)} == unit.ids()

    path, body = f"/employer/members/{person_id(leaves)}/left", {"kind": "left", "reason": "合同到期，已办理离职"}
    said = unit.desk.post(path, body)
    assert unit.desk.post(path, body) == said
    assert employment(leaves)["status"] == "seeking"
    assert [one["kind"] for one in leaves.me.get("/me/profile/history")["items"]] == ["employer_left", "registration"]
    unit.shows(stays)
    phone = leaves.person["phone"]
    eventually(lambda: any(unit.name in one for one in messages_to(phone, house.aws)), what="the SMS", within_s=30)

    other = Unit.opened(house)
    with pytest.raises(Refused) as refused:
        other.desk.post(f"/employer/members/{person_id(stays)}/left", body)
    assert (refused.value.status, refused.value.code) == (404, "not_found")


def test_whoever_never_worked_there_is_looked_into_by_both_bureaus(house: House) -> None:
    unit = Unit.opened(house)
    somebody = unit.member()
    who = person_id(somebody)
    said = unit.desk.post(f"/employer/members/{who}/left", {"kind": "never_worked", "reason": "从未聘用此人"})
    assert said["integrity_check"] is True
    assert employment(somebody)["status"] == "seeking"
    purpose = "?purpose=%E6%A0%B8%E5%AF%B9"
    (record,) = house.staff(COUNTY).get(f"/review/people/{who}{purpose}")["integrity_records"]
    assert (record["state"], record["facts"]) == ("pending", "从未聘用此人")
    assert somebody.me.get("/me/integrity-records")["items"] == []
    decide(house.staff(COUNTY), record["record_id"], "the check at the county")
    decide(house.staff(CITY), record["record_id"], "the check at the city")

    def shown() -> dict[str, Any] | None:
        return next(iter(somebody.me.get("/me/integrity-records")["items"]), None)

    told = eventually(shown, what="the confirmed record", within_s=30)
    assert (told["record_id"], told["state"]) == (record["record_id"], "effective")
    path = f"/review/people/{who}/integrity-records/{record['record_id']}/revoke"
    assert house.staff(CITY).post(path, {"reason": "单位更正了说法"})["state"] == "revoked"
    assert (shown() or {})["state"] == "revoked"


def test_whoever_is_expected_gets_one_message_known_or_not(house: House) -> None:
    unit, stranger = Unit.opened(house), people.person()
    body = {"name": stranger["name"], "phone": stranger["phone"]}
    first = unit.desk.post("/employer/invitations", body)

    def told() -> list[str]:
        return [one for one in messages_to(stranger["phone"], house.aws) if unit.name in one]

    eventually(told, what="the SMS to somebody not registered", within_s=30)
    assert unit.desk.post("/employer/invitations", body) == first
    known = house.applicant()
    again = unit.desk.post("/employer/invitations", {"name": known.person["name"], "phone": known.person["phone"]})
    assert set(again) == set(first) and again["valid_until"] == first["valid_until"]

    def messages() -> bool:
        return any(unit.name in one["body"] for one in known.me.get("/me/messages")["items"])

    eventually(messages, what="the message to somebody registered", within_s=30)
    assert len(told()) == 1


def test_all_members_of_a_merged_unit_move_at_once(house: House) -> None:
    unit, chance = Unit.opened(house), random.Random()
    everybody = [unit.member() for _ in range(3)]
    unit.shows(*everybody)
    new = {"uscc": people.credit_code(chance), "name": f"湖北示例第{chance.randrange(10**6)}集团有限公司"}
    admin, path = house.staff("admin"), f"/admin/employers/{unit.uscc}/successor"
    seen = admin.post(path, {**new, "preview": True})
    assert (seen["status"], seen["members"]) == ("preview", 3)
    assert {employment(one)["uscc"] for one in everybody} == {unit.uscc}

    begun = admin.post(path, new)
    assert (begun["status"], begun["members"]) == ("running", 3)
    eventually(lambda: admin.post(path, new)["status"] == "done", what="the end of the merger", within_s=60)
    done = admin.post(path, new)
    assert (done["members"], done["moved"]) == (3, 3)
    assert {(one["uscc"], one["employer_name"]) for one in map(employment, everybody)} == {(new["uscc"], new["name"])}
    unit.shows()
    for somebody in everybody:
        versions = somebody.me.get("/me/profile/history")["items"]
        assert (versions[0]["kind"], versions[0]["by_role"]) == ("employer_succession", "admin")


def test_a_unit_under_a_new_name_keeps_its_members(house: House) -> None:
    unit = Unit.opened(house)
    somebody = unit.member()
    unit.shows(somebody)
    new = {"uscc": unit.uscc, "name": f"{unit.name[:-4]}股份有限公司"}
    admin, path = house.staff("admin"), f"/admin/employers/{unit.uscc}/successor"
    admin.post(path, new)
    eventually(lambda: admin.post(path, new)["status"] == "done", what="the end of the renaming", within_s=60)
    assert employment(somebody)["employer_name"] == new["name"]
    listed = house.staff(CITY).get("/admin/employers?limit=100")["items"]
    assert [one["name"] for one in listed if one["uscc"] == unit.uscc] == [new["name"]]
    unit.shows(somebody)
    eventually(
        lambda: unit.desk.get("/employer/members")["items"][0]["employer_name"] == new["name"],
        what="the new name in the list",
        within_s=20,
    )
