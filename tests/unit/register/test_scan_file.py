"""What counts as a readable scan: each bad file of the corpus gets the codes that say what to do, each good one none."""

import hashlib
import io
import json
import os
import signal
from collections.abc import Callable
from typing import Never

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from jingkuai.domain.attachment import AttachmentRules, ScanProblem
from register import scan_file, scan_picture
from register.scan_file import Opened
from tests.cloud import ROOT
from tests.unit.register import pictures
from tests.unit.register.corpus import BAD, GOOD, JPEG, PNG, Case, data_of

RULES = AttachmentRules.from_policy(json.loads((ROOT / "infra/policies/attachment_rules.json").read_text()))


def opened(data: bytes, content_type: str, announced: bytes | None = None) -> Opened:
    digest = hashlib.sha256(data if announced is None else announced).hexdigest()
    return scan_file.opened(data, content_type=content_type, sha256=digest, rules=RULES)


def upright(data: bytes) -> Image.Image:
    rendering = opened(data, JPEG).upright
    assert rendering is not None
    return Image.open(io.BytesIO(rendering))


def differs(one: Image.Image, other: Image.Image) -> float:
    """The mean difference of two pictures, of 255."""
    histogram = ImageChops.difference(one.convert("L"), other.convert("L")).histogram()
    return sum(value * count for value, count in enumerate(histogram)) / sum(histogram)


@pytest.mark.parametrize("case", GOOD, ids=str)
def test_a_whole_and_legible_file_of_its_own_form_is_taken(case: Case) -> None:
    data = data_of(case)
    assert len(data) <= RULES.max_bytes
    assert opened(data, case.content_type).problems == ()


@pytest.mark.parametrize("case", BAD, ids=str)
def test_a_bad_file_is_told_all_that_is_wrong_with_it(case: Case) -> None:
    data = data_of(case)
    assert len(data) <= RULES.max_bytes
    assert {one.value for one in opened(data, case.content_type).problems} == case.codes


def test_other_bytes_than_announced_are_refused_before_anything_is_decoded() -> None:
    found = opened(pictures.png_bomb(), PNG, announced=pictures.picture())
    assert [one.value for one in found.problems] == ["checksum_mismatch"]


@pytest.mark.parametrize("orientation", range(2, 9))
def test_a_picture_taken_sideways_gets_a_rendering_the_right_way_up(orientation: int) -> None:
    rendering = upright(pictures.turned(orientation))
    assert (rendering.format, rendering.size) == ("JPEG", (900, 640))
    assert differs(rendering, pictures.page()) < 4


@pytest.mark.parametrize("orientation", [1, 9])
def test_a_picture_that_is_upright_needs_none(orientation: int) -> None:
    assert opened(pictures.turned(orientation), JPEG) == Opened()


def test_a_rendering_tells_neither_where_nor_with_what_the_picture_was_taken() -> None:
    original = pictures.turned(6)
    assert b"CameraMaker" in original
    rendering = opened(original, JPEG).upright or b""
    assert b"CameraMaker" not in rendering and b"Exif" not in rendering
    assert dict(Image.open(io.BytesIO(rendering)).getexif()) == {}


def test_a_rendering_of_a_huge_picture_is_large_enough_to_read() -> None:
    assert upright(pictures.huge_jpeg(orientation=6)).size == (3000, 4000)


def test_a_rejected_picture_gets_no_rendering() -> None:
    found = opened(pictures.turned(6, size=(500, 400)), JPEG)
    assert [one.value for one in found.problems] == ["too_small_picture"] and found.upright is None


SMALL = [
    case
    for case in GOOD
    if case.name in ("grey jpeg", "png with a palette", "pdf with text", "pdf with object streams")
]


@settings(max_examples=150, deadline=None)
@given(case=st.sampled_from(SMALL), data=st.data())
def test_however_a_file_is_damaged_there_is_a_verdict(case: Case, data: st.DataObject) -> None:
    damaged = bytearray(data_of(case))
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(damaged) - 1))
        damaged[at : at + data.draw(st.integers(0, 4))] = data.draw(st.binary(max_size=4))
    found = scan_file.examined(bytes(damaged), case.content_type, RULES)
    assert all(isinstance(one, ScanProblem) for one in found.problems)


def takes_too_much(*_: object) -> Never:
    bytearray(600 * 2**20)
    raise AssertionError("nothing held it")


def dies(*_: object) -> Never:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("it lives")


@pytest.mark.parametrize("runs_away", [takes_too_much, dies])
def test_a_file_that_its_decoder_does_not_survive_is_rejected(
    runs_away: Callable[..., Never], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scan_picture, "looked_at", runs_away)
    assert [one.value for one in opened(pictures.picture(), JPEG).problems] == ["too_complex"]
