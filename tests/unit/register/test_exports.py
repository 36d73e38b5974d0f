"""A copy of everything: asked for once whatever the race, made once whatever the retries, whole, and with nothing of others in it."""

import logging
import re
from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlparse

import pytest

from jingkuai.aws import clients, keys
from jingkuai.aws.ids import uuid7
from jingkuai.domain.attachment import AttachmentStatus
from jingkuai.domain.submission import SubmissionKind, SubmissionStatus
from register import exports
from register.exports import Export, ExportStatus
from register.held_items import plain
from register.held_store import NoSuchPerson
from register.records import Submission
from register.rights_views import ExportView
from register.submission_items import item_of
from tests.cloud import Cloud
from tests.unit.register import people, pictures
from tests.unit.register.rights import ID_NUMBER, REVIEWER, Rights

# what only the registry's inside knows; a phone or number of somebody else, an account, a hash, a cipher
INSIDE = re.compile(
    r'"(pk|sk|v|ttl|card|gsi\d[ps]k|\w*(hash|hmac|cipher|token|digest|sha256)|by|(?!managed_by")\w+_by)":|k1\.'
)


@pytest.fixture
def rights(cloud: Cloud) -> Rights:
    return Rights(cloud)


def with_scans(rights: Rights, *kinds: str) -> list[str]:
    """A submission of the person with these scans."""
    ids = rights.desk.accepted(*kinds)
    submission = Submission(
        submission_id=uuid7(rights.desk.now),
        person_id=people.PERSON,
        kind=SubmissionKind.REGISTRATION,
        status=SubmissionStatus.APPROVED,
        region_code="420106",
        submitted_at="2026-11-24T04:00:00.000Z",
        payload={**people.payload(), "contact": {"phone": people.MASKED_PHONE}},
        attachment_ids=tuple(ids),
        timeline=(),
    )
    payload = {**people.payload(), "contact": {"phone": people.MASKED_PHONE}, "number_cipher": b"secret"}
    reviewed = {
        "payload": payload,
        "returned_by": REVIEWER.account_id,
        "findings": [{"code": "x", "result": "passed", "message": "y"}],
    }
    rights.cloud.registry.put({**item_of(submission), **reviewed})
    return ids


def test_asking_promises_one_execution_named_after_nobody(rights: Rights) -> None:
    with rights.desk.costing(1):
        export = rights.request()
    (entry,) = rights.desk.outbox("StartExecution")
    subject = {"pk": f"P#{people.PERSON}", "sk": "EXPORT"}
    assert entry["detail"] == {"machine": "bulk", "name": f"{export.export_id}.1", "subject": subject}
    assert export.file_key == f"exports/{export.export_id}.zip"
    assert rights.desk.audit() == ["export.requested"]


def test_asked_twice_one_is_prepared(rights: Rights) -> None:
    first = rights.request()
    with rights.desk.costing(2):
        assert rights.request() == first
    assert len(rights.desk.outbox("StartExecution")) == 1


def test_of_two_that_ask_at_once_one_wins_and_both_get_it(rights: Rights, monkeypatch: pytest.MonkeyPatch) -> None:
    rival = Export(uuid7(rights.desk.now), people.PERSON, ExportStatus.PREPARING, rights.desk.now)
    add = type(rights.exports).add

    def overtaken(store: Any, export: Export, **more: Any) -> bool:
        monkeypatch.undo()
        assert add(store, rival, **more)
        return add(store, export, **more)

    monkeypatch.setattr(type(rights.exports), "add", overtaken)
    assert rights.request().export_id == rival.export_id
    assert len(rights.desk.outbox("StartExecution")) == 1


def test_a_finished_one_is_the_answer_for_a_day_then_another_is_made(rights: Rights) -> None:
    export = rights.request()
    rights.make(export)
    rights.desk.now += timedelta(hours=23)
    assert rights.request().export_id == export.export_id
    rights.desk.now += timedelta(hours=1)
    again = rights.request()
    assert (again.export_id != export.export_id, again.status) == (True, ExportStatus.PREPARING)


