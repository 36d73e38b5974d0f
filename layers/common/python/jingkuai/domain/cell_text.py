"""What people and spreadsheet programs write into the cells of a table, and what was meant by it."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Final

from jingkuai.domain.privacy import mask_id_number
from jingkuai.domain.typed_text import compact, half_width

LONGEST_SHOWN: Final = 30
FORMULA_STARTS: Final = ("=", "+", "-", "@")
_INVISIBLE: Final = "\ufeff\u200b\u200c\u200d\u2060"  # marks that come along when text is copied
_SCIENTIFIC: Final = re.compile(r"[0-9](?:\.[0-9]*)?[eE](?:\+[0-9]+|[0-9]{1,3})")
_AS_TEXT_FORMULA: Final = re.compile(r'="([^"]*)"')  # how some exports keep a number from becoming one
_DATE: Final = re.compile(r"([0-9]{4})(?:[-/.]|年)([0-9]{1,2})(?:[-/.]|月)([0-9]{1,2})日?")
_DATE_OF_DIGITS: Final = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_SERIAL: Final = re.compile(r"([0-9]{5})(?:\.[0-9]*)?")  # a spreadsheet's day number, the time of day after the point
_SERIAL_ZERO: Final = date(1899, 12, 30)
_TIME: Final = re.compile(r"[ T][0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?$")
_GAP_IN_DIGITS: Final = re.compile(r"(?<=[0-9])[\s-]+(?=[0-9Xx])")
_LONG_NUMBER: Final = re.compile(r"[0-9]{10,}[0-9Xx]")
_PLAIN_NUMBER: Final = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")


def trimmed(text: str) -> str:
    """A text without the blanks and invisible marks around it; what is inside stays."""
    before = None
    while text != before:
        before, text = text, text.strip().strip(_INVISIBLE)
    return text


def bare_id_number(cell: str) -> str:
    """An ID number without what keeps a spreadsheet from taking it for a number: a leading apostrophe, ="…"."""
    text = compact(cell)
    as_text = _AS_TEXT_FORMULA.fullmatch(text)
    return as_text[1] if as_text else text.lstrip("'‘’`")


def in_scientific_notation(text: str) -> bool:
    """Whether a spreadsheet has made a number of it (4.20106E+17): its last digits are lost."""
    return _SCIENTIFIC.fullmatch(text) is not None


def read_date(cell: str) -> date | None:
    """The day a cell names, in the forms spreadsheets write: 2026-05-01, 2026/5/1, 2026.5.1, 2026年5月1日, 20260501, a
    day number; a time of day is ignored. None where it is no day.
    """
    text = compact(_TIME.sub("", half_width(trimmed(cell)))).replace("．", ".").replace("／", "/")
    try:
        if found := _DATE.fullmatch(text) or _DATE_OF_DIGITS.fullmatch(text):
            return date(*map(int, found.groups()))
        if found := _SERIAL.fullmatch(text):
            return _SERIAL_ZERO + timedelta(days=int(found[1]))
    except ValueError:
        return None
    return None


def guarded(text: str) -> str:
    """A cell as a report gives it back: what a spreadsheet would run as a formula is made text, a plain number is not."""
    runs = text.startswith(FORMULA_STARTS) and not _PLAIN_NUMBER.fullmatch(text)
    return f"'{text}" if runs else text


def unguarded(text: str) -> str:
    """A cell without that guard: a report corrected and sent again says the same as the file it came from."""
    return text[1:] if text[:1] == "'" and text[1:2] in FORMULA_STARTS else text


def shown(cell: str) -> str:
    """A value as a message quotes it: short, on one line, a long number (an ID in the wrong column) masked."""
    text = " ".join(trimmed(cell[: LONGEST_SHOWN * 10]).split())
    if not text:
        return "（空）"
    joined = _GAP_IN_DIGITS.sub("", half_width(text))
    if _LONG_NUMBER.search(joined):
        text = _LONG_NUMBER.sub(lambda found: mask_id_number(found[0]), joined)
    return f"“{text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + '…'}”"
