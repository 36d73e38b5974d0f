"""The page of a task: what a reviewer sees in full, what stays masked, and the trace of the look."""

from urllib.parse import parse_qs, urlparse

import pytest

from jingkuai.aws import clients, keys
from jingkuai.aws.files import Files
from jingkuai.aws.settings import settings
from jingkuai.domain.principal import Principal, Role
from jingkuai.domain.problem import NotFound
from review.task_page import TaskPage, open_page
from tests.unit.review.conftest import ID_NUMBER, NAME, WANG, Office, reviewer


def shown(office: Office, by: Principal = WANG, task_id: str | None = None) -> TaskPage:
    return open_page(
        task_id or office.task_id(),
        by=by,
        store=office.tasks,
        files=Files(clients.s3()),
        records=settings().records_bucket,
        sealer=office.sealer,
        clock=office.clock,
    )


def test_the_reviewer_of_an_open_task_sees_everything_in_full(open_office: Office) -> None:
    page = shown(open_office)
    assert page.id_number == ID_NUMBER
    assert page.payload["basic"]["name"] == NAME
    assert page.profile is None
    assert page.differences == ()
    assert [one["code"] for one in page.findings] == [
        "payload_valid",
        "employer_credit_code",
        "dates_in_order",
        "scans_accepted",
    ]
    assert [one["event"] for one in page.timeline] == ["submitted", "checked", "stage_opened"]
    assert page.changes[0]["action"] == "submission.stage_opened"


def test_each_scan_has_a_link_that_ends_after_five_minutes(open_office: Office) -> None:
    page = shown(open_office)
    assert len(page.scans) == 4
    for scan in page.scans:
        address = urlparse(scan.download_url)
        assert address.path == f"/records/scans/{scan.attachment_id}"
        assert parse_qs(address.query)["X-Amz-Expires"] == ["300"]


def test_a_scan_taken_sideways_is_shown_as_it_came_and_upright(open_office: Office) -> None:
    sideways = next(iter(open_office.scans.values()))
    open_office.registry.update(
        keys.attachment_key(sideways.attachment_id),
        "SET rendering_key = :key",
        values={":key": sideways.upright_key},
    )
    links = {one.attachment_id: one.rendering_url for one in shown(open_office).scans}
    address = urlparse(links.pop(sideways.attachment_id))
    assert address.path == f"/records/scans/{sideways.attachment_id}.upright"
    assert parse_qs(address.query)["response-content-disposition"][0].startswith("attachment")
    assert set(links.values()) == {None}


def test_every_look_is_recorded_with_who_and_what_for(open_office: Office) -> None:
    shown(open_office)
    (look,) = open_office.looks()
    assert (look["by"], look["by_role"], look["purpose"]) == ("wang", "reviewer", "审核")


def test_a_page_that_is_refused_leaves_no_look(open_office: Office) -> None:
    with pytest.raises(NotFound):
        shown(open_office, reviewer("far", "420502"))
    assert open_office.looks() == []


def test_what_is_done_is_masked(open_office: Office) -> None:
    open_office.decide(WANG, "approve")
    page = shown(open_office)
    assert page.id_number == "429***********7038"
    assert page.payload["basic"]["name"] == "欧**国"
    assert page.payload["contact"] == {"phone": "199****7120"}
    assert len(open_office.looks()) == 1


def test_what_is_withdrawn_is_masked(open_office: Office) -> None:
    open_office.withdraw()
    assert shown(open_office).id_number == "429***********7038"


def test_the_bureau_above_sees_the_open_task_and_an_administrator_the_mask(open_office: Office) -> None:
    assert shown(open_office, reviewer("above", "4201")).id_number == ID_NUMBER
    assert shown(open_office, reviewer("root", "42", role=Role.ADMIN)).id_number == "429***********7038"


def test_a_page_costs_five_calls(open_office: Office) -> None:
    task_id = open_office.task_id()
    open_office.calls.clear()
    shown(open_office, task_id=task_id)
    assert open_office.calls == ["GetItem", "BatchGetItem", "Query", "Decrypt", "PutItem"]
