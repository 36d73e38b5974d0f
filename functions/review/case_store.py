"""Cases as their workflow reads and moves them: the submission, and the record that an approval changes.

Every write is conditional on what was read. A step that comes second writes nothing and raises CaseMoved; the
workflow's retry then reads again.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from jingkuai.aws import keys, open_lock
from jingkuai.aws.clock import iso
from jingkuai.aws.ids import NewId
from jingkuai.aws.outbox import Entry
from jingkuai.aws.parking import parked_item
from jingkuai.aws.tables import Item, Table, TransactWrite, put_item, update_item
from jingkuai.domain.submission import SubmissionStatus, TimelineEntry, TimelineEvent
from review.case import Case
from review.case_writes import ABSENT, CaseWriter, unlock
from review.checks import Finding, ScanFacts
from review.items import case_of, finding_item, person_facts_of, stage_item
from review.record import ApprovedRecord, PersonFacts
from review.routes import RoutedStage


class NoSuchCase(Exception):
    """The workflow was started for a submission or an appeal that does not exist."""


class CaseStore:
    """The submissions under review and their persons' records, in the Registry table."""

    def __init__(self, registry: Table, new_id: NewId) -> None:
        self._registry = registry
        self._writer = CaseWriter(registry, new_id)

    def case(self, subject: Mapping[str, str]) -> Case:
        """The case as it stands. Raises NoSuchCase. AWS calls: 1."""
        item = self._registry.get(subject)
        if item is None:
            raise NoSuchCase()
        return case_of(item)

    def person(self, case: Case) -> PersonFacts:
        """The person of a case. AWS calls: 1."""
        return person_facts_of(self._registry.get(keys.person_key(case.filing.person_id)) or {})

    def evidence(self, case: Case) -> tuple[PersonFacts, list[ScanFacts | None]]:
        """The person of a case and the scans it names, in its order; None for one that is not there. AWS calls: 1."""
        person_at = keys.person_key(case.filing.person_id)
        scans_at = [keys.attachment_key(one) for one in case.attachment_ids]
        found = self._registry.batch_get([person_at, *scans_at])
        scans = [found.get((at["pk"], at["sk"])) for at in scans_at]
        return (
            person_facts_of(found[person_at["pk"], person_at["sk"]]),
            [ScanFacts(one["kind"], one["status"], one["owner"]) if one else None for one in scans],
        )

    def end_closed(self, case: Case, *, note: str, at: datetime) -> None:
        """End the submission of somebody whose account an appeal has closed. Raises CaseMoved. AWS calls: 1."""
        ended = self._writer.advance(
            case,
            "#status = :status",
            {":status": SubmissionStatus.REJECTED.value},
            removed="REMOVE due_on",
            names={"#status": "status"},
            told=[TimelineEntry(iso(at), TimelineEvent.REJECTED, "system", note)],
        )
        self._writer.commit(
            ended, unlock(self._registry, case.filing), self._writer.audit(case, "submission.rejected", at)
        )

    def save_findings(self, case: Case, findings: Sequence[Finding], *, at: datetime) -> None:
        """Keep what the automatic check of this round found. Raises CaseMoved. AWS calls: 1."""
        self._writer.commit(
            self._writer.advance(
                case,
                "findings = :findings, checked_round = :round",
                {":findings": [finding_item(one) for one in findings], ":round": case.round},
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
        letters: Sequence[Entry],
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
        self._writer.commit(returned, audit, *self._writer.promises(letters, at))

    def save_stages(self, case: Case, stages: Sequence[RoutedStage]) -> None:
        """Keep the stages a case was given: it runs to its end under the rules it began with. Raises CaseMoved. AWS calls: 1."""
        values = {":stages": [stage_item(one) for one in stages], ":zero": 0}
        self._writer.commit(self._writer.advance(case, "stages = :stages, stage_index = :zero", values))

    def apply(self, case: Case, record: ApprovedRecord, *, letters: Sequence[Entry], at: datetime) -> None:
        """Change the record as approved: person, version, claim, submission, audit, letters; all or nothing.

        Raises CaseMoved, also when the record is no longer the one the submission was made from. AWS calls: 1.
        """
        approved = self._writer.advance(
            case,
            "#status = :status",
            {":status": SubmissionStatus.APPROVED.value},
            removed="REMOVE stage, due_on",
            names={"#status": "status"},
            told=[TimelineEntry(iso(at), TimelineEvent.APPLIED, "system")],
        )
        audit = self._writer.audit(case, "record.changed", at, version=record.version, kind=case.filing.kind)
        self._writer.commit(
            approved,
            self._person_after(case, record, at),
            put_item(self._registry, _version_item(case, record, at), condition=ABSENT),
            self._claim_after(record),
            audit,
            *self._writer.promises(letters, at),
        )

    def reopen_last_stage(self, case: Case, *, base_version: int, finding: Finding, at: datetime) -> None:
        """Give a case back to its last reviewer as a new round, made from the record as it is now. Raises CaseMoved. AWS calls: 1."""
        reopened = self._writer.advance(
            case,
            "#round = :round, checked_round = :round, stage_index = :last, base_version = :base, findings = :findings",
            {
                ":round": case.round + 1,
                ":last": len(case.stages) - 1,
                ":base": base_version,
                ":findings": [*map(finding_item, case.findings), finding_item(finding)],
            },
            names={"#round": "round"},
        )
        self._writer.commit(reopened, self._writer.audit(case, f"{case.filing.noun}.reopened", at, code=finding.code))

    def park(self, subject: Mapping[str, str], *, execution: str, failure: str, at: datetime) -> None:
        """Leave an item that says which execution needs attention and why. AWS calls: 1."""
        self._registry.put(parked_item(execution, machine="review", subject=subject, failure=failure, at=at))

    def _person_after(self, case: Case, record: ApprovedRecord, at: datetime) -> TransactWrite:
        """The person's record, its lists and its lock: conditional on the version the submission was made from."""
        listed = {
            **keys.index(1, keys.people(record.region_code), f"{record.confirmed_on.isoformat()}#{record.person_id}"),
            **keys.index(2, keys.by_name(record.name_hash), f"{record.region_code}#{record.person_id}"),
            **(keys.index(3, keys.members(record.uscc), record.person_id) if record.uscc else {}),
        }
        known = {
            "status": "active",
            "version": record.version,
            "region_code": record.region_code,
            "sections": dict(record.sections),
            "name": record.name,
            "name_masked": record.name_masked,
            "confirmed_on": record.confirmed_on.isoformat(),
            "updated_at": iso(at),
            **listed,
            **keys.card(
                name_masked=record.name_masked,
                id_masked=record.id_masked,
                region_code=record.region_code,
                employer_name=record.employer_name,
            ),
        }
        left = "" if record.uscc else ", gsi3pk, gsi3sk"
        return update_item(
            self._registry,
            keys.person_key(record.person_id),
            "SET " + ", ".join(f"#{name} = :{name}" for name in known) + f" REMOVE {open_lock.RELEASE}{left}",
            condition=f"version = :base AND {open_lock.HELD}",
            values={
                **{f":{name}": value for name, value in known.items()},
                ":base": record.base_version,
                ":submission": case.filing.submission_id,
            },
            names={**{f"#{name}": name for name in known}, **open_lock.names(case.filing.kind)},
        )

    def _claim_after(self, record: ApprovedRecord) -> TransactWrite:
        """All that an import or an employer's declaration reads of a person."""
        unit = "uscc = :uscc" if record.uscc else None
        return update_item(
            self._registry,
            keys.id_claim_key(record.id_hash),
            f"SET approved = :yes, name_hmac = :name{', ' + unit if unit else ' REMOVE uscc'}",
            condition="person_id = :person",
            values={
                ":yes": True,
                ":name": record.name_hash,
                ":person": record.person_id,
                **({":uscc": record.uscc} if record.uscc else {}),
            },
        )


def _version_item(case: Case, record: ApprovedRecord, at: datetime) -> Item:
    """The version as it was approved: history, differences and `as_of` read these."""
    return {
        **keys.version_key(record.person_id, record.version),
        "v": 1,
        "person_id": record.person_id,
        "version": record.version,
        "at": iso(at),
        "submission_id": case.filing.submission_id,
        "kind": case.filing.kind,
        "region_code": record.region_code,
        "name": record.name,
        "sections": dict(record.sections),
    }
