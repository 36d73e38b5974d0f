"""What every property of the API means (字段说明), in the words of `openapi_fields.json`.

A property means the same wherever it stands (`*`), or something of its own in the schemas that are named. Words that a
property may hold are listed once under `values` and put in where a text says `{name}`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

SOURCE: Final = Path(__file__).parent / "openapi_fields.json"
EVERYWHERE: Final = "*"


@dataclass(frozen=True, slots=True)
class Glossary:
    """`values` are the lists of words, each with its meaning; `texts` what a property means, by its name and schema."""

    values: Mapping[str, Mapping[str, str]]
    texts: Mapping[tuple[str, str], str]

    def text(self, name: str, schema: str = EVERYWHERE) -> str | None:
        """What a property means in this schema; None where nothing is said."""
        return self.texts.get((name, schema), self.texts.get((name, EVERYWHERE)))

    def described(self, whole: Mapping[str, Any]) -> dict[str, Any]:
        """The description with what properties and parameters mean, where the handler's own model does not say it."""
        schemas = {
            schema: self._with_meanings(schema, shape) for schema, shape in whole["components"]["schemas"].items()
        }
        paths = {
            path: {verb: self._with_parameters(operation) for verb, operation in operations.items()}
            for path, operations in whole["paths"].items()
        }
        return {**whole, "paths": paths, "components": {**whole["components"], "schemas": schemas}}

    def _with_meanings(self, schema: str, shape: dict[str, Any]) -> dict[str, Any]:
        if "properties" not in shape:
            return shape
        members = {name: _told(member, self.text(name, schema)) for name, member in shape["properties"].items()}
        return {**shape, "properties": members}

    def _with_parameters(self, operation: dict[str, Any]) -> dict[str, Any]:
        if "parameters" not in operation:
            return operation
        told = [_told(one, self.text(one["name"])) for one in operation["parameters"]]
        return {**operation, "parameters": told}


def read() -> Glossary:
    """The glossary as it is written."""
    written = json.loads(SOURCE.read_text(encoding="utf-8"))
    values = written["values"]
    lists = {
        name: "；".join(f"`{word}` {meaning}" for word, meaning in words.items()) for name, words in values.items()
    }

    def spelled_out(text: str) -> str:
        return re.sub(r"\{(\w+)\}", lambda found: lists.get(found[1], found[0]), text)  # {token} of a path stays

    texts = {
        (name, schema): spelled_out(text)
        for name, said in written["properties"].items()
        for schemas, text in ({EVERYWHERE: said} if isinstance(said, str) else said).items()
        for schema in schemas.split(", ")
    }
    return Glossary(values, texts)


def _told(member: dict[str, Any], text: str | None) -> dict[str, Any]:
    return member if text is None or "description" in member else {**member, "description": text}
