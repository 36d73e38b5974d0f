"""Inspection: what arrives is accepted and kept, or rejected with the reason and removed; twice is once."""

import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from jingkuai.aws import keys
from jingkuai.aws.clock import utc_now
from jingkuai.domain.attachment import AttachmentStatus
from jingkuai.domain.scan import Scan
from register import scan_file, tasks
from tests.conftest import NOON
from tests.unit.register import pictures
from tests.unit.register.desk import Desk

GOOD = pictures.picture()


def stored(desk: Desk, scan: Scan) -> dict[str, Any]:
    return desk.cloud.registry.get(keys.attachment_key(scan.attachment_id)) or {}


def exists(bucket: str, key: str) -> bool:
    try:
        boto3.client("s3").head_object(Bucket=bucket, Key=key)
    except ClientError:
        return False
    return True


def test_accepted_bytes_move_to_the_records_tagged_as_not_kept_yet(desk: Desk) -> None:
    scan = desk.announce(GOOD)
    with desk.costing(6):
        assert desk.arrive(scan, GOOD) is AttachmentStatus.ACCEPTED  # one of the calls is the upload
    item = stored(desk, scan)
    assert (item["status"], item["record_key"]) == ("accepted", f"scans/{scan.attachment_id}")
    assert desk.files.get(desk.cloud.records, scan.record_key) == GOOD
    tags = boto3.client("s3").get_object_tagging(Bucket=desk.cloud.records, Key=scan.record_key)["TagSet"]
    assert tags == [{"Key": "kept", "Value": "no"}]
    assert not exists(desk.cloud.uploads, scan.upload_key)


