"""`template.yaml` after the SAM transform, as CloudFormation would see it: for tests that read what is really deployed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any
from unittest.mock import patch

from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

from tests.cloud import ROOT

_LOCAL_PATHS = ("CodeUri", "ContentUri", "DefinitionUri")


class _NoManagedPolicies:
    """The template names no AWS managed policy by its bare name, so nothing is to be looked up."""

    def load(self) -> dict[str, str]:
        return {}


@cache
def resources(region: str = "us-east-1") -> dict[str, Any]:
    """The resources of the transformed template in a region."""
    text = yaml_parse((ROOT / "template.yaml").read_text())
    for resource in text["Resources"].values():
        for name in _LOCAL_PATHS:
            if name in resource.get("Properties", {}):
                resource["Properties"][name] = f"s3://packaged/{resource['Properties'][name]}"
    with patch.dict("os.environ", {"AWS_DEFAULT_REGION": region}):
        done: dict[str, Any] = transform(text, {}, _NoManagedPolicies())
    found: dict[str, Any] = done["Resources"]
    return found


def of_type(kind: str, region: str = "us-east-1") -> dict[str, Any]:
    """The properties of every resource of a type, by logical id."""
    return {name: one["Properties"] for name, one in resources(region).items() if one["Type"] == kind}


def references(value: Any) -> Iterator[str]:
    """Every logical id (and pseudo parameter) a value refers to."""
    if isinstance(value, dict):
        for name, argument in value.items():
            if name == "Ref":
                yield argument
            elif name == "Fn::GetAtt":
                yield argument[0] if isinstance(argument, list) else argument.partition(".")[0]
            elif name == "Fn::Sub":
                yield from _in_text(argument)
            else:
                yield from references(argument)
    elif isinstance(value, list):
        for one in value:
            yield from references(one)


def _in_text(argument: Any) -> Iterator[str]:
    text = argument[0] if isinstance(argument, list) else argument
    for part in text.split("${")[1:]:
        yield part.partition("}")[0].partition(".")[0].removeprefix("!")
    if isinstance(argument, list):
        yield from references(argument[1])


def statements(role: dict[str, Any]) -> list[dict[str, Any]]:
    """The statements of all of a role's inline policies, those under a condition as if it held."""
    found = [one for policy in role.get("Policies", []) for one in policy["PolicyDocument"]["Statement"]]
    return [one["Fn::If"][1] if "Fn::If" in one else one for one in found]


def as_list(value: Any) -> list[Any]:
    """One or several, as a list."""
    return value if isinstance(value, list) else [value]


def text_of(value: Any) -> str:
    """A value as comparable text."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False)
