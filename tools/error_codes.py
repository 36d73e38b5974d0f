"""`docs/error-codes.md`: every stable code that the API, an inspection or an import can answer, with its Chinese text.

`python -m tools.error_codes` writes it, a test regenerates and compares. Classes are read as they stand; what is made on
the spot (`FieldProblem(field, "required", …)`) is read from the source, so that no code can be answered and not be listed.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from tools.texts_in_source import GAP, ROOT, calls, is_passed_on, modules, name_of, text_of, value_of

TARGET = ROOT / "docs" / "error-codes.md"

# constructors whose calls carry a code and its text: the places of the two among the arguments
CODED = {"FieldProblem": (1, 2), "Finding": (0, 2), "Todo": (0, 1), "RowProblem": (0, 1), "_refuse": (0, 1)}


class UnreadableCode(ValueError):
    """A code is made in a way these tools do not understand: write it out, or teach them."""


@dataclass(frozen=True, slots=True, order=True)
class Told:
    """One code with one of its texts; `about` is a further column (an HTTP status, a title, a result)."""

    code: str
    text: str
    about: tuple[str, ...] = ()


def subclasses(base: type[Any]) -> dict[str, type[Any]]:
    """Every class below this one, by name. Raises ValueError where two have one name: one of them would be left out."""
    found: dict[str, type[Any]] = {}
    for one in base.__subclasses__():
        if one.__module__.startswith("tests"):
            continue
        for name, kind in {one.__name__: one, **subclasses(one)}.items():
            if found.setdefault(name, kind) is not kind:
                raise ValueError(f"two classes are called {name}: {kind.__module__}, {found[name].__module__}")
    return found


# --- refusals of a whole request --------------------------------------------------------------------------------------


def problems() -> set[Told]:
    """Every Problem class with its status and title, and the special wordings some of them are raised with."""
    from jingkuai.domain.problem import Problem
    from jingkuai.web.problems import STATUS

    known = subclasses(Problem)
    details = [(one, one.detail) for one in known.values()]
    details += [
        (known[name_of(call)], text_of(call.args[0], module) or GAP) for call, module in calls(known) if call.args
    ]
    told = {Told(one.code, detail, (str(STATUS[one.kind].value), one.title)) for one, detail in details}
    return told | gateway_answers()


def gateway_answers() -> set[Told]:
    """What API Gateway answers by itself, before any of our code runs: stands in the template."""
    template = (ROOT / "template.yaml").read_text(encoding="utf-8")
    answers = map(json.loads, re.findall(r"application/json: '(\{.*urn:jingkuai:problem:.*\})'", template))
    any_of = {"bad_request": "4xx", "internal_error": "5xx"}  # DEFAULT_4XX, DEFAULT_5XX: whatever the status was
    return {
        Told(one["code"], one["detail"], (str(one.get("status") or any_of[one["code"]]), one["title"]))
        for one in answers
    }


# --- what is wrong with a part ----------------------------------------------------------------------------------------


def field_problems() -> set[Told]:
    """Codes of `errors`: those of value types, those of the web edge, and those made where a rule is broken."""
    from jingkuai.domain.problem import InvalidValue
    from jingkuai.web import problems as edge

    kinds = subclasses(InvalidValue)
    told = {Told(code, _labelled(one, text)) for one in kinds.values() for code, text in one.messages.items()}
    for call, module in calls(kinds):
        if len(call.args) > 1 and isinstance(call.args[0], ast.Constant) and (text := text_of(call.args[1], module)):
            told.add(Told(str(call.args[0].value), _labelled(kinds[name_of(call)], text)))
    told |= {Told(code, text.format(GAP)) for code, text in edge._MESSAGES.items() if not code.startswith("date")}
    return told | made("FieldProblem") | {Told("invalid", edge._INVALID), Told("enum", edge._MANY_VALUES)}


def _labelled(kind: type[Any], text: str) -> str:
    """The texts of InvalidField go on from the label of their field."""
    return GAP + text if kind.__name__ == "InvalidField" else text


def scan_problems() -> set[Told]:
    """Why a file does not count as a scan, with the limits as they are shipped."""
    from jingkuai.domain.attachment import AttachmentKind, AttachmentRules, ScanProblem

    policy = json.loads((ROOT / "infra" / "policies" / "attachment_rules.json").read_text())
    rules = AttachmentRules.from_policy(policy)
    return {Told(code, rules.problem(code, AttachmentKind.ID_FRONT).message) for code in ScanProblem}


def findings() -> set[Told]:
    """What the automatic check of a submission says."""
    return made("Finding")


def row_problems() -> set[Told]:
    """What can be wrong with a row of a credit file."""
    return made("RowProblem") | made("_refuse")


def file_problems() -> set[Told]:
    """Why a credit file is not taken, or did not come to its end."""
    from credits.batches import NEEDS_ATTENTION
    from credits.refusals import FileRefused

    kinds = subclasses(FileRefused)
    told = {Told(NEEDS_ATTENTION.code, NEEDS_ATTENTION.message)}
    told |= {Told(one.code, one.message) for one in kinds.values()}
    raised = ((name_of(call), text_of(call.args[0], module)) for call, module in calls(kinds) if call.args)
    return told | {Told(kinds[name].code, text or GAP) for name, text in raised}


def todos() -> set[Told]:
    """What an account page may ask for."""
    return made("Todo")


def made(constructor: str) -> set[Told]:
    """Every code written out in a call of this constructor. Raises UnreadableCode for one that is computed."""
    code_at, text_at = CODED[constructor]
    told: set[Told] = set()
    for call, module in calls([constructor]):
        if len(call.args) <= text_at or is_passed_on(call.args[code_at], module):
            continue
        try:
            told |= set(_pairs(call.args[code_at], call.args[text_at], module))
        except UnreadableCode as unreadable:
            raise UnreadableCode(f"{module.__name__}, line {call.lineno}: {unreadable}") from None
    return told


def _pairs(code: ast.expr, text: ast.expr, module: ModuleType) -> Iterator[Told]:
    value = value_of(code, module)
    if value is not None:
        yield Told(str(value), text_of(text, module) or GAP)
    elif isinstance(text, ast.Subscript) and isinstance(table := value_of(text.value, module), Mapping):
        yield from (Told(str(one), words) for one, words in table.items())  # every code of a table of texts
    elif not isinstance(code, ast.IfExp):  # the web edge's own choice, which `field_problems` reads from its table
        raise UnreadableCode(ast.unparse(code))


# --- the page ---------------------------------------------------------------------------------------------------------

HEAD = f"""\
<!-- Generated by `python -m tools.error_codes`; do not edit. -->
# Codes

