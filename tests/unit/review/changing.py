"""Somebody whose registration is approved and who files a change: the steps of its workflow, and what people press."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from jingkuai.aws import keys
from jingkuai.aws.clock import iso
from jingkuai.aws.ids import uuid7
from jingkuai.aws.tables import Item
from jingkuai.domain.attachment import AttachmentKind, AttachmentStatus
from jingkuai.domain.principal import Principal
from jingkuai.domain.submission import SubmissionKind
from register import resubmission, submissions
from register.records import Submission
from register.submission_items import submission_of
from register.submissions import Wish
from review.case import Outcome
from review.decisions import decide
from review.review_task import Choice, Decision, ReviewTask
from tests.unit.review.conftest import APPLICANT, PERSON, WANG, Office, reviewer

CITY = reviewer("zhou", "4201")


class Change:
    """One change of a record, from its filing to its end."""

    def __init__(self, office: Office, kind: str, payload: Mapping[str, Any], *scans: str) -> None:
        self.office = office
        self.kind = SubmissionKind(kind)
        self.scans = [self.scan(one) for one in scans]
        self.filed = submissions.submit(
            self.kind,
            Wish(payload, self.scans),
            by=APPLICANT,
            store=office.register,
            lookup=office.lookup,
            sealer=office.sealer,
            clock=office.clock,
            new_id=uuid7,
        )

    def scan(self, kind: str, *, sha256: str | None = None, owner: str = PERSON) -> str:
        """An accepted scan, its bytes nobody else's unless said otherwise."""
        attachment_id = uuid7(self.office.clock())
        self.office.registry.put(
            {
                **keys.attachment_key(attachment_id),
                "v": 1,
                "attachment_id": attachment_id,
                "owner": owner,
                "kind": AttachmentKind(kind).value,
                "filename": f"{kind}.jpg",
                "content_type": "image/jpeg",
                "size": 105245,
                "sha256": sha256 or attachment_id.replace("-", "") * 2,
                "status": AttachmentStatus.ACCEPTED.value,
                "problems": [],
                "upload_key": f"uploads/{attachment_id}",
                "record_key": f"scans/{attachment_id}",
                "expires_at": iso(self.office.clock() + timedelta(days=7)),
            }
        )
        return attachment_id

    @property
    def subject(self) -> dict[str, str]:
        return dict(keys.submission_key(PERSON, self.filed.submission_id))  # type: ignore[arg-type]

    def item(self) -> Item:
        return self.office.item(self.subject)

    def submission(self) -> Submission:
        return submission_of(self.item())

    def findings(self) -> dict[str, str]:
        return {one["code"]: one["result"] for one in self.item()["findings"]}

    def check(self) -> Outcome:
        return self.office.check(self.subject)

    def route(self) -> tuple[Outcome, str]:
        return self.office.route(self.subject)

    def open(self) -> str:
        """Bring the stage that is due into its bureau's inbox; the id of its task."""
        return self.office.open_due(self.subject)

    def decide(
        self, task_id: str, choice: str = "approve", by: Principal = WANG, fields: tuple[str, ...] = ()
    ) -> ReviewTask:
        decision = Decision(Choice(choice), "核实无误", fields, by.account_id)
        return decide(task_id, decision, by=by, store=self.office.tasks, clock=self.office.clock)

    def resubmit(self, payload: Mapping[str, Any]) -> Submission:
        office = self.office
        return resubmission.resubmit(
            self.filed.submission_id,
            Wish(payload, self.scans),
            by=APPLICANT,
            store=office.register,
            lookup=office.lookup,
            sealer=office.sealer,
            clock=office.clock,
        )

    def apply(self) -> Outcome:
        return self.office.apply(self.subject)

    def approve(self) -> Outcome:
        """Every stage approves; what the last step then answers."""
        self.decide(self.open())
        if self.kind is SubmissionKind.IDENTITY_CHANGE:
            self.decide(self.open(), by=CITY)
        return self.apply()
