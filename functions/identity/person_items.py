"""The Registry's items of a newly registered person: two claims and the record, before anything of it is approved."""

from dataclasses import dataclass
from datetime import datetime

from jingkuai.aws import keys
from jingkuai.aws.clock import iso
from jingkuai.aws.tables import Item
from jingkuai.domain.identity_document import IdentityDocument
from jingkuai.domain.person_name import PersonName
from jingkuai.domain.phone import MainlandPhone


@dataclass(frozen=True, slots=True)
class NewPerson:
    """A person about to be stored; `cipher` holds `id_number` and `phone`."""

    person_id: str
    document: IdentityDocument
    name: PersonName
    phone: MainlandPhone
    id_hash: str
    phone_hash: str
    name_hash: str
    cipher: bytes
    consent_version: str


def id_claim(person: NewPerson) -> Item:
    """All that sign-in and imports read of a person: whose number it is, and the name it goes with."""
    return {
        **keys.id_claim_key(person.id_hash),
        "v": 1,
        "person_id": person.person_id,
        "name_hmac": person.name_hash,
        "approved": False,
    }


def phone_claim(person: NewPerson) -> Item:
    """Whose phone it is."""
    return {**keys.phone_claim_key(person.phone_hash), "v": 1, "person_id": person.person_id}


def person_item(person: NewPerson, now: datetime) -> Item:
    """The record before its first approval: who it is, and nothing yet of what they do."""
    born = person.document.birth_date
    return {
        **keys.person_key(person.person_id),
        "v": 1,
        "person_id": person.person_id,
        "status": "registered",
        "version": 0,
        "id_type": person.document.id_type.value,
        "id_masked": person.document.masked,
        "id_hash": person.id_hash,
        "id_cipher": person.cipher,  # one cipher of both, from one call: see Sealer.seal_together
        "birth_date": born.isoformat() if born else None,
        "gender": person.document.gender,
        "name": person.name.text,
        "name_masked": person.name.masked,
        "phone_masked": person.phone.masked,
        "phone_hash": person.phone_hash,
        "phone_cipher": person.cipher,
        "open": {},
        "consent": {"version": person.consent_version, "at": iso(now)},
        "created_at": iso(now),
        "updated_at": iso(now),
    }
