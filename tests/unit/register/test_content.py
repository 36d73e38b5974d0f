"""What counts as a readable scan: each bad file gets the one code that says what to do."""

import hashlib
import json
import os

import pytest

from jingkuai.domain.attachment import AttachmentRules
from register import content
from register.content import BadScan
from tests.cloud import ROOT
from tests.unit.register import pictures

JPEG, PNG, PDF = "image/jpeg", "image/png", content.PDF
GOOD = pictures.picture()
RULES = AttachmentRules.from_policy(json.loads((ROOT / "infra/policies/attachment_rules.json").read_text()))


def check(data: bytes, content_type: str, announced: bytes | None = None) -> None:
    digest = hashlib.sha256(data if announced is None else announced).hexdigest()
    content.check(data, content_type=content_type, sha256=digest, rules=RULES)


def problem(data: bytes, content_type: str = JPEG, announced: bytes | None = None) -> str:
    with pytest.raises(BadScan) as refused:
        check(data, content_type, announced)
    return refused.value.problem.value


@pytest.mark.parametrize(
    ("data", "content_type"),
    [
        (GOOD, JPEG),
        (GOOD + b"trailer of a phone", JPEG),
        (pictures.picture(size=(600, 4000)), JPEG),
        (pictures.picture("PNG"), PNG),
        (pictures.pdf(), PDF),
        (pictures.pdf_of(pages=30), PDF),
    ],
)
def test_a_whole_and_legible_file_of_its_own_form_is_taken(data: bytes, content_type: str) -> None:
    check(data, content_type)


@pytest.mark.parametrize(
    "data",
    [
        b"MZ\x90\x00" + bytes(60_000),
        b"<html><script>alert(1)</script></html>" * 300,
        pictures.picture("PNG"),
        b" " + GOOD,
        b"",
    ],
    ids=["program", "html", "png", "jpeg behind a blank", "nothing"],
)
def test_what_is_not_the_form_it_claims_is_told_so(data: bytes) -> None:
    assert problem(data) == "not_the_claimed_type"


@pytest.mark.parametrize(
    ("data", "content_type"),
    [
        (GOOD[: len(GOOD) * 3 // 5], JPEG),
        (GOOD[:200] + os.urandom(50_000), JPEG),
        (GOOD[:3], JPEG),
        (pictures.picture("PNG")[:-300], PNG),
        (pictures.png_with_a_wrong_checksum(), PNG),
        (pictures.pdf()[:-80], PDF),
        (b"%PDF-1.7 and nothing else", PDF),
        (pictures.pdf_of(pages=0), PDF),
    ],
    ids=["cut jpeg", "rubbish behind", "header alone", "cut png", "changed png", "cut pdf", "no pdf", "no pages"],
)
def test_a_broken_file_is_unreadable_however_it_breaks(data: bytes, content_type: str) -> None:
    assert problem(data, content_type) == "unreadable"


def test_other_bytes_than_announced_are_refused_before_anything_is_decoded() -> None:
    assert problem(pictures.png_bomb(), PNG, announced=GOOD) == "checksum_mismatch"


@pytest.mark.parametrize("side", [8_000, 20_000, 60_000])
def test_a_small_file_with_an_enormous_picture_is_never_unpacked(side: int) -> None:
    assert problem(pictures.png_bomb(side), PNG) == "too_many_pixels"


@pytest.mark.parametrize("size", [(599, 2000), (2000, 599), (40, 40)])
def test_the_shorter_side_decides_whether_print_can_be_read(size: tuple[int, int]) -> None:
    assert problem(pictures.picture(size=size)) == "too_small_picture"


def test_a_pdf_behind_a_password_cannot_be_reviewed() -> None:
    assert problem(pictures.encrypted_pdf(), PDF) == "encrypted"
