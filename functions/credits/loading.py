"""Loads one chunk of a file (导入分片): every row checked, looked up and recorded, or told what is wrong with it.

Loading a chunk again comes to the same: an entry that this import wrote already counts as accepted.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Protocol

from credits.batches import Counts, ImportBatch, Institution, RowOutcome
from credits.chunks import ChunkRow, rows_of
from credits.ledger_items import recorded_key
from credits.ledger_store import LedgerStore
from credits.places import Places, chunk_number, result_key
from credits.recorded import Effect, RecordedCourse, Reporting, holder, recorded
from credits.results import PackedOutcomes
from credits.store import ImportStore
from jingkuai.aws.clock import Clock
from jingkuai.domain.credit_row import (
    UNCLOSED_QUOTE,
    CheckedRow,
    CoursesOfFile,
    RowCode,
    RowProblem,
    RowResult,
    check_row,
)
from jingkuai.domain.credit_rules import RuleBook
from jingkuai.domain.workdays import today_in_shanghai

SLICE = 1_000  # rows looked up and written together


class KeyedHash(Protocol):
    """The deployment's keyed hash, under which ID numbers and names are known."""

    def of(self, family: str, text: str) -> str: ...


@dataclass(frozen=True, slots=True)
class LookedUp:
    """A checked row with the hashes its number and name are known by."""

    number: int
    row: CheckedRow
    id_hashes: tuple[str, ...]
    name_hash: str | None


def load_chunk(
    import_id: str,
    key: str,
    *,
    imports: ImportStore,
    ledger: LedgerStore,
    places: Places,
    rules: RuleBook,
    lookup: KeyedHash,
    clock: Clock,
) -> Counts:
    """Load the chunk under this key of the uploads bucket, and keep what it came to.

    Raises LeaseLost where it is another import's turn. AWS calls: 5, and per 1,000 rows at most 1 for the lease, 10 batch
    reads of claims, 10 of entries and 40 batch writes.
    """
    batch = imports.batch(import_id)
    body = places.files.get(places.uploads, key)
    if batch is None or body is None:
        raise KeyError(import_id)
    loader = ChunkLoader(
        batch, imports.require_lease(batch), imports=imports, ledger=ledger, rules=rules, lookup=lookup, clock=clock
    )
    counts, packed = Counts(), PackedOutcomes()
    rows = rows_of(body)
    while some := list(islice(rows, SLICE)):
        outcomes = loader.load(some)
        counts += Counts.of(outcomes)
        for outcome in outcomes:
            packed.add(outcome)
    number = chunk_number(key)
    places.files.put(places.records, result_key(import_id, number), packed.body(), content_type="application/gzip")
    imports.save_chunk(import_id, number, counts)
    return counts


@dataclass(slots=True)
class Neighbours:
    """The courses of the file so far, person by person: a repetition may be thousands of rows behind."""

    _people: dict[str, CoursesOfFile] = field(default_factory=dict)

    def of(self, person_id: str) -> CoursesOfFile:
        return self._people.setdefault(person_id, CoursesOfFile())


class ChunkLoader:
    """Judges and records the rows of one chunk, in file order."""

    def __init__(
        self,
        batch: ImportBatch,
        institution: Institution,
        *,
        imports: ImportStore,
        ledger: LedgerStore,
        rules: RuleBook,
        lookup: KeyedHash,
        clock: Clock,
    ) -> None:
        now = clock()
        self._batch, self._years_open = batch, institution.years_open
        self._reporting = Reporting(batch.import_id, institution.institution_id, institution.name, now)
        self._today = today_in_shanghai(now)
        self._imports, self._ledger, self._rules, self._lookup = imports, ledger, rules, lookup
        self._neighbours = Neighbours()

    def load(self, rows: Sequence[ChunkRow]) -> list[RowOutcome]:
        """What becomes of the rows; recorded, unless the import is a dry run (试运行). Raises LeaseLost."""
        looked_up = [self._look_up(row) for row in rows]
        claims = self._ledger.claims(sorted({one for row in looked_up for one in row.id_hashes}))
        outcomes, faultless = [], []
        for row in looked_up:
            found = [claims[one] for one in row.id_hashes if one in claims]
            claim, problem = holder(found, row.name_hash) if row.id_hashes else (None, None)
            problems = (*row.row.problems, problem) if problem else row.row.problems
            person_id = claim.person_id if claim else None
            if person_id and row.row.course and not problems:
                repeated = self._neighbours.of(person_id).add(row.number, row.row.course)
                problems = (repeated,) if repeated else ()
            if problems or person_id is None:
                outcomes.append(RowOutcome(row.number, _result(problems), problems, person_id))
            else:
                faultless.append((row, person_id))
        return sorted([*outcomes, *self._record(faultless)], key=lambda outcome: outcome.number)

    def _look_up(self, row: ChunkRow) -> LookedUp:
        if row.is_broken:  # what else is wrong with it follows from that
            return LookedUp(row.number, CheckedRow((), "", None, (UNCLOSED_QUOTE,)), (), None)
        checked = check_row(row.by_column(), rules=self._rules, years_open=self._years_open, today=self._today)
        id_hashes = tuple(self._lookup.of(*lookup) for lookup in checked.lookups)
        name_hash = self._lookup.of("name", checked.name) if checked.name else None
        return LookedUp(row.number, checked, id_hashes, name_hash)

    def _record(self, rows: Sequence[tuple[LookedUp, str]]) -> list[RowOutcome]:
        institution_id = self._reporting.institution_id
        courses = [(person_id, row.row.course) for row, person_id in rows if row.row.course]
        standing = self._ledger.standing([(person, institution_id, course) for person, course in courses])
        outcomes: list[RowOutcome] = []
        changed: list[RecordedCourse] = []
        for (row, _), (person_id, course) in zip(rows, courses, strict=True):
            entry = recorded_key(person_id, institution_id, course)["sk"]
            effect, after = recorded(course, row.number, person_id, standing.get((person_id, entry)), self._reporting)
            result = RowResult.UNCHANGED if effect is Effect.UNCHANGED else RowResult.ACCEPTED
            corrected = effect is Effect.CORRECTION or (effect is Effect.TAKEN_BEFORE and len(after.history) > 1)
            outcomes.append(RowOutcome(row.number, result, (), person_id, entry, corrected))
            if effect in (Effect.NEW, Effect.CORRECTION):
                changed.append(after)
        if changed and not self._batch.dry_run:
            self._imports.require_lease(self._batch)
            self._ledger.record(changed)
        return outcomes


def _result(problems: Sequence[RowProblem]) -> RowResult:
    repeated = all(problem.code is RowCode.DUPLICATE_IN_FILE for problem in problems)
    return RowResult.UNCHANGED if repeated else RowResult.REJECTED
