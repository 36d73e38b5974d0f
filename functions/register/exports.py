"""The copy of everything held on a person (个人信息副本): asked for, prepared in the background, fetched by a short link."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from jingkuai.aws.clock import Clock
from jingkuai.aws.files import Files
from jingkuai.aws.ids import NewId
from jingkuai.domain.principal import Principal
from jingkuai.domain.problem import Conflict
from jingkuai.domain.workdays import today_in_shanghai

if TYPE_CHECKING:
    from register.export_store import ExportStore

KEPT: Final = timedelta(days=7)  # as long as the bucket keeps the file
BETWEEN_TWO: Final = timedelta(days=1)  # each copies every scan: once a day is enough for whoever reads it


class ExportStatus(StrEnum):
    """How far a copy is; `none` where there is none, or none any more."""

    NONE = "none"
    PREPARING = "preparing"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Export:
    """One copy that was asked for. The id, which says nothing of the person, names its file and its execution."""

    export_id: str
    person_id: str
    status: ExportStatus
    requested_at: datetime
    ready_at: datetime | None = None
    expires_at: datetime | None = None

    @property
    def file_key(self) -> str:
        """Where the archive lies in the records bucket."""
        return f"exports/{self.export_id}.zip"

    @property
    def next_at(self) -> datetime:
        """From when another may be asked for; after a failure at once."""
        return self.requested_at if self.status is ExportStatus.FAILED else self.requested_at + BETWEEN_TWO

    def is_over(self, at: datetime) -> bool:
        """Whether its time has passed: then there is no file any more."""
        return self.expires_at is not None and self.expires_at <= at


def request(*, by: Principal, store: ExportStore, clock: Clock, new_id: NewId) -> Export:
    """Ask for a copy; while one is prepared, or within a day of asking, that one is the answer, whatever the race.

    Another begins after a failure at once. One that has been on its way for a day is taken for lost. Raises Conflict
    where the one that stood in the way is gone when it is looked at. AWS calls: 1, where another stands 2.
    """
    now = clock()
    export = Export(new_id(now), by.account_id, ExportStatus.PREPARING, now)
    if store.add(export, by=by):
        return export
    standing = store.export(by.account_id)
    if standing is None:
        raise Conflict()
    return standing


def own_export(*, by: Principal, store: ExportStore, clock: Clock) -> Export | None:
    """The caller's copy as it stands; None where there is none, or its time has passed. AWS calls: 1."""
    export = store.export(by.account_id)
    return None if export is None or export.is_over(clock()) else export


def download_link(export: Export, *, files: Files, bucket: str) -> str | None:
    """Where its owner can get a finished copy for five minutes. AWS calls: 0."""
    if export.status is not ExportStatus.READY or export.ready_at is None:
        return None
    return files.download_link(bucket, export.file_key, f"个人信息副本_{today_in_shanghai(export.ready_at)}.zip")