def test_one_that_was_lost_on_its_way_can_be_asked_for_again_the_next_day(rights: Rights) -> None:
    lost = rights.request()
    rights.desk.now += timedelta(days=1)
    again = rights.request()
    assert again.export_id != lost.export_id
    rights.make(lost, attempt=2)  # found by a redrive after all
    standing = rights.export()
    assert standing is not None and (standing.export_id, standing.status) == (again.export_id, ExportStatus.PREPARING)


def test_it_is_ready_for_a_week_and_its_person_is_told_once(rights: Rights) -> None:
    export = rights.request()
    rights.make(export)
    ready = rights.export()
    assert ready is not None and ready.status is ExportStatus.READY
    (text,), (message,) = rights.desk.outbox("SendSms"), rights.desk.outbox("SendMessage")
    assert "7天" in text["detail"]["text"] and message["detail"]["link"] == "/me/export"
    rights.desk.now += timedelta(days=7) - timedelta(seconds=1)
    assert rights.export() is not None
    rights.desk.now += timedelta(seconds=1)
    assert rights.export() is None
    assert ExportView.of(rights.export()).status == "none"


def test_the_link_is_short_and_saves_a_file(rights: Rights) -> None:
    export = rights.request()
    assert exports.download_link(export, files=rights.desk.files, bucket="records") is None
    rights.make(export)
    ready = rights.export()
    assert ready is not None
    with rights.desk.costing(0):
        link = exports.download_link(ready, files=rights.desk.files, bucket="records")
    query = parse_qs(urlparse(str(link)).query)
    assert query["X-Amz-Expires"] == ["300"]
    assert query["response-content-disposition"][0].startswith("attachment; filename*=UTF-8''")


def test_made_twice_it_is_one_and_tells_once(rights: Rights) -> None:
    export = rights.request()
    rights.make(export)
    assert rights.make(export, attempt=2).size is None
    assert len(rights.desk.outbox("SendSms")) == 1
    assert sorted(rights.desk.audit()) == ["export.ready", "export.requested"]


def test_of_two_makings_at_once_one_tells(rights: Rights, monkeypatch: pytest.MonkeyPatch) -> None:
    export = rights.request()
    finish = type(rights.exports).finish
    outcomes = []

    def overtaken(store: Any, finished: Export, **more: Any) -> bool:
        monkeypatch.undo()
        rights.make(export, attempt=2)
        outcomes.append(finish(store, finished, **more))
        return outcomes[-1]

    monkeypatch.setattr(type(rights.exports), "finish", overtaken)
    rights.make(export)
    assert outcomes == [False]
    assert len(rights.desk.outbox("SendSms")) == 1
    assert rights.data(export)["profile"]["id_number"] == ID_NUMBER


def test_a_parked_one_reads_failed_and_can_be_asked_for_at_once(rights: Rights) -> None:
    export = rights.request()
    rights.park(export)
    failed = rights.export()
    assert failed is not None and failed.status is ExportStatus.FAILED
    parked = rights.cloud.registry.get(keys.parked_key(f"{export.export_id}.1"))
    assert parked is not None and (parked["machine"], parked["gsi1pk"]) == ("bulk", keys.PARKED)
    (message,) = rights.desk.outbox("SendMessage")
    assert "重新申请" in message["detail"]["body"]
    assert rights.request().export_id != export.export_id


def test_redriven_a_failed_one_becomes_ready(rights: Rights) -> None:
    export = rights.request()
    rights.park(export)
    rights.make(export, attempt=2)
    ready = rights.export()
    assert ready is not None and ready.status is ExportStatus.READY


def test_parked_late_it_takes_nothing_back(rights: Rights) -> None:
    export = rights.request()
    rights.make(export)
    rights.park(export)
    ready = rights.export()
    assert ready is not None and ready.status is ExportStatus.READY
    assert rights.cloud.registry.get(keys.parked_key(f"{export.export_id}.1"))


