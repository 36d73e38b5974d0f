"""Reasons for a return: those every bureau has, those it adds, and which a task page proposes first."""

from __future__ import annotations

from typing import Any

import pytest

from jingkuai.aws import clients, keys
from jingkuai.aws.files import Files
from jingkuai.aws.ids import uuid7
from jingkuai.aws.settings import settings
from jingkuai.domain.principal import Principal
from jingkuai.domain.problem import Conflict, Invalid
from review.likeness import TOLD
from review.reason_store import ReasonStore
from review.return_reasons import MOST, SHIPPED, ReasonList, bureau_reasons, keep_reasons, suggested
from review.task_page import TaskPage, open_page
from tests.unit.review.conftest import LI, WANG, Office, reviewer

OWN = ("请补盖单位公章。", "请上传近期免冠照片。")


def keep(office: Office, *reasons: str, version: int = 0, by: Principal = WANG) -> ReasonList:
    store = ReasonStore(office.registry, uuid7)
    return keep_reasons(reasons, version, by=by, store=store, clock=office.clock)


def listed(office: Office, by: Principal = WANG) -> ReasonList:
    return bureau_reasons(by=by, store=ReasonStore(office.registry, uuid7))


def page(office: Office) -> TaskPage:
    return open_page(
        office.task_id(),
        by=WANG,
        store=office.tasks,
        files=Files(clients.s3()),
        records=settings().records_bucket,
        sealer=office.sealer,
        clock=office.clock,
    )


def test_a_bureaus_own_reasons_come_before_those_that_all_have(open_office: Office) -> None:
    assert listed(open_office).reasons == SHIPPED
    kept = keep(open_office, f"  {OWN[0]} ", OWN[1], OWN[0], SHIPPED[0].text)
    assert (kept.own, kept.version) == (OWN, 1)
    assert listed(open_office, LI) == kept
    assert [one.text for one in kept.reasons] == [*OWN, *(one.text for one in SHIPPED)]
    for other in (reviewer("city", "4201"), reviewer("beside", "420102")):
        assert listed(open_office, other).own == ()
    (entry,) = open_office.registry.query_all(keys.audit_pk("420106"))
    assert (entry["action"], entry["by"], entry["details"]["reasons"]) == ("return_reasons.kept", "wang", list(OWN))


def test_nobody_overwrites_what_a_colleague_has_just_added(open_office: Office) -> None:
    keep(open_office, OWN[0])
    for stale in (0, 2):
        with pytest.raises(Conflict):
            keep(open_office, OWN[1], version=stale, by=LI)
    assert keep(open_office, *OWN, version=1, by=LI).version == 2
    assert listed(open_office).own == OWN
    assert keep(open_office, version=2).own == ()


def test_the_same_request_again_gets_the_first_answer(open_office: Office) -> None:
    first = keep(open_office, *OWN)
    assert keep(open_office, *OWN) == first == listed(open_office)


def test_all_that_is_wrong_with_a_list_is_said_at_once(open_office: Office) -> None:
    with pytest.raises(Invalid) as refused:
        keep(open_office, " ", "好", "可以的", "长" * 201, *(f"第{number}条原因" for number in range(MOST)))
    assert {one.field: one.code for one in refused.value.errors} == {
        "reasons.0": "missing",
        "reasons.1": "string_too_short",
        "reasons.3": "string_too_long",
        "reasons": "too_long",
    }
    assert listed(open_office).version == 0


def test_a_task_page_proposes_them_without_a_call_more_while_it_may_be_returned(open_office: Office) -> None:
    keep(open_office, *OWN)
    open_office.calls.clear()
    shown = page(open_office)
    assert open_office.calls[1:] == ["GetItem", "BatchGetItem", "Query", "Decrypt", "PutItem"]
    assert [one.text for one in shown.suggested_reasons[:2]] == list(OWN)
    open_office.decide(choice="reject", reason="非本人提交")
    assert page(open_office).suggested_reasons == ()


@pytest.mark.parametrize(
    ("doubt", "first"),
    [
        ("duplicate_scan", "scan_of_another"),
        ("duplicate_certificate", "certificate_number_differs"),
        ("employer_name_differs", "employer_name_differs"),
        ("employer_code_differs", "credit_code_of_another"),
        ("dates_in_order", "dates_contradict"),
    ],
)
def test_what_the_check_doubts_comes_first(doubt: str, first: str) -> None:
    findings: list[dict[str, Any]] = [
        {"code": doubt, "result": "doubtful"},
        {"code": "scans_accepted", "result": "passed"},
    ]
    reasons = suggested(OWN, findings)
    assert reasons[0].code == first
    assert sorted(one.text for one in reasons) == sorted([*OWN, *(one.text for one in SHIPPED)])


def test_every_shipped_reason_says_what_to_do_and_is_named_once() -> None:
    assert len({one.code for one in SHIPPED}) == len({one.text for one in SHIPPED}) == len(SHIPPED) == 8
    assert all("请" in one.text for one in SHIPPED)
    assert {"duplicate_scan", "duplicate_certificate"} <= {one.code for one in TOLD.values()}
