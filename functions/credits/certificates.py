"""Certificates (合格证明): issued once for a state of the ledger, replaced when the sums change."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from credits.certificate_page import CertificatePage, drawn
from credits.ledger_store import LedgerStore, Person
from credits.places import Places, certificate_file_key
from jingkuai.aws.clock import Clock
from jingkuai.aws.ids import NewId
from jingkuai.domain.certificate import Certificate, CreditsShort, new_certificate_no
from jingkuai.domain.credit_rules import RuleBook, YearCredits, as_number
from jingkuai.domain.principal import Principal
from jingkuai.domain.problem import Conflict
from jingkuai.domain.workdays import today_in_shanghai

ATTEMPTS = 2  # the second finds what the winner of a race has issued


class Signs(Protocol):
    """The key certificates are signed with."""

    @property
    def key_id(self) -> str: ...

    def sign(self, message: bytes) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate in force; `is_new` where this request made it."""

    certificate: Certificate
    is_new: bool


def issue(
    year: int,
    *,
    by: Principal,
    store: LedgerStore,
    places: Places,
    rules: RuleBook,
    signer: Signs,
    address_of: Callable[[str], str],
    random: Callable[[int], bytes],
    clock: Clock,
    new_id: NewId,
) -> Issued:
    """The certificate of a fulfilled year: the one in force while the sums are the same, else a new one in its place.

    `address_of` gives the address at which a number is verified. Raises CreditsShort; Conflict where the ledger kept
    changing meanwhile. AWS calls: 4; 1 where one is in force; after a lost race 1 more and the removal of the page.
    """
    person_id = by.person_id or by.account_id
    for _ in range(ATTEMPTS):
        stored = store.year_and_person(person_id, year)
        credits = YearCredits.of(stored.entries, rules.of(year))
        if not credits.fulfilled or stored.person is None:
            raise CreditsShort(extra=_shortfall(credits))
        if stored.certificate and stored.certificate.agrees_with(credits):
            return Issued(stored.certificate, is_new=False)
        certificate = _certificate(stored.person, credits, random, clock)
        signature = signer.sign(certificate.statement())
        page = _page(certificate, stored.person, credits, signature, address_of)
        key = certificate_file_key(certificate.certificate_no)
        places.files.put(places.records, key, drawn(page), content_type="application/pdf")
        if store.issue(
            certificate,
            replaces=stored.certificate,
            signature=signature,
            key_id=signer.key_id,
            by=by,
            region_code=stored.person.region_code,
            new_id=new_id,
        ):
            return Issued(certificate, is_new=True)
        places.files.delete(places.records, key)
    raise Conflict()


def _certificate(person: Person, credits: YearCredits, random: Callable[[int], bytes], clock: Clock) -> Certificate:
    return Certificate(
        certificate_no=new_certificate_no(credits.rules.year, random),
        person_id=person.person_id,
        year=credits.rules.year,
        name_masked=person.name_masked,
        total=credits.earned.total,
        professional=credits.earned.professional,
        issued_at=clock(),
    )


def _page(
    certificate: Certificate,
    person: Person,
    credits: YearCredits,
    signature: bytes,
    address_of: Callable[[str], str],
) -> CertificatePage:
    issued_on: date = today_in_shanghai(certificate.issued_at)
    return CertificatePage(
        certificate=certificate,
        name=person.name,
        id_masked=person.id_masked,
        region_code=person.region_code,
        credits=credits,
        issued_on=issued_on,
        verify_url=address_of(certificate.certificate_no),
        signature=signature,
    )


def _shortfall(credits: YearCredits) -> dict[str, object]:
    return {
        "shortfall": {
            "total": as_number(credits.short_of_total),
            "professional": as_number(credits.short_of_professional),
        }
    }
