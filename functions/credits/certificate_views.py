"""What a certificate is answered with to its holder (api.md, Shapes, credits)."""

from typing import Self

from pydantic import BaseModel

from jingkuai.aws.clock import iso
from jingkuai.domain.certificate import Certificate


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
