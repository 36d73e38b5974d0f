"""What anybody is answered who has the number of a paper (api.md, Shapes, credits)."""

from datetime import date
from typing import Literal, Self

from pydantic import BaseModel

from credits.ledger_views import Needed
from credits.verification import VerifiedCertificate
from jingkuai.domain.certificate import CertificateState
from jingkuai.domain.credit_rules import as_number
from jingkuai.domain.regions import bureau_in_full, elsewhere_in_full
from jingkuai.domain.transfer_letter import LetterState, TransferLetter
from jingkuai.domain.workdays import today_in_shanghai


class VerificationView(BaseModel):
    """A certificate, or an unknown number: of that nothing else is said."""

    valid: bool
    state: CertificateState
    kind: Literal["certificate"] | None = None
    name_masked: str | None = None
    year: int | None = None
    credits: Needed | None = None
    issued_on: date | None = None

    @classmethod
    def of(cls, found: VerifiedCertificate | None) -> Self:
        if found is None:
            return cls(valid=False, state=CertificateState.UNKNOWN)
        certificate = found.certificate
        return cls(
            valid=found.state is CertificateState.VALID,
            state=found.state,
            kind="certificate",
            name_masked=certificate.name_masked,
            year=certificate.year,
            credits=Needed(total=as_number(certificate.total), professional=as_number(certificate.professional)),
            issued_on=today_in_shanghai(certificate.issued_at),
        )


class LetterVerificationView(BaseModel):
    """A transfer letter; the two regions also by name, since whoever scanned the code reads the answer as it is."""

    valid: bool
    state: LetterState
    kind: Literal["transfer_letter"]
    name_masked: str
    from_region: str
    from_bureau: str
    to_region: str
    to_place: str
    issued_on: date

    @classmethod
    def of(cls, letter: TransferLetter) -> Self:
        return cls(
            valid=letter.state is LetterState.VALID,
            state=letter.state,
            kind="transfer_letter",
            name_masked=letter.name_masked,
            from_region=letter.from_region,
            from_bureau=bureau_in_full(letter.from_region),
            to_region=letter.to_region,
            to_place=elsewhere_in_full(letter.to_region),
            issued_on=letter.issued_on,
        )


def view_of(found: VerifiedCertificate | TransferLetter | None) -> VerificationView | LetterVerificationView:
    """The answer for whatever was found."""
    return LetterVerificationView.of(found) if isinstance(found, TransferLetter) else VerificationView.of(found)
