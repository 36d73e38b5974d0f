"""The registration form while it is being filled in: what is still missing, and whether it can be kept as it is."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from jingkuai.domain.problem import FieldProblem, TooLarge
from jingkuai.domain.profile import (
    LONGEST_PATH,
    MOST_ITEMS,
    Basic,
    Contact,
    Education,
    Employment,
    Qualification,
    Section,
    required_fields,
)
from jingkuai.domain.profile_fields import UNWRITABLE, is_blank
from jingkuai.domain.profile_labels import in_form_order, label_of, please_fill_in
from jingkuai.domain.profile_rules import EMPLOYED_REQUIRES

LARGEST: Final = 64 * 1024  # bytes of UTF-8 JSON; a full form has about 4 kB
LONGEST: Final = 500  # characters of one value
SINGLE: Final[Mapping[str, type[Section]]] = {"basic": Basic, "contact": Contact, "employment": Employment}
LISTS: Final[Mapping[str, type[Section]]] = {"education": Education, "qualifications": Qualification}


class DraftTooLarge(TooLarge):
    """A draft (草稿) larger than any form can be."""

    detail = "草稿内容超过64KB，没有保存。请删减过长的内容后重新保存。"


@dataclass(frozen=True, slots=True)
class MissingField:
    """A required field of the form that is still empty; `field` is its path below the section."""

    section: str
    field: str
    message: str

    def to_json(self) -> dict[str, str]:
        return asdict(self)


def missing_in_draft(payload: Mapping[str, Any]) -> tuple[list[MissingField], int]:
    """The required fields that are empty, in the order of the form, and how complete it is in per cent.
    Values are not looked at: whether they are right is told when the form is submitted.
    """
    required = list(_required(payload))
    empty = in_form_order(
        FieldProblem(field, "required", please_fill_in(field)) for field, filled in required if not filled
    )
    missing = [MissingField(_section_of(problem.field), _below(problem.field), problem.message) for problem in empty]
    return missing, 100 * (len(required) - len(missing)) // len(required)


def check_shape(sections: object) -> list[FieldProblem]:
    """What keeps sections from being kept as a draft: names and JSON types only. Raises DraftTooLarge."""
    if not isinstance(sections, Mapping):
        return [_wrong_type("payload")]
    if len(json.dumps(sections, ensure_ascii=False).encode("utf-8", "surrogatepass")) > LARGEST:
        raise DraftTooLarge()
    return in_form_order(problem for name, value in sections.items() for problem in _shape_of(name, value))


def _required(payload: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    """Each required field of this form and whether it is filled in; one education at least is part of every form."""
    for name, model in SINGLE.items():
        yield from _filled(name, model, payload.get(name))
    if isinstance(employment := payload.get("employment"), Mapping) and employment.get("status") == "employed":
        for field in EMPLOYED_REQUIRES:
            yield f"employment.{field}", not is_blank(employment.get(field))
    for name, model in LISTS.items():
        for number, item in enumerate(payload.get(name) or ([{}] if name == "education" else [])):
            yield from _filled(f"{name}.{number}", model, item)
    yield "region_code", not is_blank(payload.get("region_code"))


def _filled(path: str, model: type[Section], section: object) -> Iterator[tuple[str, bool]]:
    values = section if isinstance(section, Mapping) else {}
    for name in required_fields(model):
        yield f"{path}.{name}", not is_blank(values.get(name))


def _shape_of(name: str, value: object) -> Iterator[FieldProblem]:
    if name in LISTS and value is not None:
        yield from _shape_of_list(name, value)
    elif name in SINGLE and value is not None:
        yield from _shape_of_section(name, SINGLE[name], value)
    elif name == "region_code":
        yield from _shape_of_value(name, value)
    elif name not in SINGLE and name not in LISTS:
        yield _unknown(name)


def _shape_of_list(name: str, value: object) -> Iterator[FieldProblem]:
    if not isinstance(value, (list, tuple)):
        yield _wrong_type(name)
        return
    if len(value) > MOST_ITEMS:
        yield FieldProblem(name, "too_many", f"{label_of(name)}最多填写{MOST_ITEMS}条，请删减后重新保存。")
    for number, item in enumerate(value):
        yield from _shape_of_section(f"{name}.{number}", LISTS[name], item)


def _shape_of_section(path: str, model: type[Section], value: object) -> Iterator[FieldProblem]:
    if not isinstance(value, Mapping):
        yield _wrong_type(path)
        return
    for name, leaf in value.items():
        field = f"{path}.{name}"
        yield from _shape_of_value(field, leaf) if name in model.model_fields else [_unknown(field)]


def _shape_of_value(path: str, value: object) -> Iterator[FieldProblem]:
    if not (value is None or isinstance(value, str)):
        yield _wrong_type(path)
    elif value is not None and len(value) > LONGEST:
        yield FieldProblem(path, "bad_length", f"{label_of(path)}过长，请控制在{LONGEST}个字以内。")
    elif value is not None and UNWRITABLE.search(value):
        yield FieldProblem(path, "bad_characters", f"{label_of(path)}含有无法保存的字符，请删除后重新填写。")


def _section_of(field: str) -> str:
    return field.partition(".")[0]


def _below(field: str) -> str:
    return field.partition(".")[2] or field


def _wrong_type(path: str) -> FieldProblem:
    return FieldProblem(path, "wrong_type", f"{label_of(path)}的格式不对，请刷新页面后重新填写。")


def _unknown(path: str) -> FieldProblem:
    return FieldProblem(path[:LONGEST_PATH], "unknown_field", "没有这一填写项，请删除后重新保存。")