def test_an_execution_for_another_kind_of_item_is_parked_all_the_same(rights: Rights) -> None:
    export = Export("x", people.PERSON, ExportStatus.PREPARING, rights.desk.now)
    rights.park(export, {"pk": "N#1", "sk": "NOTICE"})
    parked = rights.cloud.registry.get(keys.parked_key("x.1"))
    assert parked is not None and parked["subject"] == {"pk": "N#1", "sk": "NOTICE"}


def test_somebody_who_is_not_there_is_a_failure(rights: Rights) -> None:
    export = rights.request()
    rights.cloud.registry.delete(keys.person_key(people.PERSON))
    with pytest.raises(NoSuchPerson):
        rights.make(export)


def test_the_archive_holds_the_record_in_full_and_the_scans_as_they_are(rights: Rights) -> None:
    ids = with_scans(rights, "id_front", "id_back")
    export = rights.request()
    made = rights.make(export)
    archive, data = rights.archive(export), rights.data(export)
    assert archive.testzip() is None and made.scans == 2
    assert set(archive.namelist()) == {"data.json", "说明.txt", *(f"scans/{one}.jpg" for one in ids)}
    for one in ids:
        assert archive.read(f"scans/{one}.jpg") == pictures.picture()
    assert data["profile"]["id_number"] == ID_NUMBER
    assert data["profile"]["contact"]["phone"] == people.PHONE
    assert data["profile"]["education"][0]["school"] == "中南财经政法大学"
    assert [one["file"] for one in data["scans"]] == [f"scans/{one}.jpg" for one in ids]
    assert "data.json" in archive.read("说明.txt").decode("utf-8-sig")
    assert data["acknowledged_notice"] == {"version": "1", "at": "2026-11-24T03:00:00.000Z"}


def test_every_kind_of_thing_is_in_it_and_nothing_of_the_inside(rights: Rights) -> None:
    fill(rights)
    export = rights.request()
    rights.make(export)
    data, text = rights.data(export), rights.archive(export).read("data.json").decode()
    for kind in (
        *("versions", "submissions", "transfers", "exam_results", "credit_years", "credit_entries"),
        *("credit_declarations", "refused_credit_rows", "certificates", "messages", "changes", "looks"),
    ):
        assert data[kind], kind
    assert data["draft"]["contact"]["phone"] == people.OTHER_PHONE
    assert data["credit_entries"][0]["credits"] == 2.5
    assert data["credit_entries"][0]["history"][0]["credits"] == 2
    assert [one["title"] for one in data["integrity_records"]] == ["先进会计工作者"]
    assert data["exam_results"][0]["subjects"] == ["经济法"]
    assert data["looks"][0]["bureau"] == {"region_code": "420106", "name": "武昌区财政局"}
    assert INSIDE.findall(text) == []
    for word in (REVIEWER.account_id, "another-person", "secret", "内部"):
        assert word not in text, word


