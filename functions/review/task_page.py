"""The page of one task (审核页面): everything a reviewer needs for a decision, and the trace that somebody looked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from jingkuai.aws.clock import Clock
from jingkuai.aws.files import Files
from jingkuai.aws.new_number import NewNumber
from jingkuai.aws.sealing import Sealer
from jingkuai.aws.tables import Item
from jingkuai.aws.transfers import transfer_of
from jingkuai.domain.integrity import INTEGRITY_RECORD
from jingkuai.domain.principal import Principal, Role
from jingkuai.domain.privacy import mask_name
from jingkuai.domain.record_differences import Difference, differences
from jingkuai.domain.submission import TRANSFER, SubmissionKind
from jingkuai.domain.transfer import Transfer
from review.dossier import Dossier
from review.look_alikes import LookAlike
from review.return_reasons import ReturnReason, suggested
from review.review_task import OwnSubmission, ReviewTask, TaskState
from review.scan_links import ScanLink, scan_link
from review.task_store import TaskStore
from review.transfer.moved_record import employment_after

PURPOSE: Final = "审核"
SECOND_LOOK_PURPOSE: Final = "审核结论抽查"


@dataclass(frozen=True, slots=True)
class HolderFacts:
    """Who holds the number an appeal is about, masked: enough to compare with what the scans show."""

    name_masked: str
    id_number: str
    phone: str
    status: str
    region_code: str | None
    employer_name: str | None
    registered_at: str


@dataclass(frozen=True, slots=True)
class TaskPage:
    """A task with all that lies beside it."""

    task: ReviewTask
    id_type: str
    id_number: str
    payload: Mapping[str, Any]
    profile: Mapping[str, Any] | None
    differences: tuple[Difference, ...]
    changed_since_return: tuple[Difference, ...]
    scans: tuple[ScanLink, ...]
    findings: tuple[Mapping[str, Any], ...]
    timeline: tuple[Mapping[str, Any], ...]
    changes: tuple[Mapping[str, Any], ...]
    holder: HolderFacts | None = None
    likenesses: tuple[LookAlike, ...] = ()
    suggested_reasons: tuple[ReturnReason, ...] = ()
    rules_version: str | None = None
    transfer: Transfer | None = None
    release_refusals: tuple[str, ...] = ()


def open_page(
    task_id: str, *, by: Principal, store: TaskStore, files: Files, records: str, sealer: Sealer, clock: Clock
) -> TaskPage:
    """The page of a task, the look recorded.

    While the task is open, a reviewer within whose region it lies reads the ID number and the name in full; on a task
    that is done, and for an administrator, both are masked. Of a task that is done nothing of the record shows, and no scan,
    once another bureau keeps it. Raises NotFound outside the caller's scope, OwnSubmission for a reviewer's own case (回避).
    AWS calls: 5; where an identity change names a new number 6.
    """
    task, now = store.task(task_id, within=by), clock()
    if by.is_person(task.person_id):
        raise OwnSubmission()
    dossier, is_done = store.dossier(task), task.card.state(now) is TaskState.DONE
    if is_done and dossier.out_of_reach(task, by):
        dossier = dossier.as_decided(task)
    in_full = by.role is Role.REVIEWER and not is_done
    page = _page(task, dossier, in_full=in_full, files=files, records=records, sealer=sealer)
    store.record_look(task, purpose=SECOND_LOOK_PURPOSE if task.judged else PURPOSE, by=by, at=now)
    return page


def changes_filed(
    kind: str, payload: Mapping[str, Any], profile: Mapping[str, Any], identity: Mapping[str, Any]
) -> tuple[Difference, ...]:
    """What a submission of this kind changes, by the paths of its payload. `identity` is what an identity change is
    made from.
    """
    match kind:
        case _ if kind == TRANSFER:
            employment = employment_after(payload, profile.get("employment", {}), payload["to_region"])
            return _every_difference({"employment": profile.get("employment")}, {"employment": employment})
        case SubmissionKind.EDUCATION_ADDED | SubmissionKind.QUALIFICATION_ADDED:
            return _every_difference({}, payload)
        case SubmissionKind.IDENTITY_CHANGE:
            after = {name: value for name, value in payload.items() if name in identity}
            return _every_difference({name: identity[name] for name in after}, after)
        case _ if kind == INTEGRITY_RECORD:  # changes nothing of the record
            return ()
        case _:
            return differences(profile, payload)


def _every_difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Difference, ...]:
    """What is not the same on both sides, also where only one of them names it."""
    whole = {name: after.get(name) for name in {**before, **after}}
    return differences(before, whole, members=whole)


def _page(task: ReviewTask, dossier: Dossier, *, in_full: bool, files: Files, records: str, sealer: Sealer) -> TaskPage:
    person, submission = dossier.person, dossier.submission
    shown = _as_it_is if in_full else _masked
    record = dossier.before if task.judged else person  # what was approved stands in the person's record by now
    profile = record.get("sections") if record and task.disputed is None else None  # an appeal changes none
    opened = _Opened(sealer, task.person_id) if in_full else None
    number = opened.number(person.get("id_cipher"), person["id_masked"]) if opened else person["id_masked"]
    old_number = record["id_masked"] if task.judged and record else number  # a version keeps its number masked
    payload = shown(submission["payload"])
    if opened and (new := NewNumber.on(submission)):
        payload = {**payload, "id_number": opened.number(new.cipher, new.id_masked)}
    return TaskPage(
        task=task,
        id_type=person["id_type"],
        id_number=number,
        payload=payload,
        profile=shown(profile) if profile else None,
        differences=changes_filed(task.filing.kind, payload, shown(profile), _identity(record, old_number, shown))
        if record and profile
        else (),
        changed_since_return=_changed_since_return(submission, shown),
        scans=tuple(scan_link(scan, files, records) for scan in dossier.scans),
        findings=tuple(submission.get("findings", ())),
        timeline=tuple(submission["timeline"]),
        changes=dossier.changes,
        holder=_holder(person) if task.disputed and not dossier.is_elsewhere else None,
        likenesses=dossier.alike,
        suggested_reasons=suggested(dossier.own_reasons, submission.get("findings", ()))
        if task.may_be_returned
        else (),
        rules_version=submission.get("rules_version") or None,
        transfer=transfer_of(submission) if task.filing.kind == TRANSFER else None,
        release_refusals=task.release_refusals,
    )


@dataclass(frozen=True, slots=True)
class _Opened:
    """ID numbers in full, for a reviewer in an open task."""

    sealer: Sealer
    person_id: str

    def number(self, cipher: bytes | None, masked: str) -> str:
        """The number behind a cipher; an account closed by an appeal has none any more. AWS calls: 1."""
        return self.sealer.open_member(cipher, "id_number", self.person_id) if cipher else masked


def _identity(record: Item, number: str, shown: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> Mapping[str, Any]:
    """What an identity change is made from, by the names of its payload."""
    basic = record["sections"].get("basic", {})
    told = {name: basic.get(name) for name in ("birth_date", "gender")}
    return {**shown({"name": record["name"]}), **told, "id_type": record["id_type"], "id_number": number}


def _holder(person: Item) -> HolderFacts:
    return HolderFacts(
        name_masked=person["name_masked"],
        id_number=person["id_masked"],
        phone=person["phone_masked"],
        status=person["status"],
        region_code=person.get("region_code"),
        employer_name=person.get("card", {}).get("employer_name"),
        registered_at=person["created_at"],
    )


def _changed_since_return(
    submission: Item, shown: Callable[[Mapping[str, Any]], Mapping[str, Any]]
) -> tuple[Difference, ...]:
    """What a resubmission changed, inside and outside the fields that were asked for."""
    before = submission.get("payload_before")
    if not before:
        return ()
    return _every_difference(shown(before), shown(submission["payload"]))


def _as_it_is(sections: Mapping[str, Any]) -> Mapping[str, Any]:
    return sections


def _masked(sections: Mapping[str, Any]) -> Mapping[str, Any]:
    """Without what names or reaches a person."""
    hidden = {name: value for name, value in sections.items() if name != "statement"}
    if "name" in sections:
        hidden["name"] = mask_name(sections["name"])
    if "basic" in sections:
        hidden["basic"] = {**sections["basic"], "name": mask_name(sections["basic"]["name"])}
    if "contact" in sections:
        hidden["contact"] = {"phone": sections["contact"]["phone"]} if "phone" in sections["contact"] else {}
    return hidden
