"""What a certificate is answered with: to its holder, and to anybody who has its number (api.md, Shapes, credits)."""

from datetime import date
from typing import Self

from pydantic import BaseModel

from credits.certificates import Verification
from credits.ledger_views import Needed
from jingkuai.aws.clock import iso
from jingkuai.domain.certificate import Certificate, CertificateState
from jingkuai.domain.credit_rules import as_number
from jingkuai.domain.workdays import today_in_shanghai


class CertificateView(BaseModel):
    """A certificate, for its holder."""

    certificate_no: str
    year: int
    issued_at: str
    download_url: str
    verify_url: str

    @classmethod
    def of(cls, certificate: Certificate, *, download_url: str, verify_url: str) -> Self:
        return cls(
            certificate_no=certificate.certificate_no,
            year=certificate.year,
            issued_at=iso(certificate.issued_at),
            download_url=download_url,
            verify_url=verify_url,
        )


class VerificationView(BaseModel):
    """What anybody may know of a certificate number; of an unknown one only that."""

    valid: bool
    state: CertificateState
    name_masked: str | None = None
    year: int | None = None
    credits: Needed | None = None
    issued_on: date | None = None

    @classmethod
    def of(cls, found: Verification) -> Self:
        valid, certificate = found.state is CertificateState.VALID, found.certificate
        if certificate is None:
            return cls(valid=valid, state=found.state)
        return cls(
            valid=valid,
            state=found.state,
            name_masked=certificate.name_masked,
            year=certificate.year,
            credits=Needed(total=as_number(certificate.total), professional=as_number(certificate.professional)),
            issued_on=today_in_shanghai(certificate.issued_at),
        )
