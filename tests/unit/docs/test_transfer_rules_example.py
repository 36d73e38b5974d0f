"""The example of transfer rules that administrators read is one that can be published."""

import json
import re
from pathlib import Path

import jsonschema

from jingkuai.domain.transfer import Route, Step
from jingkuai.domain.transfer_rules import TransferRules

ROOT = Path(__file__).parents[3]
POLICIES = ROOT / "infra" / "policies"


def test_the_example_does_what_it_says() -> None:
    text = (ROOT / "docs" / "administrator.md").read_text(encoding="utf-8")
    examples = [json.loads(one) for one in re.findall(r"```json\n(.*?)```", text, re.DOTALL)]
    shipped = json.loads((POLICIES / "transfer_rules.json").read_text(encoding="utf-8"))
    document = {**shipped, **next(one for one in examples if "cities" in one)}
    jsonschema.validate(document, json.loads((POLICIES / "transfer_rules.schema.json").read_text(encoding="utf-8")))
    rules = TransferRules.from_policy(document)
    joined = rules.of(Route.BETWEEN_CITIES, kept_by="420106", to_region="420506")
    assert [one.workdays for one in joined.steps if one.step is Step.ACCEPTANCE] == [5]
    assert [one.value for one in joined.papers] == ["transfer_proof", "employment_proof"]
    elsewhere = rules.of(Route.BETWEEN_CITIES, kept_by="420506", to_region="420106")
    assert [one.value for one in elsewhere.papers] == ["transfer_proof"]
