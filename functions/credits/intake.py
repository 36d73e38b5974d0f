"""Takes in what arrives in the bucket (收件): each file under an institution's prefix becomes one import, once.

The event of an arrival may come twice, late or out of order: what it does is decided by conditions on the items.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from credits.batches import FileProblem, ImportBatch, ImportStatus
from credits.places import INCOMING
from credits.refusals import MOST_BYTES, FileRefused, FileTooLarge, WrongPrefix
from credits.store import ImportStore
from jingkuai.aws.clock import Clock
from jingkuai.aws.files import Files
from jingkuai.domain.workdays import shanghai_year

ARRIVALS = UUID("6d1d9c5e-9f0b-5b3a-8a44-3f0a2f6f7c11")  # namespace of the ids of files put straight into the bucket
NOBODY = "-"  # the institution of a file that lies under none


@dataclass(frozen=True, slots=True)
class Arrival:
    """An object that was created. `sequencer` orders the writes of one key: the same write has the same one."""

    key: str
    size: int
    sequencer: str

    @property
    def institution_id(self) -> str:
        institution_id, slash, _ = self.key.removeprefix(INCOMING).partition("/")
        return institution_id if slash else NOBODY

    @property
    def name(self) -> str:
        return self.key.rpartition("/")[2]

    @property
    def is_nested(self) -> bool:
        return self.key.removeprefix(INCOMING).count("/") != 1 or not self.name

    @property
    def import_id(self) -> str:
        return str(uuid5(ARRIVALS, f"{self.key}\x1f{self.sequencer}"))


def take_in(arrival: Arrival, *, imports: ImportStore, files: Files, bucket: str, clock: Clock) -> str | None:
    """Start the import of a file that arrived, or refuse the file; the id of the import where one was started.

    A presigned form used a second time changes nothing: its import has begun. AWS calls: 4, while others run 4 or more.
    """
    now = clock()
    announced = imports.batch(arrival.name) if arrival.name else None
    if announced and announced.key != arrival.key:
        announced = None  # somebody named a file like another import
    if announced and announced.status is not ImportStatus.AWAITING_UPLOAD:
        return None
    batch = announced or _direct(arrival, now)
    if refused := _refusal(arrival, imports):
        files.delete(bucket, arrival.key)
        imports.refuse(batch.refused(FileProblem.of(refused), at=now), at=now)
        return None
    return batch.import_id if imports.start(batch.running(size=arrival.size), at=now) else None


def _refusal(arrival: Arrival, imports: ImportStore) -> FileRefused | None:
    if arrival.is_nested or imports.institution(arrival.institution_id) is None:
        return WrongPrefix()
    return FileTooLarge() if arrival.size > MOST_BYTES else None


def _direct(arrival: Arrival, now: datetime) -> ImportBatch:
    """The import of a file that nobody announced. Its rows say which years they are of: this one only names the batch."""
    return ImportBatch(
        import_id=arrival.import_id,
        institution_id=arrival.institution_id,
        filename=arrival.name or arrival.key.rstrip("/").rpartition("/")[2],
        year=shanghai_year(now),
        dry_run=False,
        created_at=now,
        key=arrival.key,
    )