Every `code` is stable: programs decide by it, people read the Chinese text beside it. Texts may be improved at any time.
`{GAP}` stands for something of the case at hand: a field's name, a limit, a value that was found.

A refused request is answered as `application/problem+json` with `type`, `title`, `status`, `code`, `detail`, `errors` and
`request_id`. Where something is wrong with single fields, `errors` lists all of them at once.
"""
STATUS_AND_TITLE = ("status", "title")
SECTIONS: tuple[tuple[str, str, tuple[str, ...], Callable[[], set[Told]]], ...] = (
    ("Refusals of a request", "`code` of the answer, with its HTTP status.", STATUS_AND_TITLE, problems),
    ("Fields", "`errors[].code`, mostly of a 422 `invalid`; `errors[].field` says where.", (), field_problems),
    ("Scans", "`problems[].code` of an attachment that was rejected; limits as shipped.", (), scan_problems),
    ("Automatic check", "`findings[].code` on a review task, passed ones too.", (), findings),
    ("Rows of a credit file", "`reasons[].code` of an import; the text stands in the report.", (), row_problems),
    ("Credit files", "`problem.code` of an import that failed as a whole.", (), file_problems),
    ("What to do next", "`todo[].code` of `GET /me`, each only while it is true.", (), todos),
)


def page() -> str:
    """The whole page, codes in alphabetical order."""
    modules()
    parts = [HEAD]
    for title, lead, columns, collect in SECTIONS:
        parts.append(f"\n## {title}\n\n{lead}\n\n{_table(collect(), columns)}")
    return "".join(parts)


def _table(told: set[Told], columns: tuple[str, ...]) -> str:
    said = {one.code for one in told if one.text != GAP}
    told = {one for one in told if one.text != GAP or one.code not in said}
    head = ("code", *columns, "text")
    rows = [head, ("---",) * len(head)]
    rows += [(f"`{one.code}`", *one.about, one.text) for one in sorted(told)]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |\n" for row in rows)


if __name__ == "__main__":
    TARGET.write_text(page(), encoding="utf-8")
