"""Scans on the deployed stack: what is accepted and how it comes back, what is rejected and leaves nothing behind."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image

from tests.house import House
from tests.unit.register import pictures
from tools.local import aws
from tools.local.applicant import Applicant
from tools.local.client import send, upload
from tools.local.waiting import eventually

JPEG, PNG, PDF = "image/jpeg", "image/png", "application/pdf"


@pytest.fixture(scope="module")
def somebody(house: House) -> Applicant:
    return house.applicant()


def announced(somebody: Applicant, content: bytes, content_type: str) -> dict[str, Any]:
    told = {"kind": "id_front", "filename": "scan", "content_type": content_type, "size": len(content)}
    form: dict[str, Any] = somebody.me.post("/me/attachments", {**told, "sha256": hashlib.sha256(content).hexdigest()})
    return form


def inspected(somebody: Applicant, content: bytes, content_type: str) -> dict[str, Any]:
    """The scan of this file once it is decided."""
    form = announced(somebody, content, content_type)
    upload(form["upload"], content, "scan", content_type)

    def decided() -> dict[str, Any] | None:
        found: dict[str, Any] = somebody.me.get(f"/me/attachments/{form['attachment_id']}")
        return found if found["status"] in ("accepted", "rejected") else None

    return eventually(decided, what="the verdict", within_s=60, every_s=0.2)


def stored(house: House, bucket: str, prefix: str) -> list[str]:
    s3 = aws.client("s3", house.aws)
    listed = s3.list_objects_v2(Bucket=house.described["buckets"][bucket], Prefix=prefix)
    return [one["Key"] for one in listed.get("Contents", [])]


def test_a_picture_taken_sideways_comes_back_as_it_was_and_upright(house: House, somebody: Applicant) -> None:
    content = pictures.turned(6)
    found = inspected(somebody, content, JPEG)
    assert (found["status"], found["problems"]) == ("accepted", [])
    assert send("GET", found["download_url"]).body == content
    upright = Image.open(io.BytesIO(send("GET", found["rendering_url"]).body))
    assert (upright.format, upright.size) == ("JPEG", (900, 640)) and dict(upright.getexif()) == {}
    first = f"scans/{found['attachment_id']}"
    assert sorted(stored(house, "records", first)) == [first, f"{first}.upright"]


@pytest.mark.parametrize(
    ("make", "content_type", "codes"),
    [
        (pictures.nested_pdf, PDF, {"too_complex"}),
        (pictures.object_stream_bomb_pdf, PDF, {"too_complex"}),
        (lambda: pictures.saved(Image.new("L", (1240, 1754), 250)), JPEG, {"blank"}),
        (lambda: pictures.picture() + pictures.archive(), JPEG, {"foreign_content", "trailing_data"}),
        (pictures.motion_photo, JPEG, {"trailing_data"}),
        (pictures.apng, PNG, {"animated"}),
        (pictures.with_script, PDF, {"active_content"}),
        (lambda: pictures.png_bomb(60_000), PNG, {"too_many_pixels"}),
    ],
    ids=[
        "packed thrice",
        "objects that unfold",
        "blank",
        "with an archive",
        "live photo",
        "animated",
        "script",
        "giant",
    ],
)
def test_a_bad_file_is_rejected_with_what_to_do_and_leaves_nothing(
    house: House, somebody: Applicant, make: Callable[[], bytes], content_type: str, codes: set[str]
) -> None:
    found = inspected(somebody, make(), content_type)
    assert (found["status"], {one["code"] for one in found["problems"]}) == ("rejected", codes)
    assert all("请" in one["message"] for one in found["problems"])
    assert not found["download_url"] and not found["rendering_url"]
    assert stored(house, "records", f"scans/{found['attachment_id']}") == []
    eventually(
        lambda: not stored(house, "uploads", f"uploads/{found['attachment_id']}"), what="the removal", within_s=30
    )


def test_a_form_used_again_after_the_verdict_leaves_nothing(house: House, somebody: Applicant) -> None:
    content = pictures.picture()
    form = announced(somebody, content, JPEG)
    where = f"/me/attachments/{form['attachment_id']}"
    upload(form["upload"], content, "scan", JPEG)
    eventually(lambda: somebody.me.get(where)["status"] == "accepted", what="the verdict", within_s=60, every_s=0.2)
    before = somebody.me.get(where)
    upload(form["upload"], content, "scan", JPEG)
    eventually(
        lambda: not stored(house, "uploads", f"uploads/{form['attachment_id']}"), what="the removal", within_s=30
    )
    after = somebody.me.get(where)
    assert {**before, "download_url": None} == {**after, "download_url": None}
    assert send("GET", after["download_url"]).body == content
