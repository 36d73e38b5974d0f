"""Somebody who appeals against the account of the office's applicant, and the two bureaus that look into it."""

from dataclasses import dataclass, field
from typing import Any

from jingkuai.aws import keys
from jingkuai.aws.appeal_filing import Filed, Intake
from jingkuai.aws.appeal_store import AppealStore, scans_owner
from jingkuai.aws.ids import uuid7
from jingkuai.aws.scan_store import ScanStore
from jingkuai.aws.tables import Item
from jingkuai.domain.appeal import AppealForm
from jingkuai.domain.attachment import AttachmentKind, AttachmentStatus
from jingkuai.domain.principal import Principal
from jingkuai.domain.scan import Scan
from review import appeals
from review.case import Outcome
from review.claims import claim
from review.decisions import decide
from review.review_task import Choice, Decision, ReviewTask
from tests.unit.review.conftest import ID_NUMBER, LI, NAME, PERSON, PHONE, WANG, Office, reviewer

NEW_PHONE = "19901327199"
CLERK = reviewer("clerk")  # files at the counter
ABOVE = reviewer("zhao", "4201")
SCANS = ("hand_held_photo", "id_front", "id_back")


@dataclass
class Appellant:
    """One appeal on its way."""

    office: Office
    filed: Filed = field(init=False)

    def __post_init__(self) -> None:
        account = {"account_id": PERSON, "role": "accountant", "scope": PERSON, "epoch": 1, "suspended": False}
        claim_item = {"v": 1, "person_id": PERSON}
        registry = self.office.registry
        self.office.identity.put({**keys.account_key(PERSON), "v": 1, **account, "name_masked": "欧**国"})
        registry.put({**keys.phone_claim_key(self.office.lookup.of("phone", PHONE)), **claim_item})
        # the office hashes its number under another family than registration does
        registry.put(
            {**keys.id_claim_key(self.id_hash), **claim_item, "name_hmac": self.office.lookup.of("name", NAME)}
        )
        registry.update(keys.person_key(PERSON), "SET id_hash = :hash", values={":hash": self.id_hash})

    @property
    def id_hash(self) -> str:
        return self.office.lookup.of("id18", ID_NUMBER)

    @property
    def intake(self) -> Intake:
        office = self.office
        return Intake(AppealStore(office.registry, uuid7), office.registry, office.lookup, office.sealer, uuid7)

    def scans(self, *kinds: str, phone: str = NEW_PHONE, status: str = "accepted") -> list[str]:
        """Scans that were uploaded with this phone's code."""
        owner = scans_owner(self.office.lookup.of("phone", phone))
        made = [
            Scan(
                uuid7(self.office.clock()),
                owner,
                AttachmentKind(kind),
                "a.jpg",
                "image/jpeg",
                9,
                "0" * 64,
                AttachmentStatus(status),
            )
            for kind in kinds or SCANS
        ]
        for scan in made:
            ScanStore(self.office.registry).add(scan, at=self.office.clock())
            self.office.registry.update(
                keys.attachment_key(scan.attachment_id), "SET record_key = :key", values={":key": scan.record_key}
            )
        return [scan.attachment_id for scan in made]

    def form(self, **over: Any) -> AppealForm:
        typed: dict[str, Any] = {
            "id_number": ID_NUMBER,
            "name": NAME,
            "phone": NEW_PHONE,
            "kind": "phone_changed",
            "statement": "手机号已停用，无法登录。",
            "region_code": "420106",
            **over,
        }
        if "attachment_ids" not in typed:
            typed["attachment_ids"] = self.scans(phone=typed["phone"])
        return AppealForm(**typed)

    def file(self, *, by: Principal = CLERK, **over: Any) -> Filed:
        self.filed = appeals.file(self.form(**over), by=by, intake=self.intake, clock=self.office.clock)
        return self.filed

    # --- the workflow's steps

    @property
    def subject(self) -> dict[str, str]:
        return dict(keys.appeal_key(self.filed.appeal_id))  # type: ignore[arg-type]

    def check(self) -> Outcome:
        return self.office.check(self.subject)

    def open(self) -> str:
        """Bring the stage that is due into its bureau's inbox; the id of its task."""
        return self.office.open_due(self.subject)

    def apply(self) -> Outcome:
        return self.office.apply(self.subject)

    def claim(self, task_id: str, by: Principal = WANG) -> ReviewTask:
        return claim(task_id, by=by, store=self.office.tasks, clock=self.office.clock)

    def decide(
        self, task_id: str, choice: str = "approve", by: Principal = WANG, reason: str = "核实无误"
    ) -> ReviewTask:
        decision = Decision(Choice(choice), reason, (), by.account_id)
        return decide(task_id, decision, by=by, store=self.office.tasks, clock=self.office.clock)

    def approved(self) -> None:
        """Approved by both bureaus, not applied yet."""
        for by in (LI, ABOVE):
            task_id = self.open()
            self.claim(task_id, by)
            self.decide(task_id, by=by)

    # --- what is there

    def item(self) -> Item:
        return self.office.item(self.subject)

    def account(self) -> Item:
        found = self.office.identity.get(keys.account_key(PERSON))
        assert found is not None
        return found

    def frozen_by(self) -> str | None:
        told: str | None = self.account().get("frozen_by")
        return told

    def pointer(self) -> Item | None:
        return self.office.registry.get(keys.open_appeal_key(self.id_hash))

    def phone_holder(self, phone: str) -> str | None:
        claim_item = self.office.registry.get(keys.phone_claim_key(self.office.lookup.of("phone", phone)))
        return claim_item["person_id"] if claim_item else None
