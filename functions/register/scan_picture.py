"""Pictures (JPEG, PNG) opened to the last byte: whole, still, large enough to read, something on them, nothing behind them.

A picture that a camera took sideways also gets a rendering the right way up, since not every viewer turns it.
"""

import io
import warnings
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageOps

from jingkuai.domain.attachment import AttachmentRules, ScanProblem
from register import foreign, ink, picture_parts
from register.bad_scan import BadScan
from register.picture_parts import Parts

JPEG: Final = "image/jpeg"
_DECODERS: Final = {JPEG: "JPEG", "image/png": "PNG"}
_ORIENTATION: Final = 0x0112
_LONGEST_RENDERED: Final = 4000  # pixels: a page of A4 at 300 dpi has 3508
_TURNED_WHOLE: Final = 20_000_000  # pixels; turning takes the memory of two pictures
_FILLER: Final = 128  # where a JPEG decoder has no data
_COEFFICIENTS_A_PIXEL: Final = 3  # those of a photograph, its colours sampled down by two


@dataclass(frozen=True, slots=True)
class Seen:
    """What a picture showed: its problems, and the rendering where it was taken sideways."""

    problems: tuple[ScanProblem, ...]
    upright: bytes | None = None


def looked_at(data: bytes, content_type: str, rules: AttachmentRules) -> Seen:
    """Look at a picture. Raises BadScan for what cannot be opened safely, and whatever decoders raise at broken bytes."""
    parts = picture_parts.of_jpeg(data) if content_type == JPEG else picture_parts.of_png(data)
    rest = picture_parts.behind_jpegs(data, parts.end) if content_type == JPEG else data[parts.end :]
    problems = [foreign.behind_the_end(rest, rules), ScanProblem.ANIMATED if parts.frames > 1 else None]
    decoder = _DECODERS[content_type]
    try:
        seen = decoded(data, decoder, parts, rules)
    except (BadScan, OSError, SyntaxError, ValueError) as broken:
        problem = broken.problem if isinstance(broken, BadScan) else ScanProblem.UNREADABLE
        return Seen(_found(*problems, problem))
    problems += [seen.too_small, ScanProblem.BLANK if ink.is_blank(seen.grey, rules) else None]
    found = _found(*problems)
    return Seen(found, None if found else _upright(data, decoder))


@dataclass(frozen=True, slots=True)
class Decoded:
    """A picture that was whole: how many pixels it has, a small grey copy, and whether it is too small to read."""

    pixels: int
    grey: Image.Image
    too_small: ScanProblem | None


def decoded(data: bytes, decoder: str, parts: Parts, rules: AttachmentRules) -> Decoded:
    """Decode the whole picture. Raises BadScan before anything is unpacked that takes too much."""
    if parts.passes > rules.max_jpeg_passes or parts.huge_notes:
        raise BadScan(ScanProblem.TOO_COMPLEX)
    picture = _picture(data, decoder)
    pixels = picture.width * picture.height
    problem = rules.check_picture(*picture.size)
    too_much_held = parts.kept_between_passes > rules.max_pixels * _COEFFICIENTS_A_PIXEL
    if problem is ScanProblem.TOO_MANY_PIXELS or too_much_held:
        raise BadScan(ScanProblem.TOO_MANY_PIXELS)
    if decoder == "PNG":
        _picture(data, decoder).verify()  # the checksums of its parts; a picture is spent after that
    else:
        picture.draft("L", (ink.LONGEST_SIDE, ink.LONGEST_SIDE))  # every byte is read, few pixels are made
    picture.load()
    if decoder == "JPEG" and _ends_in_filler(picture):
        raise BadScan(ScanProblem.UNREADABLE)
    return Decoded(pixels, ink.small_grey(picture), too_small=problem)


def _ends_in_filler(picture: Image.Image) -> bool:
    """Whether the last rows were not in the file: a decoder that runs out of data goes on in the middle grey, silently.
    A file that was cut off can carry an end all the same.
    """
    rows = max(2, picture.height // 50)
    last = picture.crop((0, picture.height - rows, picture.width, picture.height))
    return all(extrema == (_FILLER, _FILLER) for extrema in _by_band(last))


def _by_band(picture: Image.Image) -> list[tuple[float, float]]:
    return [one.getextrema() for one in picture.split()]  # type: ignore[misc]  # one band: a pair


def _upright(data: bytes, decoder: str) -> bytes | None:
    """A JPEG of the picture the right way up, without what the camera noted about time and place; None where it is so already."""
    picture = _picture(data, decoder)
    if not _is_sideways(picture):
        return None
    if picture.width * picture.height > _TURNED_WHOLE:
        picture.draft(None, (picture.width // 2, picture.height // 2))
    picture.thumbnail((_LONGEST_RENDERED, _LONGEST_RENDERED))
    profile = picture.info.get("icc_profile") if picture.mode == "RGB" else None
    turned = ink.on_white(ImageOps.exif_transpose(picture))
    into = io.BytesIO()
    turned.save(into, "JPEG", quality=90, exif=b"", xmp=b"", comment=b"", icc_profile=profile)
    return into.getvalue()


def _is_sideways(picture: Image.Image) -> bool:
    try:
        return picture.getexif().get(_ORIENTATION, 1) in range(2, 9)
    except Exception:  # notes that cannot be read say nothing
        return False


def _picture(data: bytes, decoder: str) -> Image.Image:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the limit is ours
        try:
            return Image.open(io.BytesIO(data), formats=(decoder,))
        except Image.DecompressionBombError as bomb:
            raise BadScan(ScanProblem.TOO_MANY_PIXELS) from bomb


def _found(*problems: ScanProblem | None) -> tuple[ScanProblem, ...]:
    return tuple(problem for problem in problems if problem)
