"""Cases as their workflow reads and moves them; what an approval changes of the record is in `record_store`.

Every write is conditional on what was read. A step that comes second writes nothing and raises CaseMoved; the
workflow's retry then reads again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from jingkuai.aws import keys
from jingkuai.aws.clock import iso
from jingkuai.aws.employer_invitations import stands
from jingkuai.aws.ids import NewId
from jingkuai.aws.outbox import Entry, Machine
from jingkuai.aws.owners import answers
from jingkuai.aws.parking import parked_item
from jingkuai.aws.tables import Item, Table
from jingkuai.domain.submission import EMPLOYED, SubmissionStatus, TimelineEntry, TimelineEvent, task_id_of
from review.case import Case
from review.case_writes import CaseWriter, unlock
from review.checks import Finding, ScanFacts
from review.items import case_of, finding_item, person_facts_of, stage_item, task_of
from review.likeness import Alike
from review.record import PersonFacts
from review.review_task import ReviewTask
from review.routes import RoutedStage

_RESOLVED = "stages = :stages, stage_index = :done, rules_version = :rules"


class NoSuchCase(Exception):
    """The workflow was started for something that does not exist."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The person of a case, the scans it names, in its order (None for one that is not there), and who holds the new
    number of an identity change, if anybody does.
    """

    person: PersonFacts
    scans: Sequence[ScanFacts | None]
    new_number_of: str | None = None


class CaseStore:
    """The cases under review (submissions, appeals, integrity records, transfers) and their persons' records, in the Registry table."""

    def __init__(self, registry: Table, new_id: NewId) -> None:
        self._registry = registry
        self._writer = CaseWriter(registry, new_id)

    @property
    def writer(self) -> CaseWriter:
        """For last steps that have rooms of their own."""
        return self._writer

    def case(self, subject: Mapping[str, str]) -> Case:
        """The case as it stands. Raises NoSuchCase. AWS calls: 1."""
        item = self._registry.get(subject)
        if item is None:
            raise NoSuchCase()
        return case_of(item)

    def person(self, case: Case) -> PersonFacts:
        """The person of a case. AWS calls: 1."""
        return person_facts_of(self._registry.get(keys.person_key(case.filing.person_id)) or {})

    def last_approval(self, case: Case) -> ReviewTask | None:
        """The task by whose approval a case was approved by all; None where no person's was. AWS calls: 1; 0 without a person."""
        if case.is_automatic:
            return None
        task_id = task_id_of(case.subject, case.stages[-1].stage, case.round)
        item = self._registry.get(keys.task_key(task_id))
        return task_of(item) if item else None

    def evidence(self, case: Case) -> Evidence:
        """What a case is checked against, at one moment. AWS calls: 1."""
        person_at = keys.person_key(case.filing.person_id)
        scans_at = [keys.attachment_key(one) for one in case.attachment_ids]
        claim_at = keys.id_claim_key(case.new_number.id_hash) if case.new_number else None
        found = self._registry.batch_get([person_at, *scans_at, *([claim_at] if claim_at else [])])
        scans = [found.get((at["pk"], at["sk"])) for at in scans_at]
        claim = found.get((claim_at["pk"], claim_at["sk"])) if claim_at else None
        return Evidence(
            person=person_facts_of(found[person_at["pk"], person_at["sk"]]),
            scans=[
                ScanFacts(one["kind"], one["status"], one["owner"], one["sha256"]) if one else None for one in scans
            ],
            new_number_of=claim["person_id"] if claim else None,
        )

    def end_without(self, case: Case, *, note: str, told: Sequence[Entry] = (), at: datetime) -> None:
        """End a case that cannot take effect any more, without a change of the record. Raises CaseMoved. AWS calls: 1."""
        ended = self._writer.advance(
            case,
            "#status = :status",
            {":status": SubmissionStatus.REJECTED.value},
            removed="REMOVE stage, due_on",
            names={"#status": "status"},
            told=[TimelineEntry(iso(at), TimelineEvent.REJECTED, "system", note)],
        )
        self._writer.commit(
            ended,
            unlock(self._registry, case.filing),
            self._writer.audit(case, f"{case.filing.noun}.rejected", at),
            *self._writer.promises(told, at),
        )

    def save_findings(
        self, case: Case, findings: Sequence[Finding], *, alike: Sequence[Alike] = (), at: datetime
    ) -> None:
        """Keep what the automatic check of this round found, and who is alike. Raises CaseMoved. AWS calls: 1."""
        self._writer.commit(
            self._writer.advance(
                case,
                "findings = :findings, likenesses = :alike, checked_round = :round",
                {
                    ":findings": [finding_item(one) for one in findings],
                    ":alike": [one.to_json() for one in alike],
                    ":round": case.round,
                },
                told=[TimelineEntry(iso(at), TimelineEvent.CHECKED, "system")],
            )
        )

    def send_back(
        self,
        case: Case,
        findings: Sequence[Finding],
        *,
        reason: str,
        fields: Sequence[str],
        until: date,
        notifications: Sequence[Entry],
        at: datetime,
    ) -> None:
        """Return a submission that cannot pass the automatic check. Raises CaseMoved. AWS calls: 1."""
        returned = self._writer.advance(
            case,
            "findings = :findings, checked_round = :round, #status = :status, returned = :returned, due_on = :until",
            {
                ":findings": [finding_item(one) for one in findings],
                ":round": case.round,
                ":status": SubmissionStatus.RETURNED.value,
                ":returned": {"reason": reason, "fields": list(fields)},
                ":until": until.isoformat(),
            },
            removed="REMOVE returned_by",
            names={"#status": "status"},
            told=[
                TimelineEntry(iso(at), TimelineEvent.CHECKED, "system"),
                TimelineEntry(iso(at), TimelineEvent.RETURNED, "system", reason),
            ],
        )
        audit = self._writer.audit(case, "submission.returned", at, fields=list(fields))
        self._writer.commit(returned, audit, *self._writer.promises(notifications, at))

    def awaits_answer_of(self, uscc: str, case: Case, *, at: datetime) -> bool:
        """Whether a unit is to be asked about the person of a case: it has an account here, is not where they work
        already, and has not invited them by phone and name. AWS calls: 2; 1 where they work there.
        """
        person = self.person(case)
        employment = person.sections.get("employment", {})
        if employment.get("status") == EMPLOYED and employment.get("uscc") == uscc:
            return False
        employer_at, invitation_at = keys.employer_key(uscc), keys.joining_key(uscc, person.phone_hash)
        found = self._registry.batch_get([employer_at, invitation_at])
        invitation = found.get((invitation_at["pk"], invitation_at["sk"]))
        expected = stands(invitation, at) and invitation is not None and invitation["name_hash"] == person.name_hash
        return answers(found.get((employer_at["pk"], employer_at["sk"]))) and not expected

    def save_stages(self, case: Case, stages: Sequence[RoutedStage], *, rules_version: str) -> None:
        """Keep the stages a case was given, and by which rules: it runs to its end under those it began with.

        Raises CaseMoved. AWS calls: 1.
        """
        self._writer.commit(self._writer.advance(case, _RESOLVED, {**_resolved(stages, rules_version), ":done": 0}))

    def approve_automatically(
        self, case: Case, stages: Sequence[RoutedStage], *, rules_version: str, at: datetime
    ) -> None:
        """Approve a case in the name of the system, for all of its stages. Raises CaseMoved. AWS calls: 1."""
        approved = self._writer.advance(
            case,
            f"{_RESOLVED}, automatic = :true",
            {**_resolved(stages, rules_version), ":done": len(stages), ":true": True},
            told=[TimelineEntry(iso(at), TimelineEvent.APPROVED, "system")],
        )
        audit = self._writer.audit(case, f"{case.filing.noun}.approved", at, rules_version=rules_version)
        self._writer.commit(approved, audit)

    def reopen_last_stage(self, case: Case, *, base_version: int, finding: Finding, note: str, at: datetime) -> None:
        """Give a case back to its last reviewer as a new round, made from the record as it is now.

        The finding is for the reviewer, the note for the timeline, which the applicant reads. Raises CaseMoved. AWS calls: 1.
        """
        reopened = self._writer.advance(
            case,
            "#round = :round, checked_round = :round, stage_index = :last, base_version = :base, findings = :findings",
            {
                ":round": case.round + 1,
                ":last": len(case.stages) - 1,
                ":base": base_version,
                ":findings": [*map(finding_item, case.findings), finding_item(finding)],
            },
            removed=f"REMOVE stages[{len(case.stages) - 1}].decided, automatic",  # a person decides it now
            names={"#round": "round"},
            told=[TimelineEntry(iso(at), TimelineEvent.REOPENED, "system", note)],
        )
        self._writer.commit(reopened, self._writer.audit(case, f"{case.filing.noun}.reopened", at, code=finding.code))

    def park(self, subject: Mapping[str, str], *, execution: str, failure: str, at: datetime) -> None:
        """Leave an item that says which execution needs attention and why. AWS calls: 1."""
        machine: Machine = "transfer" if subject["sk"].startswith(keys.TRANSFERS) else "review"
        self._registry.put(parked_item(execution, machine=machine, subject=subject, failure=failure, at=at))


def _resolved(stages: Sequence[RoutedStage], rules_version: str) -> Item:
    return {":stages": [stage_item(one) for one in stages], ":rules": rules_version}
