"""The rule sets shipped for accounts, scans and the calendar hold by their own schemas, and the schemas say no."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator, ValidationError

from jingkuai.domain.attachment import AttachmentKind

POLICIES = Path(__file__).parents[3] / "infra" / "policies"


def load(name: str) -> Any:
    return json.loads((POLICIES / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", ["account_rules", "attachment_rules", "calendar", "record_rules"])
def test_the_shipped_rules_hold_by_their_schema(name: str) -> None:
    schema = load(f"{name}.schema.json")
    Draft4Validator.check_schema(schema)
    Draft4Validator(schema).validate(load(f"{name}.json"))


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("attachment_rules", {"max_bytes": 0}),
        ("attachment_rules", {"max_bytes": "5 MB"}),
        ("attachment_rules", {"content_types": ["image/svg+xml"]}),
        ("attachment_rules", {"max_bytes_by_kind": {"selfie": 1048576}}),
        ("attachment_rules", {"max_byte": 1048576}),
        ("attachment_rules", {"max_pixels": 100_000_000}),
        ("attachment_rules", {"min_ink_contrast": 0}),
        ("attachment_rules", {"max_pages": "many"}),
        ("account_rules", {"lock": {"failures": 0, "minutes": 30}}),
        ("account_rules", {"lock": {"failures": 5}}),
        ("account_rules", {"staff_password_days": "90"}),
        ("account_rules", {"codes_per_phone": []}),
        ("account_rules", {"session": {}}),
        ("calendar", {"overrides": {"2027-02-31": "holiday"}}),
        ("calendar", {"overrides": {"1 January 2027": False}}),
        ("calendar", {"published_years": ["2027"]}),
        ("record_rules", {"confirm_after_days": 18}),
        ("record_rules", {"remind_at_most": 0}),
        ("record_rules", {"remind": 6}),
    ],
)
def test_a_slip_in_the_console_is_refused(name: str, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Draft4Validator(load(f"{name}.schema.json")).validate(load(f"{name}.json") | wrong)


def test_every_kind_of_scan_may_have_its_limit() -> None:
    kinds = load("attachment_rules.schema.json")["properties"]["max_bytes_by_kind"]["properties"]
    assert set(kinds) == set(AttachmentKind)
