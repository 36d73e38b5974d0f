"""Imports (学分批次) as the context speaks of them: their state, their counts, whose turn it is."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Self

from credits.refusals import FileRefused
from jingkuai.domain.credit_row import RowProblem, RowResult


class ImportStatus(StrEnum):
    """Where an import stands. `partly`: some rows were rejected; `failed`: none was accepted or unchanged."""

    AWAITING_UPLOAD = "awaiting_upload"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    PARTLY = "partly"
    FAILED = "failed"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class FileProblem:
    """Why an import failed as a whole."""

    code: str
    message: str

    @classmethod
    def of(cls, refused: FileRefused) -> Self:
        return cls(refused.code, refused.message)


NEEDS_ATTENTION = FileProblem(
    "needs_attention",
    "系统处理时出错，已通知管理员。已经记入的学分保留有效；您可以等待处理，也可以稍后重新上传本文件，不会重复记入。",
)


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """What became of one row; `entry` is the sort key of the ledger entry it stands for, under `person_id`."""

    number: int
    result: RowResult
    problems: tuple[RowProblem, ...] = ()
    person_id: str | None = None
    entry: str | None = None
    corrected: bool = False


@dataclass(frozen=True, slots=True)
class Counts:
    """How many rows came to what. A row with several problems counts under each code, under one code once."""

    accepted: int = 0
    rejected: int = 0
    unchanged: int = 0
    corrected: int = 0  # of the accepted ones, those that replaced an earlier value
    reasons: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, outcomes: Iterable[RowOutcome]) -> Self:
        results: Counter[RowResult] = Counter()
        reasons: Counter[str] = Counter()
        corrected = 0
        for outcome in outcomes:
            results[outcome.result] += 1
            corrected += outcome.corrected
            reasons.update({problem.code.value for problem in outcome.problems})
        accepted, rejected, unchanged = (results[one] for one in RowResult)
        return cls(accepted, rejected, unchanged, corrected, dict(reasons))

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.accepted + other.accepted,
            self.rejected + other.rejected,
            self.unchanged + other.unchanged,
            self.corrected + other.corrected,
            dict(Counter(self.reasons) + Counter(other.reasons)),
        )

    @property
    def done(self) -> int:
        return self.accepted + self.rejected + self.unchanged

    @property
    def status(self) -> ImportStatus:
        """How an import with these counts ends."""
        if not self.rejected:
            return ImportStatus.SUCCEEDED
        return ImportStatus.PARTLY if self.accepted or self.unchanged else ImportStatus.FAILED


@dataclass(frozen=True, slots=True)
class ImportBatch:
    """One file an institution reports (学分批次). `key` is where it lies in the uploads bucket; `attempt` is the number of
    the workflow's execution that is to run it. `total` rows in so many `chunks` are known once it is prepared.
    """

    import_id: str
    institution_id: str
    filename: str
    year: int
    dry_run: bool
    created_at: datetime
    key: str
    status: ImportStatus = ImportStatus.AWAITING_UPLOAD
    announced_by: str | None = None  # the account that is told of the end; none for a file put straight into the bucket
    size: int = 0
    attempt: int = 1
    total: int | None = None
    chunks: int = 0
    counts: Counts = Counts()
    finished_at: datetime | None = None
    problem: FileProblem | None = None
    report_key: str | None = None

    @property
    def execution(self) -> str:
        return f"{self.import_id}.{self.attempt}"

    @property
    def is_prepared(self) -> bool:
        return self.total is not None

    @property
    def may_run(self) -> bool:
        """Whether its workflow still has work to do; a parked one may be taken up again."""
        return self.status is ImportStatus.RUNNING or self.is_parked

    @property
    def is_parked(self) -> bool:
        return self.status is ImportStatus.FAILED and self.problem == NEEDS_ATTENTION

    def running(self, *, size: int) -> "ImportBatch":
        return replace(self, status=ImportStatus.RUNNING, size=size)

    def refused(self, problem: FileProblem, *, at: datetime) -> "ImportBatch":
        return replace(self, status=ImportStatus.FAILED, problem=problem, finished_at=at)

    def finished(self, counts: Counts, *, report_key: str, at: datetime) -> "ImportBatch":
        return replace(self, status=counts.status, counts=counts, report_key=report_key, finished_at=at)


@dataclass(frozen=True, slots=True)
class Institution:
    """A training institution (培训机构). One import or revocation of its runs at a time: `lease` names it, `queue` those
    that wait, oldest first. `corrected_at` is when an import last changed or took back what an earlier one had recorded.
    """

    institution_id: str
    name: str
    years_open: frozenset[int]
    lease: str | None = None
    queue: tuple[str, ...] = ()
    corrected_at: datetime | None = None


class LeaseLost(Exception):
    """Another import of the institution holds the lease: this one must not write. Holds ids only."""
