"""What the credits routes answer with (api.md, Shapes, credits). Credits are numbers of at most two decimals."""

from datetime import date
from typing import Self

from pydantic import BaseModel

from credits.batches import ImportBatch
from credits.certificates import Verification
from credits.imports import Announced
from jingkuai.aws.clock import iso
from jingkuai.domain.certificate import Certificate, CertificateState
from jingkuai.domain.credit_rules import CountedEntry, CreditVersion, YearCredits, as_number
from jingkuai.domain.workdays import today_in_shanghai

Number = int | float


class Needed(BaseModel):
    """Credits of a year that are required, or missing."""

    total: Number
    professional: Number


class Earned(Needed):
    """Credits that count."""

    public: Number


class VersionView(BaseModel):
    """A value an entry had."""

    credits: Number
    course: str
    completed_on: date
    at: str
    import_id: str | None = None
    taken_back: bool | None = None

    @classmethod
    def of(cls, version: CreditVersion) -> Self:
        return cls(
            credits=as_number(version.credits),
            course=version.course,
            completed_on=version.completed_on,
            at=iso(version.at),
            import_id=version.import_id,
            taken_back=version.taken_back or None,
        )


class EntryView(BaseModel):
    """One course of the ledger; `history` is there once the entry was corrected or taken back."""

    entry_id: str
    source: str
    source_name: str
    category: str
    course: str
    course_no: str | None = None
    credits: Number
    counted: bool
    not_counted_reason: str | None = None
    completed_on: date
    recorded_at: str
    history: list[VersionView] | None = None

    @classmethod
    def of(cls, counted: CountedEntry) -> Self:
        entry = counted.entry
        return cls(
            entry_id=entry.entry_id,
            source=entry.source.value,
            source_name=entry.source_name,
            category=entry.category.value,
            course=entry.course,
            course_no=entry.course_no,
            credits=as_number(entry.credits),
            counted=counted.counted,
            not_counted_reason=counted.reason.value if counted.reason else None,
            completed_on=entry.completed_on,
            recorded_at=iso(entry.recorded_at),
            history=[VersionView.of(version) for version in entry.history] if len(entry.history) > 1 else None,
        )


class YearInBrief(BaseModel):
    """One row of the history."""

    year: int
    required: Needed
    earned: Earned
    shortfall: Needed
    fulfilled: bool

    @classmethod
    def brief(cls, credits: YearCredits) -> "YearInBrief":
        rules, earned = credits.rules, credits.earned
        return YearInBrief(
            year=rules.year,
            required=Needed(total=as_number(rules.required_total), professional=as_number(rules.required_professional)),
            earned=Earned(
                total=as_number(earned.total),
                professional=as_number(earned.professional),
                public=as_number(earned.public),
            ),
            shortfall=Needed(
                total=as_number(credits.short_of_total), professional=as_number(credits.short_of_professional)
            ),
            fulfilled=credits.fulfilled,
        )


class YearView(YearInBrief):
    """The year's answer, entry by entry."""

    open_until: date
    entries: list[EntryView]

    @classmethod
    def of(cls, credits: YearCredits) -> Self:
        brief = YearInBrief.brief(credits)
        return cls(
            **dict(brief),
            open_until=credits.rules.open_until,
            entries=[EntryView.of(one) for one in credits.entries],
        )


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


class RowsView(BaseModel):
    """How many rows came to what so far; `total` is known once the file has been read."""

    total: int | None
    done: int
    accepted: int
    rejected: int
    unchanged: int


class ReasonView(BaseModel):
    """How many rows have this code."""

    code: str
    count: int


class FileProblemView(BaseModel):
    """Why the file was not taken."""

    code: str
    message: str


class ImportView(BaseModel):
    """An import as the institution watches it."""

    import_id: str
    filename: str
    year: int
    dry_run: bool
    created_at: str
    finished_at: str | None = None
    status: str
    rows: RowsView
    reasons: list[ReasonView]
    problem: FileProblemView | None = None
    report_url: str | None = None

    @classmethod
    def of(cls, batch: ImportBatch, *, report_url: str | None = None) -> Self:
        counts = batch.counts
        most_first = sorted(counts.reasons.items(), key=lambda reason: (-reason[1], reason[0]))
        return cls(
            import_id=batch.import_id,
            filename=batch.filename,
            year=batch.year,
            dry_run=batch.dry_run,
            created_at=iso(batch.created_at),
            finished_at=iso(batch.finished_at) if batch.finished_at else None,
            status=batch.status.value,
            rows=RowsView(
                total=batch.total,
                done=counts.done,
                accepted=counts.accepted,
                rejected=counts.rejected,
                unchanged=counts.unchanged,
            ),
            reasons=[ReasonView(code=code, count=count) for code, count in most_first],
            problem=FileProblemView(code=batch.problem.code, message=batch.problem.message) if batch.problem else None,
            report_url=report_url,
        )


class UploadView(BaseModel):
    """A form to upload with: send `fields` as they are, then `file`, to `url`."""

    url: str
    fields: dict[str, str]


class AnnouncedView(BaseModel):
    """The import that waits for its file."""

    import_id: str
    upload: UploadView

    @classmethod
    def of(cls, announced: Announced) -> Self:
        form = announced.upload
        return cls(import_id=announced.batch.import_id, upload=UploadView(url=form.url, fields=form.fields))
