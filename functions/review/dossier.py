"""What a reviewer reads beside a task (案卷), and what of it stays to be read once another bureau keeps the record."""

from __future__ import annotations

from dataclasses import dataclass, replace

from jingkuai.aws.clock import iso
from jingkuai.aws.tables import Item
from jingkuai.domain.principal import Principal
from jingkuai.domain.submission import SubmissionStatus
from review.look_alikes import LookAlike
from review.review_task import ReviewTask


@dataclass(frozen=True, slots=True)
class Dossier:
    """What lies beside a task: the submission, the person's record, the scans, what happened to the record before, whoever
    is alike, and the bureau's own reasons for a return. `before` is the version that an approval under a second look changed.
    """

    submission: Item
    person: Item
    scans: tuple[Item, ...]
    changes: tuple[Item, ...]
    alike: tuple[LookAlike, ...] = ()
    own_reasons: tuple[str, ...] = ()
    before: Item | None = None
    is_elsewhere: bool = False

    def out_of_reach(self, task: ReviewTask, by: Principal) -> bool:
        """Whether the record is another's to read by now: of whoever moved away, or was filed with the wrong bureau. What waits
        for papers that this bureau has asked for comes back to it.
        """
        waits_for = (
            self.submission.get("returned_by") if self.submission["status"] == SubmissionStatus.RETURNED else None
        )
        if waits_for and waits_for["bureau"] == task.owner:
            return False
        kept_by = self.person.get("region_code") or self.submission["region_code"]
        return not by.covers(kept_by)

    def as_decided(self, task: ReviewTask) -> Dossier:
        """What stays to be read of a decided case where the record is out of reach: what was filed, unless it was filed anew
        since, and how it went until this bureau's own decision.
        """
        person = {name: self.person[name] for name in ("id_type", "id_masked")}
        until = iso(task.decided_at) if task.decided_at else ""
        submission = {
            **self.submission,
            "timeline": [one for one in self.submission["timeline"] if one["at"] <= until],
            "payload": self.submission["payload"] if self.submission["round"] == task.round else {},
            "payload_before": None,
            "findings": [],
        }
        return replace(
            self, submission=submission, person=person, scans=(), changes=(), alike=(), before=None, is_elsewhere=True
        )
