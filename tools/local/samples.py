"""The people, units, scans and credit files of `tests/samples`: synthetic, and as institutions send them."""

import json
import uuid
from functools import cache
from typing import Any

from tools.local.place import ROOT

SAMPLES = ROOT / "tests" / "samples"
PASSWORD = "Jingkuai-2026-test"  # of every accountant of people.json
CREDIT_FILE = "credits_2026_gb18030.csv"
PICTURED_BY = {  # kinds of scans without a sample of their own
    "degree_certificate": "education_certificate",
    "qualification_certificate": "education_certificate",
    "police_certificate": "employment_proof",
    "transfer_proof": "employment_proof",
}
NEW_UNIT = "91420102MAA4L2GB1N"  # of those who transfer; no account here answers for it
SCANS = ("id_front", "id_back", "education_certificate", "employment_proof")


@cache
def _people_file() -> dict[str, list[dict[str, str]]]:
    content: dict[str, list[dict[str, str]]] = json.loads((SAMPLES / "people.json").read_text(encoding="utf-8"))
    return content


def people() -> list[dict[str, str]]:
    return _people_file()["people"]


def employers() -> list[dict[str, str]]:
    return _people_file()["employers"]


def regions() -> set[str]:
    """The regions whose bureaus keep these people's records."""
    return {person["region_code"] for person in people()}


def employer_of(region: str) -> dict[str, str]:
    return next(unit for unit in employers() if unit["region_code"] == region)


def scan(kind: str) -> bytes:
    """A scan of this kind, made unlike every other by a comment segment of its own, as two people's scans never are the same file."""
    picture = (SAMPLES / f"{PICTURED_BY.get(kind, kind)}.jpg").read_bytes()
    behind_first_segment = 4 + int.from_bytes(picture[4:6], "big")
    comment = uuid.uuid4().hex.encode()
    segment = b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment
    return picture[:behind_first_segment] + segment + picture[behind_first_segment:]


def registration_of(person: dict[str, str]) -> dict[str, Any]:
    """The form as this person fills it in; what people.json does not say follows from the year of birth."""
    number = person["id_number"]
    born = int(number[6:10])
    return {
        "basic": {
            "name": person["name"],
            "gender": "male" if int(number[16]) % 2 else "female",
            "birth_date": f"{number[6:10]}-{number[10:12]}-{number[12:14]}",
            "ethnicity": "01",
            "political_status": "13",
        },
        "contact": {"phone": person["phone"], "email": "someone@example.invalid", "address": "湖北省示例路1号"},
        "education": [
            {
                "level": "bachelor",
                "school": "中南财经政法大学",
                "major": "会计学",
                "graduated_on": f"{born + 23}-06-30",
                "certificate_no": f"10520{born + 23}05{number[11:17]}",
                "study_mode": "full_time",
            }
        ],
        "employment": {
            "status": "employed",
            "employer_name": person["employer"],
            "uscc": person["uscc"],
            "region_code": person["region_code"],
            "position": "accountant",
            "since": f"{born + 24}-07-01",
            "accounting_since": f"{born + 24}-07",
        },
        "qualifications": [],
        "region_code": person["region_code"],
    }


def transfer_to(to_region: str, **changed: Any) -> dict[str, Any]:
    """The form of a transfer to a unit there; what is None is left out. Its paper is added by who files it."""
    form = {
        "to_region": to_region,
        "to_employer": {"uscc": NEW_UNIT, "name": "湖北示例迁入会计有限公司"},
        "employment_status": "employed",
        "reason": "到新单位任职",
        "start_date": "2026-11-01",
        **changed,
    }
    return {name: value for name, value in form.items() if value is not None}
