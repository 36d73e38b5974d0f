"""Transfers over HTTP on the deployed stack: the whole way with its letter, and two at once, of whom exactly one wins."""

from __future__ import annotations

import pytest

from jingkuai.aws import keys
from tests.house import House
from tests.workflows.transferring import JIANGAN, WUCHANG, XILING, Place, Traveller, at_once
from tools.local.samples import NEW_UNIT
from tools.local.waiting import eventually


@pytest.fixture(scope="module")
def mover(house: House) -> Traveller:
    """One person for all of these: every test leaves them with a record in one place and no transfer open."""
    return Traveller.of(house, with_unit=False)


def test_of_two_transfers_filed_at_once_one_is_filed(mover: Traveller) -> None:
    proofs, home = mover.proofs(), mover.place()
    answers = at_once(*(lambda to=to: mover.somebody.transfer(to, proofs) for to in (elsewhere(mover), XILING)))  # type: ignore[misc]
    assert sorted(map(str, answers)) == ["done", "open_transfer"]
    (filed,) = [one for one in mover.somebody.me.get("/me/transfers")["items"] if one["status"].startswith("waiting")]
    mover.transfer_id = filed["transfer_id"]
    assert mover.operated.item(mover.person_at)["open"] == {"transfer": mover.transfer_id}
    mover.asked()
    mover.cancels()
    mover.ends("cancelled", at=home)


def test_a_transfer_and_a_change_of_unit_at_once_are_one(mover: Traveller) -> None:
    proofs, home = [*mover.proofs(), *mover.somebody.scanned("employment_proof")], mover.place()
    employment = {**mover.somebody.me.get("/me/profile")["employment"], "employer_name": "湖北示例另一会计有限公司"}
    change = {"kind": "employment_change", "payload": {"employment": employment}, "attachment_ids": proofs}
    answers = at_once(
        lambda: mover.files(elsewhere(mover)),
        lambda: mover.somebody.me.post("/me/submissions", change),
    )
    assert sorted(map(str, answers)) in (["done", "open_submission"], ["done", "open_transfer"])
    if answers[0] == "done":
        mover.asked()
        mover.cancels()
    else:
        submission = mover.operated.item(mover.person_at)["open"]["employment_change"]
        mover.somebody.me.post(f"/me/submissions/{submission}/withdraw")
    assert mover.place() == home
    assert mover.operated.item(mover.person_at)["open"] == {}
    mover.operated.holds()


def test_an_acceptance_pressed_many_times_at_once_moves_the_record_once(mover: Traveller) -> None:
    to, version = elsewhere(mover), mover.operated.item(mover.person_at)["version"]
    mover.files(to)
    task, bureau = mover.asked(), mover.house.staff(f"reviewer_{to}")
    body = {"decision": "approve", "reason": "材料齐全", "fields": []}
    assert at_once(*[lambda: bureau.post(f"/review/tasks/{task}/decision", body)] * 3) == ["done"] * 3
    mover.ends("completed", at=(to, "active", NEW_UNIT))
    assert mover.operated.item(mover.person_at)["version"] == version + 1
    assert [one["event"] for one in mover.transfer()["timeline"]].count("applied") == 1


@pytest.mark.parametrize("attempt", range(3))
def test_of_a_cancel_and_the_last_acceptance_at_once_one_wins(mover: Traveller, attempt: int) -> None:
    home, to = mover.place(), elsewhere(mover)
    mover.files(to)
    task, bureau = mover.asked(), mover.house.staff(f"reviewer_{to}")
    body = {"decision": "approve", "reason": "材料齐全", "fields": []}
    cancelled, accepted = at_once(mover.cancels, lambda: bureau.post(f"/review/tasks/{task}/decision", body))
    assert (cancelled, accepted) in [("done", "already_decided"), ("transfer_ended", "done")]
    if cancelled == "done":
        mover.ends("cancelled", at=home)
    else:
        mover.ends("completed", at=(to, "active", NEW_UNIT))
    decided = mover.operated.item(keys.task_key(task))["decision"]
    assert decided == ("withdrawn" if cancelled == "done" else "approve")


def test_out_of_the_province_with_a_letter_that_anybody_verifies(mover: Traveller) -> None:
    mover.files("430100")
    kept_by = mover.place()[0]
    mover.decides(kept_by)
    away: Place = (kept_by, "transferred_out", NEW_UNIT)
    mover.ends("completed", at=away)
    letter = eventually(
        lambda: found if (found := mover.transfer()["letter"]).get("download_url") else None,
        what="the letter's page",
        within_s=30,
    )
    assert mover.house.public.get(f"/verify/{letter['number']}")["valid"] is True


def elsewhere(mover: Traveller) -> str:
    """The other one of two bureaus of a city."""
    return JIANGAN if mover.place()[0] == WUCHANG else WUCHANG
