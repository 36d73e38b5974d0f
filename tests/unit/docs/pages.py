"""The project's Markdown as its readers and tests see it: prose, code, links, headings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[3]
PAGES = sorted(
    [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "benchmarks").rglob("*.md"),
        *(ROOT / ".github").rglob("*.md"),
    ]
)
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]

_FENCED = re.compile(r"^ *```.*?^ *```", re.MULTILINE | re.DOTALL)
_INDENTED = re.compile(r"^ {4}\S.*$", re.MULTILINE)
_SPAN = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\[[^\]\n]*\]\(([^)\s]+)\)")


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def spans(name: str) -> Iterator[str]:
    """What stands between single backticks, outside fenced blocks."""
    yield from _SPAN.findall(_FENCED.sub("", text_of(name)))


def code(name: str) -> Iterator[str]:
    """All that is set as code: spans, fenced and indented blocks."""
    yield from spans(name)
    yield from _FENCED.findall(text_of(name))
    yield from _INDENTED.findall(text_of(name))


def links(name: str) -> Iterator[str]:
    yield from _LINK.findall(_FENCED.sub("", text_of(name)))


def anchors(name: str) -> set[str]:
    """The ids that headings get where the page is shown."""
    headings = re.findall(r"^#+ (.+)$", _FENCED.sub("", text_of(name)), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-") for heading in headings}
