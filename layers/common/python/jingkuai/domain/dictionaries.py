"""Dictionaries (字典): the values of every coded field, with the names people read.

Source: handbook, section 2; ethnicities GB/T 3304, political status GB/T 4762.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType


@cache
def dictionaries() -> Mapping[str, Mapping[str, str]]:
    """Every dictionary: its name, then code -> name in the order in which people are shown them."""
    text = files("jingkuai.domain").joinpath("data", "dictionaries.json").read_text(encoding="utf-8")
    return MappingProxyType(
        {name: MappingProxyType({row["code"]: row["name"] for row in rows}) for name, rows in json.loads(text).items()}
    )


@cache
def codes(name: str) -> frozenset[str]:
    """The codes of a dictionary. Raises KeyError for a dictionary that does not exist."""
    return frozenset(dictionaries()[name])


def name_of(dictionary: str, code: str) -> str:
    """What people read for a code; the code itself where it has been taken out since a record was written."""
    return dictionaries()[dictionary].get(code, code)
