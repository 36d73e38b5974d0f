"""The rule sets as shipped: valid by their own schema, and the same in the template as in their files."""

import json

import jsonschema
import pytest

from tools import policies


def test_the_template_carries_the_policies_as_they_stand() -> None:
    assert policies.written(policies.TEMPLATE.read_text()) == policies.TEMPLATE.read_text(), "run `make policies`"


@pytest.mark.parametrize("name", policies.names())
def test_a_policy_meets_its_schema(name: str) -> None:
    schema = json.loads((policies.POLICIES / f"{name}.schema.json").read_text())
    jsonschema.validate(json.loads((policies.POLICIES / f"{name}.json").read_text()), schema)


@pytest.mark.parametrize("name", policies.names())
def test_a_schema_refuses_something(name: str) -> None:
    schema = json.loads((policies.POLICIES / f"{name}.schema.json").read_text())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"no": "such policy"}, schema)
