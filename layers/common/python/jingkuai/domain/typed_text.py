"""What keyboards and clipboards do to codes and numbers, undone: full-width characters, spaces, invisible marks.

For codes and numbers only. A name or any other free text is never passed through here: it is kept as it was typed.
"""

from __future__ import annotations

import unicodedata
from typing import Final

HALF_WIDTH: Final = {ord("－"): "-"} | {
    ord(full): chr(ord(full) - 0xFEE0)
    for first, last in ("０９", "ＡＺ", "ａｚ")
    for full in map(chr, range(ord(first), ord(last) + 1))
}

LONGEST_CODE: Final = 200


def half_width(text: str) -> str:
    """Full-width digits, Latin letters and hyphens as their ordinary forms. Not NFKC, which would also turn the
    Roman numeral Ⅹ into a letter and so accept a number nobody has.
    """
    return text.translate(HALF_WIDTH)


def compact(text: str) -> str:
    """A code in its bare form: half width, without spaces and the invisible marks that come with copied text.
    What is too long for any code stays as it is, for its type to refuse: no megabyte is read character by character.
    """
    if len(text) > LONGEST_CODE:
        return text
    return "".join(character for character in half_width(text) if not _is_blank(character))


def _is_blank(character: str) -> bool:
    return character.isspace() or unicodedata.category(character) == "Cf"
