"""Announcing scans: what is refused before anything is uploaded, and what the upload form binds."""

import base64
import hashlib
import json
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote

import pytest

from jingkuai.aws import keys
from jingkuai.aws.clock import utc_now
from jingkuai.aws.idempotency import IdempotencyKeyReused, RequestKey
from jingkuai.aws.scan_store import ScanStore
from jingkuai.domain.attachment import AttachmentStatus, ScanTooLarge, UnsupportedScanType
from jingkuai.domain.scan import Scan
from register import attachments
from register.attachments import NoSuchScan
from tests.unit.register import people, pictures
from tests.unit.register.desk import Desk

GOOD = pictures.picture()


def request(key: str, body: str = "body", by: str = people.PERSON) -> RequestKey:
    return RequestKey(by, *(hashlib.sha256(one.encode()).hexdigest() for one in (key, body)))


def own(desk: Desk, attachment_id: str, account_id: str = people.PERSON) -> str:
    found = attachments.own_scan(attachment_id, by=people.principal(account_id), store=desk.scans, clock=desk.clock)
    return found.status.value


def test_the_form_is_bound_to_key_type_size_and_checksum_for_ten_minutes(desk: Desk) -> None:
    with desk.costing(1):
        scan = desk.announce(GOOD)
    policy = json.loads(base64.b64decode(desk.form.fields["policy"]))
    checksum = base64.b64encode(hashlib.sha256(GOOD).digest()).decode()
    for bound in (
        {"bucket": desk.cloud.uploads},
        {"key": f"uploads/{scan.attachment_id}"},
        {"Content-Type": "image/jpeg"},
        {"x-amz-checksum-sha256": checksum},
        ["content-length-range", len(GOOD), len(GOOD)],
    ):
        assert bound in policy["conditions"]
    assert desk.form.fields["x-amz-checksum-sha256"] == checksum
    exact = [one for one in policy["conditions"] if isinstance(one, dict)]
    assert len(exact) == len(policy["conditions"]) - 1, "no condition but the length leaves anything open"


