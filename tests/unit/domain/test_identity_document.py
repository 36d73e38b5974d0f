"""The six kinds of identity documents: forms, families, and what of a number lasts."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from jingkuai.domain.dictionaries import codes
from jingkuai.domain.identity_document import FAMILY_18, IdentityDocument, IdType, lookup_candidates
from jingkuai.domain.resident_id import InvalidIdentityNumber, check_character

VECTORS = json.loads((Path(__file__).parents[2] / "samples" / "validator_vectors.json").read_text())
TODAY = date(2026, 11, 24)


def document(id_type: str, text: str) -> IdentityDocument:
    return IdentityDocument.parse(id_type, text, today=TODAY)


@pytest.mark.parametrize(
    ("id_type", "text"),
    [
        *(
            (id_type, text)
            for id_type in ("resident_id", "hmt_residence_permit", "foreign_permanent_resident")
            for text in VECTORS[id_type]["valid"]
        ),
        ("hk_macao_permit", "H12345678"),
        ("hk_macao_permit", "M1234567801"),
        ("taiwan_permit", "12345678"),
        ("taiwan_permit", "1234567801"),
        ("foreign_permanent_resident", "CAN110012345678"),
        ("passport", "E1234"),
        ("passport", "A" * 20),
    ],
)
def test_each_kind_takes_its_own_form(id_type: str, text: str) -> None:
    assert document(id_type, text).number == text


@pytest.mark.parametrize(
    ("id_type", "text", "code"),
    [
        ("resident_id", "H12345678", "bad_length"),
        ("hmt_residence_permit", "420106199202290011", "bad_id_number"),
        ("hmt_residence_permit", "810000199001010116", "bad_check_digit"),
        ("hk_macao_permit", "H1234567", "bad_id_number"),
        ("hk_macao_permit", "H123456780", "bad_id_number"),
        ("hk_macao_permit", "C12345678", "bad_id_number"),
        ("taiwan_permit", "123456789", "bad_id_number"),
        ("foreign_permanent_resident", "911124198108030025", "bad_check_digit"),
        ("foreign_permanent_resident", "91112419810803002", "bad_length"),
        ("foreign_permanent_resident", "CA1110012345678", "bad_id_number"),
        ("passport", "E123", "bad_id_number"),
        ("passport", "A" * 21, "bad_id_number"),
        ("passport", "E1234/56", "bad_id_number"),
        ("driving_licence", "420106199202290011", "unknown_id_type"),
    ],
)
def test_another_form_is_refused(id_type: str, text: str, code: str) -> None:
    with pytest.raises(InvalidIdentityNumber) as caught:
        document(id_type, text)
    assert caught.value.code == code


def test_kinds_are_those_of_the_dictionary() -> None:
    assert set(IdType) == codes("id_type")


@pytest.mark.parametrize(
    ("id_type", "first", "renewed", "identity"),
    [
        ("hk_macao_permit", "H1234567801", "h12345678 02", "H12345678"),
        ("hk_macao_permit", "H12345678", "H1234567899", "H12345678"),
        ("taiwan_permit", "1234567801", "12345678", "12345678"),
    ],
)
def test_a_renewed_permit_is_the_same_person(id_type: str, first: str, renewed: str, identity: str) -> None:
    assert document(id_type, first).lookup == document(id_type, renewed).lookup == (id_type, identity)


def test_documents_of_eighteen_characters_are_one_family() -> None:
    numbers = {id_type: VECTORS[id_type]["valid"][0] for id_type in ("resident_id", "hmt_residence_permit")}
    numbers["foreign_permanent_resident"] = VECTORS["foreign_permanent_resident"]["valid"][0]
    assert {document(*item).family for item in numbers.items()} == {FAMILY_18}
    assert document("foreign_permanent_resident", "CAN110012345678").family == "foreign_permanent_resident"


def test_what_a_number_says_of_its_holder() -> None:
    resident = document("resident_id", "420106199202290011")
    assert (resident.birth_date, resident.gender) == (date(1992, 2, 29), "male")
    foreigner = document("foreign_permanent_resident", "911124198108030024")
    assert (foreigner.birth_date, foreigner.gender) == (date(1981, 8, 3), None)
    passport = document("passport", "E12345678")
    assert (passport.birth_date, passport.gender) == (None, None)


@pytest.mark.parametrize(
    ("text", "candidates"),
    [
        (" 42050219801231888x", [(FAMILY_18, "42050219801231888X")]),
        ("810000199001010115", [(FAMILY_18, "810000199001010115")]),
        ("H1234567801", [("hk_macao_permit", "H12345678"), ("passport", "H1234567801")]),
        ("12345678", [("taiwan_permit", "12345678"), ("passport", "12345678")]),
        ("1234567801", [("taiwan_permit", "12345678"), ("passport", "1234567801")]),
        ("CAN110012345678", [("foreign_permanent_resident", "CAN110012345678"), ("passport", "CAN110012345678")]),
        ("e12345678", [("passport", "E12345678")]),
        ("123456789", [("passport", "123456789")]),
    ],
)
def test_a_number_without_a_type_is_tried_by_form(text: str, candidates: list[tuple[str, str]]) -> None:
    assert list(lookup_candidates(text, today=TODAY)) == candidates


@pytest.mark.parametrize("id_type", list(IdType))
def test_every_document_is_among_the_candidates_of_its_number(id_type: IdType) -> None:
    numbers = {"hk_macao_permit": "M1234567801", "taiwan_permit": "1234567801", "passport": "G1234567"}
    number = numbers.get(id_type) or VECTORS[id_type]["valid"][0]
    assert document(id_type, number).lookup in lookup_candidates(number, today=TODAY)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "bad_id_number"),
        ("420106199202290", "bad_length"),  # the fifteen digits of before 2013
        ("42010619920229001", "bad_length"),  # a digit lost
        ("4201061992022900111", "bad_length"),  # a digit doubled
        ("420106199202290012", "bad_check_digit"),
        ("4201O6199202290011", "bad_characters"),
        ("1234", "bad_length"),
        ("张三", "bad_id_number"),
        ("E12345-67", "bad_id_number"),
    ],
)
def test_a_number_of_no_form_is_refused(text: str, code: str) -> None:
    with pytest.raises(InvalidIdentityNumber) as caught:
        lookup_candidates(text, today=TODAY)
    assert caught.value.code == code


def test_a_birth_date_after_today_is_refused_for_every_document_of_eighteen_characters() -> None:
    body = "81000020261125001"
    with pytest.raises(InvalidIdentityNumber, match="bad_birth_date"):
        document("hmt_residence_permit", body + check_character(body))
