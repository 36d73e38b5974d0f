"""The numbers on papers of the registry that anybody may verify (编号): a prefix that names the kind of paper, the year,
ten random characters. Source: handbook, section 7.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from jingkuai.domain.typed_text import compact

ALPHABET: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # no I, O, 0, 1: read aloud and typed by people
DRAWN: Final = 10  # characters; 50 random bits, so that numbers cannot be found by trying


@dataclass(frozen=True, slots=True)
class PaperNumbers:
    """The numbers of one kind of paper, by their prefix."""

    prefix: str

    def new(self, year: int, random: Callable[[int], bytes]) -> str:
        """A number nobody can guess."""
        return f"{self.prefix}{year}" + "".join(ALPHABET[byte % len(ALPHABET)] for byte in random(DRAWN))

    def have(self, text: str) -> bool:
        """Whether a text may be such a number at all: what is not is unknown without a look at the table."""
        return re.fullmatch(f"{self.prefix}[0-9]{{4}}[{ALPHABET}]{{{DRAWN}}}", text) is not None


def as_printed(typed: str) -> str:
    """A number in the form it has on paper, however somebody typed it."""
    return compact(typed).upper()


def verify_path(number: str) -> str:
    """The path of the API at which anybody verifies a number: what the code on a paper leads to."""
    return f"/verify/{number}"