def fill(rights: Rights) -> None:
    """One item of each kind there is, or will be, with what is internal of it."""
    person = keys.person_pk(people.PERSON)
    with_scans(rights, "id_front")
    contact = {"phone": people.OTHER_PHONE}
    rights.desk.drafts.save(people.PERSON, {"contact": contact}, 0, at=rights.desk.now)
    entry = {
        "entry_id": "2026-x", "year": 2026, "source": "institution", "source_id": "secret", "source_name": "某培训中心",
        "category": "professional", "course": "准则", "credits": Decimal("2.5"), "completed_on": "2026-05-01",
        "recorded_at": "2026-06-01T00:00:00.000Z",
        "history": [{"credits": 2, "course": "准则", "completed_on": "2026-05-01", "at": "2026-06-01T00:00:00.000Z"}],
    }  # fmt: skip
    items: dict[str, dict[str, Any]] = {
        "V#000001": {"version": 1, "at": "x", "sections": {"basic": {"name": "王清"}}, "name": "王清"},
        "TR#1": {"transfer_id": "1", "status": "completed", "steps": [{"step": "x", "decided_by": "secret"}]},
        "INT#1": {"record_id": "1", "title": "先进会计工作者", "state": "effective", "entered_by": "secret"},
        "INT#2": {"record_id": "2", "title": "内部尚未确认", "state": "pending"},
        "EX#1": {"level": "intermediate", "subjects": {"经济法"}, "score": 80, "row_digest": "secret"},
        "SAME#another-person": {"same": True},
        "CR#2026": {"year": 2026, "earned": {"total": Decimal("2.5")}, "fulfilled": False, "revision": 3},
        "CR#2026#E#institution.secret#digest": entry,
        "CR#2026#D#1": {"declaration_id": "2026-1", "status": "approved", "task_token": "secret"},
        "CR#2026#R#secret#7": {"code": "year_not_open", "message": "该年度未开放"},
        "CR#2026#CERT": {"certificate_no": "HB2026X", "year": 2026, "signature": b"secret", "key_id": "secret"},
    }
    for sk, item in items.items():
        listed = keys.index(1, "secret", "secret")
        rights.cloud.registry.put({"pk": person, "sk": sk, "v": 1, "person_id": people.PERSON, **item, **listed})
    message = {"message_id": "1", "at": "x", "title": "审核通过", "body": "您的登记已通过。", "read": False}
    rights.cloud.registry.put({**keys.message_key(people.PERSON, "1"), "v": 1, **message})
    rights.cloud.registry.put({**keys.message_head_key(people.PERSON), "v": 1, "unread": 1})
    rights.look()


def test_a_scan_that_is_gone_is_named_without_a_file(rights: Rights) -> None:
    gone, there = with_scans(rights, "id_front", "id_back")
    rights.desk.files.delete(rights.cloud.records, f"scans/{gone}")
    export = rights.request()
    assert rights.make(export).scans == 1
    assert {one["attachment_id"]: one["file"] for one in rights.data(export)["scans"]} == {
        gone: None,
        there: f"scans/{there}.jpg",
    }


def test_a_scan_that_somebody_else_sent_in_is_not_in_it(rights: Rights) -> None:
    (own,) = with_scans(rights, "id_front")
    data = pictures.picture()
    other = rights.desk.announce(data, by=people.principal(people.STRANGER))
    assert rights.desk.arrive(other, data) is AttachmentStatus.ACCEPTED
    transfer = {"pk": keys.person_pk(people.PERSON), "sk": "TR#1", "attachment_ids": [other.attachment_id]}
    rights.cloud.registry.put(transfer)
    export = rights.request()
    rights.make(export)
    assert [one["attachment_id"] for one in rights.data(export)["scans"]] == [own]


def test_before_the_first_approval_there_is_a_copy_too(rights: Rights) -> None:
    rights.cloud.registry.update(
        keys.person_key(people.PERSON),
        "SET #status = :new REMOVE sections, region_code",
        values={":new": "registered"},
        names={"#status": "status"},
    )
    export = rights.request()
    rights.make(export)
    profile = rights.data(export)["profile"]
    assert (profile["id_number"], profile["contact"]["phone"], profile["managed_by"]) == (ID_NUMBER, people.PHONE, None)


def test_no_key_execution_or_line_of_a_log_names_the_person(rights: Rights, caplog: pytest.LogCaptureFixture) -> None:
    with_scans(rights, "id_front")
    with caplog.at_level(logging.DEBUG, logger="register"):
        export = rights.request()
        rights.make(export)
    listed = clients.s3().list_objects_v2(Bucket=rights.cloud.records)["Contents"]
    written = [one["Key"] for one in listed] + [str(one) for one in rights.desk.outbox()] + caplog.messages
    assert any("exports/" in one for one in written)
    for word in (ID_NUMBER, people.PHONE, "王清"):
        assert not any(word in one for one in written), word


def test_what_is_internal_goes_however_deep_it_lies() -> None:
    item = {
        "pk": "P#1",
        "title": "x",
        "steps": [{"step": "release", "decided_by": "a", "more": {"phone_hash": "k1.x", "at": "y"}}],
        "cipher": b"x",
        "blobs": [b"x", 1],
    }
    assert plain(item) == {"title": "x", "steps": [{"step": "release", "more": {"at": "y"}}], "blobs": [1]}
