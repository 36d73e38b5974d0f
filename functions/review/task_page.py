"""The page of one task (审核页面): everything a reviewer needs for a decision, and the trace that somebody looked."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from jingkuai.aws.clock import Clock
from jingkuai.aws.files import Files
from jingkuai.aws.sealing import Sealer
from jingkuai.aws.tables import Item
from jingkuai.domain.attachment import AttachmentStatus
from jingkuai.domain.principal import Principal, Role
from jingkuai.domain.privacy import mask_name
from jingkuai.domain.scan import rendering_name
from review.record import SECTIONS
from review.store import Dossier, TaskStore
from review.task import ReviewTask, TaskState

PURPOSE: Final = "审核"
_NOTHING: Final = object()


@dataclass(frozen=True, slots=True)
class ScanLink:
    """A scan and where to see it, for five minutes; no address before it was accepted.

    `rendering_url` is a copy the right way up, where the camera took the picture sideways.
    """

    attachment_id: str
    kind: str
    filename: str
    content_type: str
    status: str
    download_url: str | None
    rendering_url: str | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that the submission changes; `before` or `after` is None where there is nothing."""

    field: str
    before: Any
    after: Any


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


def differences(profile: Mapping[str, Any], payload: Mapping[str, Any]) -> tuple[Difference, ...]:
    """What the submission changes of the record, field by field; sections it does not name stay as they are."""
    named = [name for name in SECTIONS if name in payload]
    before = dict(_leaves("", {name: profile.get(name) for name in named}))
    after = dict(_leaves("", {name: payload[name] for name in named}))
    fields = [*after, *(field for field in before if field not in after)]
    return tuple(
        Difference(field, before.get(field), after.get(field))
        for field in fields
        if before.get(field, _NOTHING) != after.get(field, _NOTHING) and field != "contact.phone"
    )


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
    turned = scan.get("rendering_key") if accepted else None
    return ScanLink(
        attachment_id=scan["attachment_id"],
        kind=scan["kind"],
        filename=scan["filename"],
        content_type=scan["content_type"],
        status=scan["status"],
        download_url=files.download_link(records, scan["record_key"], scan["filename"]) if accepted else None,
        rendering_url=files.download_link(records, turned, rendering_name(scan["filename"])) if turned else None,
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


def _leaves(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Every value with its dotted path, as the fields of problems and returns name it (education.0.school)."""
    if isinstance(value, Mapping):
        children = [(str(name), child) for name, child in value.items()]
    elif isinstance(value, (list, tuple)):
        children = [(str(number), child) for number, child in enumerate(value)]
    else:
        if value is not None:
            yield path, value
        return
    for name, child in children:
        yield from _leaves(f"{path}.{name}" if path else name, child)
