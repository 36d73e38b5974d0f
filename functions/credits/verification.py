"""Verifying a number that stands on a paper of the registry (核验): a certificate's or a transfer letter's, for anybody.

A number tells by its form what it may be the number of; one that nobody has is unknown, whatever its form.
"""

from dataclasses import dataclass

from credits.ledger_store import LedgerStore
from jingkuai.domain.certificate import Certificate, CertificateState, is_certificate_no
from jingkuai.domain.credit_rules import RuleBook, YearCredits
from jingkuai.domain.transfer_letter import TransferLetter, is_letter_number


@dataclass(frozen=True, slots=True)
class VerifiedCertificate:
    """A certificate and whether it holds today."""

    certificate: Certificate
    state: CertificateState


def verify(number: str, *, store: LedgerStore, rules: RuleBook) -> VerifiedCertificate | TransferLetter | None:
    """The paper of this number, None for an unknown one. AWS calls: 2, for a letter 1, for an unknown number at most 1."""
    if is_certificate_no(number):
        return _certificate(number, store, rules)
    return store.letter(number) if is_letter_number(number) else None


def may_be_verified(text: str) -> bool:
    """Whether a text has the form of any number that could be known."""
    return is_certificate_no(text) or is_letter_number(text)


def _certificate(number: str, store: LedgerStore, rules: RuleBook) -> VerifiedCertificate | None:
    """Whether a certificate holds is asked of the ledger itself, so that no job has to revoke one."""
    certificate = store.certificate(number)
    if certificate is None:
        return None
    stored = store.year(certificate.person_id, certificate.year)
    current = stored.certificate.certificate_no if stored.certificate else None
    credits = YearCredits.of(stored.entries, rules.of(certificate.year))
    return VerifiedCertificate(certificate, certificate.state(current, credits))
