"""The page of one task (审核页面): everything a reviewer needs for a decision, and the trace that somebody looked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from jingkuai.aws.clock import Clock
from jingkuai.aws.files import Files
from jingkuai.aws.sealing import Sealer
from jingkuai.aws.tables import Item
from jingkuai.domain.attachment import AttachmentStatus
from jingkuai.domain.principal import Principal, Role
from jingkuai.domain.privacy import mask_name
from jingkuai.domain.record_differences import Difference, differences
from review.store import Dossier, TaskStore
from review.task import ReviewTask, TaskState

PURPOSE: Final = "审核"


@dataclass(frozen=True, slots=True)
class ScanLink:
    """A scan and where to see it, for five minutes; no address before it was accepted."""

    attachment_id: str
    kind: str
    filename: str
    content_type: str
    status: str
    download_url: str | None


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


def open_page(
    task_id: str, *, by: Principal, store: TaskStore, files: Files, records: str, sealer: Sealer, clock: Clock
) -> TaskPage:
    """The page of a task, the look recorded.

    While the task is open, a reviewer within whose region it lies reads the ID number and the name in full; on a task
    that is done, and for an administrator, both are masked. Raises NotFound outside the caller's scope. AWS calls: 5.
    """
    task, now = store.task(task_id, within=by), clock()
    dossier = store.dossier(task)
    in_full = by.role is Role.REVIEWER and task.card.state(now) is not TaskState.DONE
    page = _page(task, dossier, in_full=in_full, files=files, records=records, sealer=sealer)
    store.record_look(task, purpose=PURPOSE, by=by, at=now)
    return page


def _page(task: ReviewTask, dossier: Dossier, *, in_full: bool, files: Files, records: str, sealer: Sealer) -> TaskPage:
    person, submission = dossier.person, dossier.submission
    shown = _as_it_is if in_full else _masked
    profile = person.get("sections") if task.disputed is None else None  # an appeal changes none
    sealed = person.get("id_cipher") if in_full else None
    number = sealer.open_member(sealed, "id_number", task.person_id) if sealed else person["id_masked"]
    return TaskPage(
        task=task,
        id_type=person["id_type"],
        id_number=number,
        payload=shown(submission["payload"]),
        profile=shown(profile) if profile else None,
        differences=differences(shown(profile), shown(submission["payload"])) if profile else (),
        changed_since_return=_changed_since_return(submission, shown),
        scans=tuple(_link(scan, files, records) for scan in dossier.scans),
        findings=tuple(submission.get("findings", ())),
        timeline=tuple(submission["timeline"]),
        changes=dossier.changes,
        holder=_holder(person) if task.disputed else None,
    )


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
    return differences(shown(before), shown(submission["payload"])) if before else ()


def _link(scan: Item, files: Files, records: str) -> ScanLink:
    accepted = scan["status"] == AttachmentStatus.ACCEPTED and "record_key" in scan
    return ScanLink(
        attachment_id=scan["attachment_id"],
        kind=scan["kind"],
        filename=scan["filename"],
        content_type=scan["content_type"],
        status=scan["status"],
        download_url=files.download_link(records, scan["record_key"], scan["filename"]) if accepted else None,
    )


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
