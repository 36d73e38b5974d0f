"""A synthetic person between account and record, as `/auth/register` leaves them, and what they may file."""

from typing import Any

from jingkuai.aws import keys
from jingkuai.aws.lookup import lookup_key
from jingkuai.aws.tables import Table
from jingkuai.domain.principal import Principal, Role

PERSON, STRANGER = "01990000-0000-7000-8000-000000000001", "01990000-0000-7000-8000-000000000002"
PHONE, OTHER_PHONE = "19900000001", "19900000002"
MASKED_PHONE = "199****0001"  # of PHONE


def principal(account_id: str = PERSON, role: Role = Role.ACCOUNTANT, scope: str | None = None) -> Principal:
    person_id = account_id if role is Role.ACCOUNTANT else None
    return Principal(account_id, role, scope if scope is not None else account_id, person_id, "王*", "session")


def register(registry: Table, person_id: str = PERSON, phone: str = PHONE, **over: Any) -> None:
    item = {
        **keys.person_key(person_id),
        "v": 1,
        "person_id": person_id,
        "status": "registered",
        "version": 0,
        "id_type": "resident_id",
        "id_masked": "420***********0016",
        "birth_date": "1990-03-07",
        "gender": "male",
        "name": "王清",
        "name_masked": "王*",
        "phone_masked": f"{phone[:3]}****{phone[-4:]}",
        "phone_hash": lookup_key().of("phone", phone),
        "open": {},
        "created_at": "2026-11-24T03:00:00.000Z",
        "updated_at": "2026-11-24T03:00:00.000Z",
    }
    registry.put({**item, **over})


def approve(registry: Table, person_id: str = PERSON, phone: str = PHONE, **over: Any) -> None:
    """Somebody with a record, version 1, confirmed on the day of approval: as the review's last step leaves them."""
    form = payload()
    contact = {name: value for name, value in form["contact"].items() if name != "phone"}
    known = {"status": "active", "version": 1, "region_code": "420106", "confirmed_on": "2026-11-24"}
    sections = {name: form[name] for name in ("basic", "education", "employment", "qualifications")}
    item = {**known, "sections": {**sections, "contact": contact}, **over}
    listed = keys.by_confirmation(item["confirmed_on"], person_id)
    register(registry, person_id, phone, **item, **keys.index(1, keys.people(item["region_code"]), listed))


def payload(**over: Any) -> dict[str, Any]:
    form = {
        "basic": {
            "name": "王清",
            "gender": "male",
            "birth_date": "1990-03-07",
            "ethnicity": "01",
            "political_status": "13",
        },
        "contact": {"phone": PHONE, "email": "someone@example.invalid", "address": "湖北省示例路1号"},
        "education": [
            {
                "level": "bachelor",
                "school": "中南财经政法大学",
                "major": "会计学",
                "graduated_on": "2013-06-30",
                "certificate_no": "105201201305001234",
                "study_mode": "full_time",
            }
        ],
        "employment": {
            "status": "employed",
            "employer_name": "湖北示例会计有限公司",
            "uscc": "91420106MA4KABCD9R",
            "region_code": "420106",
            "position": "accountant",
            "since": "2014-07-01",
            "accounting_since": "2014-07",
        },
        "qualifications": [],
        "region_code": "420106",
    }
    return {**form, **over}
