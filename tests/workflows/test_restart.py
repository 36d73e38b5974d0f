"""A stop in the middle of somebody's review: nothing is lost, the case is taken up where it stood."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.test_main_job import BUREAU, open_task, submission_of
from tests.house import House
from tools.local.applicant import approve
from tools.local.place import Place, free_port
from tools.local.stack import Stack


def test_a_review_that_was_open_when_the_stack_stopped_ends_after_its_start(tmp_path: Path) -> None:
    stack = Stack(Place(free_port(), tmp_path))
    try:
        before = House(stack.up())
        somebody = before.applicant()
        waiting, returned = somebody.submit(), before.applicant()
        sent_back = returned.submit()
        open_task(before, waiting)
        task = open_task(before, sent_back)
        decision = {"decision": "return", "reason": "扫描件不清晰", "fields": []}
        before.staff(BUREAU).post(f"/review/tasks/{task}/decision", decision)

        assert stack.down() is True
        after = House(stack.up())  # takes up what the stop interrupted, as an operator would

        approve(after.staff(BUREAU), waiting)
        assert after.applicant(somebody.person).outcome(waiting) == "approved"
        again = after.applicant(returned.person)
        seen = submission_of(again, sent_back)
        assert seen["status"] == "returned"
        again.me.post(
            f"/me/submissions/{sent_back}/resubmit",
            {"payload": seen["payload"], "attachment_ids": seen["attachment_ids"]},
        )
        open_task(after, sent_back)
        approve(after.staff(BUREAU), sent_back)
        assert again.outcome(sent_back) == "approved"
    finally:
        stack.reset()
