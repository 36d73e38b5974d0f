"""Writes the rule sets of `infra/policies/` into `template.yaml`, where AppConfig's hosted configurations take them as text.

`python -m tools.policies` writes, a test compares. A policy is one JSON file; `<name>.schema.json` beside it is its validator.
"""

from __future__ import annotations

import json
from pathlib import Path

ROOT = Path(__file__).parent.parent
POLICIES = ROOT / "infra" / "policies"
TEMPLATE = ROOT / "template.yaml"
BEGIN = "  # POLICIES: the profiles below are written by `python -m tools.policies` from infra/policies/\n"
END = "  # END OF POLICIES\n"


def names() -> list[str]:
    """The rule sets, by file name."""
    return sorted(
        path.name.removesuffix(".json") for path in POLICIES.glob("*.json") if not path.name.endswith(".schema.json")
    )


def resources() -> str:
    """The template's resources for every rule set; deployments follow each other, since AppConfig runs one at a time."""
    written, before = [], ""
    for name in names():
        written.append(_profile(name, before))
        before = f"{_logical_id(name)}InForce"
    return "".join(written)


def _profile(name: str, before: str) -> str:
    logical = _logical_id(name)
    follows = f"    DependsOn: {before}\n" if before else ""
    return f"""\
  {logical}:
    Type: AWS::AppConfig::ConfigurationProfile
    Properties:
      ApplicationId: !Ref Rules
      Name: {name}
      LocationUri: hosted
      Validators: [{{Type: JSON_SCHEMA, Content: {_quoted(POLICIES / f"{name}.schema.json")}}}]
  {logical}Shipped:
    Type: AWS::AppConfig::HostedConfigurationVersion
    Properties:
      ApplicationId: !Ref Rules
      ConfigurationProfileId: !Ref {logical}
      ContentType: application/json
      Content: {_quoted(POLICIES / f"{name}.json")}
  {logical}InForce:
    Type: AWS::AppConfig::Deployment
{follows}    Properties:
      ApplicationId: !Ref Rules
      EnvironmentId: !Ref RulesInForce
      ConfigurationProfileId: !Ref {logical}
      ConfigurationVersion: !Ref {logical}Shipped
      DeploymentStrategyId: !Ref AtOnce
"""


def _logical_id(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def _quoted(path: Path) -> str:
    """The document on one line, as a single-quoted YAML text."""
    compact = json.dumps(json.loads(path.read_text()), ensure_ascii=False, separators=(",", ":"))
    return "'" + compact.replace("'", "''") + "'"


def written(template: str) -> str:
    """The template with its policies renewed. Raises ValueError where the two marks are missing."""
    before, begin, rest = template.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError("template.yaml has lost the marks between which policies are written")
    return before + BEGIN + resources() + END + after


def main() -> None:
    """Renew the template in place."""
    TEMPLATE.write_text(written(TEMPLATE.read_text()))


if __name__ == "__main__":
    main()
