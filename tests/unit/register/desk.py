"""The register context on one's desk: its stores over an account in memory, and what a person does with them."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

from jingkuai.aws import clients, keys
from jingkuai.aws.files import Files
from jingkuai.aws.idempotency import RequestKey
from jingkuai.aws.ids import uuid7
from jingkuai.aws.lookup import lookup_key
from jingkuai.aws.scan_store import ScanStore, announce
from jingkuai.aws.sealing import Sealer
from jingkuai.aws.settings import settings
from jingkuai.aws.tables import Item
from jingkuai.domain.attachment import AttachmentKind, AttachmentRules, AttachmentStatus
from jingkuai.domain.principal import Principal
from jingkuai.domain.record_rules import RecordRules
from jingkuai.domain.scan import Announcement, Scan
from jingkuai.domain.submission import SubmissionKind
from register import inspection, resubmission, submissions
from register.draft_store import DraftStore
from register.inspection import Shelves
from register.records import Submission
from register.store import RegisterStore
from register.submission_store import SubmissionStore
from register.submissions import Wish
from tests.cloud import ROOT, Cloud
from tests.conftest import NOON
from tests.doubles import costing
from tests.unit.register import people, pictures

RULES = AttachmentRules.from_policy(json.loads((ROOT / "infra/policies/attachment_rules.json").read_text()))
RECORD_RULES = RecordRules.from_policy(json.loads((ROOT / "infra/policies/record_rules.json").read_text()))
NEEDED = ("id_front", "id_back", "education_certificate", "employment_proof")


class Desk:
    """One account in memory; `now` is the clock of whoever acts."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.now = NOON
        self.files = Files(clients.s3())
        self.people = RegisterStore(cloud.registry)
        self.sealer = Sealer(clients.kms(), settings().data_key_id)
        self.drafts = DraftStore(cloud.registry, self.sealer)
        self.scans = ScanStore(cloud.registry)
        self.submissions = SubmissionStore(cloud.registry, uuid7)
        self.shelves = Shelves(self.files, cloud.uploads, cloud.records)

    def clock(self) -> datetime:
        return self.now

    def announce(
        self,
        data: bytes,
        *,
        kind: str = "id_front",
        by: Principal | None = None,
        key: RequestKey | None = None,
        **other: Any,
    ) -> Scan:
        told = {"content_type": "image/jpeg", "size": len(data), "sha256": hashlib.sha256(data).hexdigest(), **other}
        scan, self.form = announce(
            Announcement(AttachmentKind(kind), told.pop("filename", "scan.jpg"), **told),
            owner=(by or people.principal()).account_id,
            store=self.scans,
            files=self.files,
            bucket=self.cloud.uploads,
            rules=RULES,
            clock=self.clock,
            new_id=uuid7,
            key=key,
        )
        return scan

    def arrive(self, scan: Scan, data: bytes, *, size: int | None = None) -> AttachmentStatus | None:
        """The bytes lie in the bucket and S3 tells of them."""
        self.files.put(self.cloud.uploads, scan.upload_key, data, content_type=scan.content_type)
        return self.inspect(scan, size=size)

    def inspect(self, scan: Scan, *, size: int | None = None) -> AttachmentStatus | None:
        return inspection.inspect(
            scan.attachment_id, size, store=self.scans, shelves=self.shelves, rules=RULES, clock=self.clock
        )

    def accepted(self, *kinds: str, by: Principal | None = None) -> list[str]:
        """Ids of readable scans of these kinds."""
        data, ids = pictures.picture(), []
        for kind in kinds or NEEDED:
            scan = self.announce(data, kind=kind, by=by)
            assert self.arrive(scan, data) is AttachmentStatus.ACCEPTED
            ids.append(scan.attachment_id)
        return ids

    def submit(
        self,
        payload: dict[str, Any] | None = None,
        scans: Sequence[str] = (),
        *,
        by: Principal | None = None,
        kind: SubmissionKind = SubmissionKind.REGISTRATION,
        key: RequestKey | None = None,
    ) -> Submission:
        return submissions.submit(
            kind,
            Wish(people.payload() if payload is None else payload, scans),
            by=by or people.principal(),
            store=self.submissions,
            lookup=lookup_key(),
            sealer=self.sealer,
            clock=self.clock,
            new_id=uuid7,
            key=key,
        )

    def resubmit(self, submission: Submission, payload: dict[str, Any], scans: Sequence[str]) -> Submission:
        return resubmission.resubmit(
            submission.submission_id,
            Wish(payload, scans),
            by=people.principal(),
            store=self.submissions,
            lookup=lookup_key(),
            sealer=self.sealer,
            clock=self.clock,
        )

    def withdraw(self, submission: Submission, by: Principal | None = None) -> Submission:
        return submissions.withdraw(
            submission.submission_id, by=by or people.principal(), store=self.submissions, clock=self.clock
        )

    def item(self, submission: Submission) -> Item:
        found = self.cloud.registry.get(keys.submission_key(submission.person_id, submission.submission_id))
        assert found is not None
        return found

    def person_item(self) -> Item:
        found = self.cloud.registry.get(keys.person_key(people.PERSON))
        assert found is not None
        return found

    def outbox(self, kind: str | None = None) -> list[Item]:
        """What was promised and not delivered, oldest first."""
        entries = [self.cloud.registry.get({"pk": one["pk"], "sk": one["sk"]}) or {} for one in self._waiting()]
        return sorted((one for one in entries if kind in (None, one["kind"])), key=lambda one: str(one["entry_id"]))

    def _waiting(self) -> Iterator[Item]:
        for lane in range(keys.OUTBOX_LANES):
            yield from self.cloud.registry.query_all(keys.outbox_lane(lane), index="gsi1")

    def audit(self) -> list[str]:
        """What the audit says happened to the person, in order."""
        return [one["action"] for one in self.cloud.registry.query_all(keys.audit_pk(people.PERSON))]

    def costing(self, calls: int) -> AbstractContextManager[None]:
        """The AWS calls a piece of code makes, warm: no more and no fewer."""
        lookup_key()
        return costing(calls)
