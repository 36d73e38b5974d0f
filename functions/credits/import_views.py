"""What the routes of imports answer with (api.md, Shapes, credits)."""

from typing import Self

from pydantic import BaseModel

from credits.batches import ImportBatch
from credits.imports import Announced
from jingkuai.aws.clock import iso


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