def test_a_form_is_good_for_ten_minutes(desk: Desk) -> None:
    before = utc_now()
    desk.announce(GOOD)
    policy = json.loads(base64.b64decode(desk.form.fields["policy"]))
    until = datetime.strptime(policy["expiration"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    span = timedelta(seconds=600)
    assert before + span - timedelta(seconds=1) <= until <= utc_now() + span


def test_the_same_request_with_its_key_gets_the_same_scan_and_a_fresh_form(desk: Desk) -> None:
    key = request("K")
    with desk.costing(2):
        first = desk.announce(GOOD, key=key)
    with desk.costing(2):
        again = desk.announce(GOOD, key=key)
    assert again == first and desk.form.fields["key"] == first.upload_key
    assert desk.announce(GOOD, key=request("another")).attachment_id != first.attachment_id


def test_a_key_used_for_another_file_is_refused(desk: Desk) -> None:
    desk.announce(GOOD, key=request("K", body="one"))
    with pytest.raises(IdempotencyKeyReused):
        desk.announce(GOOD, key=request("K", body="other"))


def test_a_key_of_somebody_else_is_another_key(desk: Desk) -> None:
    first = desk.announce(GOOD, key=request("K"))
    stranger = desk.announce(GOOD, by=people.principal(people.STRANGER), key=request("K", by=people.STRANGER))
    assert stranger.attachment_id != first.attachment_id


def test_a_request_sent_again_after_the_verdict_shows_it(desk: Desk) -> None:
    first = desk.announce(GOOD, key=request("K"))
    desk.arrive(first, GOOD)
    assert desk.announce(GOOD, key=request("K")).status is AttachmentStatus.ACCEPTED


def test_of_two_requests_with_one_key_at_once_both_get_one_scan(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    key, look = request("K"), ScanStore.earlier
    won: list[Scan] = []

    def slow(store: ScanStore, given: RequestKey, *, owner: str, at: datetime) -> Scan | None:
        found = look(store, given, owner=owner, at=at)
        if not won:  # the other request is answered between this one's look and its write
            monkeypatch.setattr(ScanStore, "earlier", look)
            won.append(desk.announce(GOOD, key=given))
        return found

    monkeypatch.setattr(ScanStore, "earlier", slow)
    assert desk.announce(GOOD, key=key) == won[0]


def test_eleven_megabytes_are_refused_and_leave_nothing_behind(desk: Desk) -> None:
    with desk.costing(0), pytest.raises(ScanTooLarge) as refused:
        desk.announce(GOOD, size=11 * 2**20)
    assert refused.value.code == "too_large" and "5MB" in refused.value.detail


@pytest.mark.parametrize("content_type", ["application/x-msdownload", "image/gif", "text/html", "IMAGE/JPEG", ""])
def test_a_type_that_is_no_scan_is_refused(desk: Desk, content_type: str) -> None:
    with desk.costing(0), pytest.raises(UnsupportedScanType):
        desk.announce(GOOD, content_type=content_type)


def test_anothers_scan_is_not_found(desk: Desk) -> None:
    scan = desk.announce(GOOD)
    with pytest.raises(NoSuchScan):
        own(desk, scan.attachment_id, people.STRANGER)
    assert own(desk, scan.attachment_id) == "awaiting_upload"


def test_a_scan_that_nothing_uses_is_forgotten_after_seven_days(desk: Desk) -> None:
    scan = desk.announce(GOOD)
    desk.now += timedelta(days=7)
    with pytest.raises(NoSuchScan):
        own(desk, scan.attachment_id)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("C:\\Users\\me\\证书.jpg", "证书.jpg"),
        ("../../etc/passwd", "passwd"),
        ("学历\u202egpj.exe", "学历gpj.exe"),
        (" \n ", "scan"),
        ("长" * 300 + ".jpg", "长" * 116 + ".jpg"),
    ],
)
def test_a_file_name_is_kept_in_the_item_alone_and_plain(desk: Desk, sent: str, kept: str) -> None:
    scan = desk.announce(GOOD, filename=sent)
    item = desk.cloud.registry.get(keys.attachment_key(scan.attachment_id)) or {}
    assert item["filename"] == kept
    assert (scan.upload_key, scan.record_key) == (f"uploads/{scan.attachment_id}", f"scans/{scan.attachment_id}")


def test_only_an_accepted_scan_can_be_downloaded_as_a_file_for_five_minutes(desk: Desk) -> None:
    scan = desk.announce(GOOD, filename="身份证.jpg")
    assert attachments.download_link(scan, files=desk.files, bucket=desk.cloud.records) is None
    desk.arrive(scan, GOOD)
    with desk.costing(1):
        seen = attachments.own_scan(scan.attachment_id, by=people.principal(), store=desk.scans, clock=desk.clock)
        link = attachments.download_link(seen, files=desk.files, bucket=desk.cloud.records) or ""
    assert f"scans/{scan.attachment_id}" in link and "X-Amz-Expires=300" in link
    assert "response-content-disposition=attachment" in link
    assert attachments.rendering_link(seen, files=desk.files, bucket=desk.cloud.records) is None


def test_a_picture_taken_sideways_is_answered_as_it_came_and_upright(desk: Desk) -> None:
    data = pictures.turned(6)
    scan = desk.announce(data, filename="身份证.png")
    assert attachments.rendering_link(scan, files=desk.files, bucket=desk.cloud.records) is None
    desk.arrive(scan, data)
    seen = attachments.own_scan(scan.attachment_id, by=people.principal(), store=desk.scans, clock=desk.clock)
    original = attachments.download_link(seen, files=desk.files, bucket=desk.cloud.records) or ""
    upright = attachments.rendering_link(seen, files=desk.files, bucket=desk.cloud.records) or ""
    assert f"scans/{scan.attachment_id}?" in original and f"scans/{scan.attachment_id}.upright?" in upright
    assert "response-content-disposition=attachment" in upright and "X-Amz-Expires=300" in upright
    assert "身份证-转正.jpg" in unquote(unquote(upright))
