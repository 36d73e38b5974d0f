"""The main job as its people live it: register, be reviewed, get credits from an institution's file, print a certificate."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.files import imported, rows_as_csv
from tests.house import House
from tools.local.applicant import Applicant, approve
from tools.local.client import Refused, send
from tools.local.waiting import eventually

BUREAU = "reviewer_420106"


def test_an_approved_accountant_gets_credits_and_a_certificate_anyone_can_verify(house: House) -> None:
    somebody = house.accountant()
    person = somebody.person
    rows: list[tuple[object, ...]] = [
        (person["id_number"], person["name"], 2026, "专业科目", f"会计准则第{n}号", 20, "2026-05-01", f"C{n}", "")
        for n in range(4)
    ]
    rows += [(person["id_number"], person["name"], 2026, "公需科目", "职业道德", 12.5, "2026-05-02", "", "")]
    rows += [(person["id_number"], "不是我", 2026, "公需科目", "职业道德二", 15, "2026-05-02", "G2", "")]
    done = imported(house.staff("institution"), rows_as_csv(rows).encode("gb18030"), "年度学分.csv")
    assert (done["status"], done["rows"]["accepted"], done["rows"]["rejected"]) == ("partly", 5, 1)
    assert done["reasons"] == [{"code": "name_mismatch", "count": 1}]

    year = somebody.year(2026)
    assert year["earned"] == {"total": 92.5, "professional": 80, "public": 12.5}
    assert year["shortfall"] == {"total": 0, "professional": 0}
    assert year["fulfilled"] is True

    issued = somebody.certificate(2026)
    assert somebody.certificate(2026)["certificate_no"] == issued["certificate_no"], (
        "an unchanged ledger keeps its number"
    )
    assert send("GET", issued["download_url"]).body.startswith(b"%PDF")
    verified = house.public.get(f"/verify/{issued['certificate_no']}")
    assert (verified["valid"], verified["state"], verified["credits"]["total"]) == (True, "valid", 92.5)
    assert person["name"] not in str(verified) and person["id_number"] not in str(verified)
    assert issued["verify_url"].endswith(f"/verify/{issued['certificate_no']}")
    assert send("GET", issued["verify_url"]).status == 200, "the address in the QR code answers"


def test_a_number_of_nobody_is_answered_and_not_valid(house: House) -> None:
    assert house.public.get("/verify/HB2026ABCDEFGHJK")["state"] == "unknown"


def test_a_short_year_has_no_certificate(house: House) -> None:
    somebody = house.accountant()
    with pytest.raises(Refused) as refused:
        somebody.certificate(2026)
    assert (refused.value.status, refused.value.code) == (409, "credits_short")


def test_a_returned_registration_is_mended_and_approved_by_the_same_bureau(house: House) -> None:
    somebody, bureau = house.applicant(), house.staff(BUREAU)
    submission = somebody.submit()
    task = open_task(house, submission)
    bureau.post(
        f"/review/tasks/{task}/decision",
        {"decision": "return", "reason": "工作单位名称与公章不一致", "fields": ["employment.employer_name"]},
    )
    seen = submission_of(somebody, submission)
    assert seen["status"] == "returned"
    assert seen["returned"] == {"reason": "工作单位名称与公章不一致", "fields": ["employment.employer_name"]}
    payload = {
        **seen["payload"],
        "employment": {**seen["payload"]["employment"], "employer_name": "湖北示例新设会计事务有限公司"},
    }
    somebody.me.post(
        f"/me/submissions/{submission}/resubmit", {"payload": payload, "attachment_ids": seen["attachment_ids"]}
    )
    approve(bureau, submission)
    assert somebody.outcome(submission) == "approved"
    profile = somebody.me.get("/me/profile")
    assert profile["employment"]["employer_name"] == "湖北示例新设会计事务有限公司"
    events = [one["event"] for one in submission_of(somebody, submission)["timeline"]]
    assert events == [
        "submitted",
        "checked",
        "stage_opened",
        "returned",
        "resubmitted",
        "checked",
        "stage_opened",
        "approved",
        "applied",
    ]


def test_a_rejected_registration_may_be_filed_anew(house: House) -> None:
    somebody, bureau = house.applicant(), house.staff(BUREAU)
    submission = somebody.submit()
    bureau.post(
        f"/review/tasks/{open_task(house, submission)}/decision",
        {"decision": "reject", "reason": "非本人提交", "fields": []},
    )
    assert somebody.outcome(submission) == "rejected"
    with pytest.raises(Refused) as none_yet:
        somebody.me.get("/me/profile")
    assert none_yet.value.code == "no_record"
    assert somebody.submit() != submission


def test_a_withdrawn_registration_leaves_the_inbox(house: House) -> None:
    somebody = house.applicant()
    submission = somebody.submit()
    task = open_task(house, submission)
    somebody.me.post(f"/me/submissions/{submission}/withdraw")
    assert submission_of(somebody, submission)["status"] == "withdrawn"
    assert task not in [
        one["task_id"] for one in house.staff(BUREAU).get("/review/tasks?state=open&limit=100")["items"]
    ]
    assert somebody.submit() != submission


def test_who_is_reviewed_hears_of_it(house: House) -> None:
    somebody = house.accountant()
    messages = eventually(
        lambda: somebody.me.get("/me/messages")["items"], what="a message about the approval", within_s=20
    )
    assert messages[0]["read"] is False
    assert somebody.me.get("/me")["unread_messages"] == len(messages)
    for _ in range(2):
        somebody.me.post(f"/me/messages/{messages[0]['message_id']}/read")
    assert somebody.me.get("/me")["unread_messages"] == len(messages) - 1


def open_task(house: House, submission: str) -> str:
    """The bureau's task for a submission, once it is there."""

    def found() -> str | None:
        page = house.staff(BUREAU).get("/review/tasks?state=open&limit=100")
        return next((str(one["task_id"]) for one in page["items"] if one["subject_id"] == submission), None)

    return eventually(found, what="the task in the inbox", within_s=30)


def submission_of(somebody: Applicant, submission: str) -> dict[str, Any]:
    """A submission as its owner sees it."""
    seen: dict[str, Any] = somebody.me.get(f"/me/submissions/{submission}")
    return seen