@pytest.mark.parametrize(
    ("data", "content_type", "code"),
    [
        (GOOD[: len(GOOD) // 2], "image/jpeg", "unreadable"),
        (pictures.nested_pdf(), "application/pdf", "too_complex"),
        (pictures.picture() + pictures.motion_photo()[-200_000:], "image/jpeg", "trailing_data"),
        (b"<html></html>" * 900, "image/jpeg", "not_the_claimed_type"),
        (b"MZ" + bytes(9000), "image/png", "not_the_claimed_type"),
        (pictures.png_bomb(), "image/png", "too_many_pixels"),
        (pictures.picture(size=(300, 200)), "image/jpeg", "too_small_picture"),
        (pictures.encrypted_pdf(), "application/pdf", "encrypted"),
    ],
)
def test_a_bad_file_is_rejected_with_what_to_do_and_leaves_nothing(
    desk: Desk, data: bytes, content_type: str, code: str
) -> None:
    scan = desk.announce(data, content_type=content_type)
    assert desk.arrive(scan, data, size=len(data)) is AttachmentStatus.REJECTED
    item = stored(desk, scan)
    assert [one["code"] for one in item["problems"]] == [code]
    assert "请" in item["problems"][0]["message"]
    assert "record_key" not in item
    assert not exists(desk.cloud.uploads, scan.upload_key) and not exists(desk.cloud.records, scan.record_key)


def test_other_bytes_than_announced_are_a_checksum_mismatch(desk: Desk) -> None:
    scan = desk.announce(GOOD)
    other = GOOD[:-2] + b"\0\xff\xd9"
    assert desk.arrive(scan, other) is AttachmentStatus.REJECTED
    assert stored(desk, scan)["problems"][0]["code"] == "checksum_mismatch"


def test_a_larger_object_than_announced_is_not_even_read(desk: Desk) -> None:
    scan = desk.announce(GOOD)
    with desk.costing(3):  # begun, decided, removed
        assert desk.inspect(scan, size=len(GOOD) + 1) is AttachmentStatus.REJECTED


def test_the_same_event_again_changes_nothing(desk: Desk) -> None:
    scan = desk.announce(GOOD)
    desk.arrive(scan, GOOD)
    before = stored(desk, scan)
    assert desk.inspect(scan) is None
    assert stored(desk, scan) == before


def test_a_form_used_again_after_acceptance_changes_nothing(desk: Desk) -> None:
    scan = desk.announce(GOOD)
    desk.arrive(scan, GOOD)
    before = stored(desk, scan)
    with desk.costing(3):  # the upload, the look whether it is decided, the removal
        assert desk.arrive(scan, b"something else") is None
    assert stored(desk, scan) == before
    assert desk.files.get(desk.cloud.records, scan.record_key) == GOOD
    assert not exists(desk.cloud.uploads, scan.upload_key)


def test_a_form_used_again_after_rejection_leaves_nothing(desk: Desk) -> None:
    bad = GOOD[:999]
    scan = desk.announce(bad)
    desk.arrive(scan, bad)
    before = stored(desk, scan)
    assert desk.arrive(scan, bad) is None
    assert stored(desk, scan) == before
    assert not exists(desk.cloud.uploads, scan.upload_key)


def test_what_arrives_after_the_scans_time_is_removed(desk: Desk) -> None:
    scan = desk.announce(GOOD)
    desk.now += timedelta(days=7)
    assert desk.arrive(scan, GOOD) is None
    assert not exists(desk.cloud.uploads, scan.upload_key) and not exists(desk.cloud.records, scan.record_key)


def test_an_object_that_is_gone_or_nobodys_is_passed_over(desk: Desk) -> None:
    scan = desk.announce(GOOD)
    assert desk.inspect(scan) is None
    assert stored(desk, scan)["status"] == "checking" and "looks" not in stored(desk, scan)
    assert desk.arrive(Scan("of-nobody", "x", scan.kind, "a", "image/jpeg", 1, "0"), GOOD) is None


def test_of_two_inspections_at_once_the_first_verdict_stands(desk: Desk) -> None:
    scan = desk.announce(GOOD)
    begun = desk.scans.begin_inspection(scan.attachment_id, at=NOON)
    assert begun is not None
    assert desk.arrive(scan, GOOD) is AttachmentStatus.ACCEPTED
    desk.scans.end_inspection(begun.scan, at=NOON)
    assert stored(desk, scan)["status"] == "accepted"


def test_a_picture_taken_sideways_is_kept_with_its_rendering(desk: Desk) -> None:
    data = pictures.turned(6)
    scan = desk.announce(data)
    with desk.costing(7):  # one of the calls is the upload
        assert desk.arrive(scan, data) is AttachmentStatus.ACCEPTED
    item = stored(desk, scan)
    assert item["rendering_key"] == f"scans/{scan.attachment_id}.upright"
    assert desk.files.get(desk.cloud.records, item["record_key"]) == data
    rendering = boto3.client("s3").get_object(Bucket=desk.cloud.records, Key=item["rendering_key"])
    assert rendering["ContentType"] == "image/jpeg" and rendering["Body"].read(3) == b"\xff\xd8\xff"
    for key in (item["record_key"], item["rendering_key"]):
        tags = boto3.client("s3").get_object_tagging(Bucket=desk.cloud.records, Key=key)["TagSet"]
        assert tags == [{"Key": "kept", "Value": "no"}]


def test_all_that_is_wrong_is_said_at_once(desk: Desk) -> None:
    data = pictures.picture(size=(300, 200)) + pictures.archive()
    scan = desk.announce(data)
    assert desk.arrive(scan, data) is AttachmentStatus.REJECTED
    codes = [one["code"] for one in stored(desk, scan)["problems"]]
    assert codes == ["foreign_content", "trailing_data", "too_small_picture"]


def test_the_checksum_stays_with_the_scan(desk: Desk) -> None:
    scan = desk.announce(GOOD)
    desk.arrive(scan, GOOD)
    assert stored(desk, scan)["sha256"] == hashlib.sha256(GOOD).hexdigest()


class Killed(BaseException):
    """What a function that ran out of time or memory does: nothing more."""


def killed(desk: Desk, scan: Scan, monkeypatch: pytest.MonkeyPatch) -> None:
    """A look that ends in the midst of it."""

    def die(*_: Any, **__: Any) -> None:
        raise Killed

    with monkeypatch.context() as during:
        during.setattr(scan_file, "opened", die)
        with pytest.raises(Killed):
            desk.inspect(scan)


def test_a_look_that_was_killed_is_tried_again_and_the_third_time_decided_unopened(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    scan = desk.announce(GOOD)
    desk.files.put(desk.cloud.uploads, scan.upload_key, GOOD, content_type="image/jpeg")
    for wait in (120, 240):  # as Lambda waits: a minute after the time-out, then two
        killed(desk, scan, monkeypatch)
        assert stored(desk, scan)["status"] == "checking"
        desk.now += timedelta(seconds=wait)
    with desk.costing(3):  # begun, decided, removed: not even read
        assert desk.inspect(scan) is AttachmentStatus.REJECTED
    assert [one["code"] for one in stored(desk, scan)["problems"]] == ["unreadable"]
    assert not exists(desk.cloud.uploads, scan.upload_key)


def test_a_look_that_was_killed_once_does_no_harm_to_a_good_file(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    scan = desk.announce(GOOD)
    desk.files.put(desk.cloud.uploads, scan.upload_key, GOOD, content_type="image/jpeg")
    killed(desk, scan, monkeypatch)
    desk.now += timedelta(seconds=120)
    assert desk.inspect(scan) is AttachmentStatus.ACCEPTED


def test_looks_at_once_are_not_lost_ones(desk: Desk) -> None:
    """An event delivered thrice, or a form sent thrice, within a second."""
    scan = desk.announce(GOOD)
    for _ in range(3):
        assert desk.scans.begin_inspection(scan.attachment_id, at=desk.now) is not None
        desk.now += timedelta(milliseconds=200)
    assert desk.arrive(scan, GOOD) is AttachmentStatus.ACCEPTED


def test_a_failure_of_the_house_is_raised_and_never_held_against_the_file(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    scan = desk.announce(GOOD)
    desk.files.put(desk.cloud.uploads, scan.upload_key, GOOD, content_type="image/jpeg")
    desk.shelves = replace(desk.shelves, records="no-such-bucket")
    for _ in range(3):
        with pytest.raises(ClientError):
            desk.inspect(scan)
        desk.now += timedelta(minutes=5)
    desk.shelves = replace(desk.shelves, records=desk.cloud.records)
    assert desk.inspect(scan) is AttachmentStatus.ACCEPTED


def test_the_event_of_eventbridge_leads_to_the_verdict(desk: Desk) -> None:
    class Context:
        function_name = "inspect"
        memory_limit_in_mb = 512
        invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:inspect"
        aws_request_id = "1"

    desk.now = utc_now()  # the entry point has the real clock
    announced = desk.announce(GOOD)
    desk.files.put(desk.cloud.uploads, announced.upload_key, GOOD, content_type="image/jpeg")
    event = {"detail": {"bucket": {"name": "uploads"}, "object": {"key": announced.upload_key, "size": len(GOOD)}}}
    assert tasks.inspect(event, Context()) == {"status": "accepted"}
