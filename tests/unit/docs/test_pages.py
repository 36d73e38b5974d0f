"""The docs against the house: links lead somewhere, and whatever they name is there."""

from __future__ import annotations

import hashlib
import re
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml

from jingkuai.domain.social_credit_code import UnifiedSocialCreditCode
from tests.cloud import template
from tests.unit.docs.pages import NAMES, ROOT, anchors, code, links, spans, text_of

TARGETS = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
ROUTES = {
    f"{verb.upper()} {path}"
    for path, verbs in template()["Resources"]["Api"]["Properties"]["DefinitionBody"]["paths"].items()
    for verb in verbs
}
MADE = {".git", ".local", ".venv"}  # by set-up, in no clone
TOP = ({path.name for path in ROOT.iterdir() if path.is_dir()} | {"jingkuai"}) - MADE
STAND_INS = ("…", "<", "$")  # a path with one of these stands for others


def test_there_is_a_page_for_every_reader() -> None:
    readers = ("accountant", "institution", "reviewer", "operator", "contributor", "architecture", "error-codes")
    assert {f"docs/{one}.md" for one in readers} <= set(NAMES)
    assert {"README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_links_lead_somewhere(name: str) -> None:
    page = ROOT / name
    for link in links(name):
        if link.startswith(("https://", "mailto:")):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{link} leads nowhere"
        if anchor:
            assert anchor in anchors(str(target.relative_to(ROOT))), f"{link}: no such heading"


@pytest.mark.parametrize("name", NAMES)
def test_make_targets_exist(name: str) -> None:
    named = {target for piece in code(name) for target in re.findall(r"\bmake ([a-z]+)\b", piece)}
    assert named <= TARGETS


@pytest.mark.parametrize("name", NAMES)
def test_paths_exist(name: str) -> None:
    for span in spans(name):
        first, slash, _ = span.partition("/")
        if not slash or first not in TOP or any(mark in span for mark in STAND_INS) or " " in span:
            continue
        path = span.replace("jingkuai/", "layers/common/python/jingkuai/", 1) if first == "jingkuai" else span
        assert list(ROOT.glob(path.rstrip("/"))), f"{span} is not in the repository"


@pytest.mark.parametrize("name", NAMES)
def test_modules_that_are_run_exist(name: str) -> None:
    for piece in code(name):
        for module in re.findall(r"python3? -m ((?:tools|benchmarks)[\w.]*\w)", piece):
            assert find_spec(module) is not None, module


@pytest.mark.parametrize("name", NAMES)
def test_routes_exist(name: str) -> None:
    named = {
        f"{verb} {path}"
        for span in spans(name)
        for verb, path in re.findall(r"^(GET|POST|PUT|PATCH|DELETE) (/[\w/{}-]+)", span)
    }
    assert named <= ROUTES, sorted(named - ROUTES)


@pytest.mark.parametrize("name", NAMES)
def test_credit_codes_in_examples_pass_their_check(name: str) -> None:
    for text in re.findall(r'"uscc": "([0-9A-Z]{18})"', text_of(name)):
        assert UnifiedSocialCreditCode(text)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_tells_of_a_machine_or_a_registry(name: str) -> None:
    assert not re.search(r"/(?:root|home|work|tmp|Users)/|pypi\.|index-url|simple/", text_of(name))


def test_the_readmes_diagram_has_every_function_and_machine() -> None:
    diagram = text_of("README.md").partition("```mermaid")[2].partition("```")[0]
    functions = [
        one["Properties"]["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"]
        for one in template()["Resources"].values()
        if one["Type"] == "AWS::Serverless::Function"
    ]
    missing = {name for name in functions if f'["{name}"]' not in diagram}
    machines = {path.name.partition(".")[0] for path in (ROOT / "infra" / "workflows").glob("*.asl.json")}
    assert not missing
    assert {machine for machine in machines if f"state machine {machine}" not in diagram} == set()


def test_the_readmes_first_session_was_put_in() -> None:
    session = text_of("README.md").partition("## A first session")[2].partition("\n## ")[0]
    assert "$ make run" in session and "FIRST SESSION" not in session


def test_the_changelog_has_what_is_unreleased_on_top_and_names_the_issue_of_each_line() -> None:
    changelog = text_of("CHANGELOG.md")
    sections = re.findall(r"^## (.+)$", changelog, re.MULTILINE)
    assert sections[0] == "[Unreleased]"
    entries = re.split(r"^- ", changelog, flags=re.MULTILINE)[1:]
    assert entries
    for entry in entries:
        assert re.search(r"\(#\d+\)\s*(?:\n|$)", entry), entry


def test_the_licence_is_whole() -> None:
    licence = (ROOT / "LICENSE").read_bytes()
    assert hashlib.sha256(licence).hexdigest() == "cfc7749b96f63bd31c3c42b5c471bf756814053e847c10f3eb003417bc523d30"


@pytest.mark.parametrize(
    "path", sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("[!c]*.yml")), ids=lambda path: path.name
)
def test_an_issue_form_is_sound_and_asks_for_something(path: Path) -> None:
    form = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert form["name"] and form["description"]
    assert any(field.get("validations", {}).get("required") for field in form["body"])
    assert len({field["id"] for field in form["body"] if "id" in field}) == sum("id" in field for field in form["body"])


def test_the_pull_request_form_has_its_four_lines() -> None:
    form = text_of(".github/pull_request_template.md")
    assert re.findall(r"^\*\*(.+?):\*\*", form, re.MULTILINE) == [
        "Why", "What a user notices", "How it was tried", "What was left"
    ]  # fmt: skip
