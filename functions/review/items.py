"""Items of the Registry table and the values they stand for: tasks, and whatever is reviewed as cases.

Only the stores and the steps that open waits use it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from jingkuai.aws import keys
from jingkuai.aws.clock import iso, parse_iso
from jingkuai.aws.new_number import NewNumber
from jingkuai.aws.owners import is_unit
from jingkuai.aws.tables import Item
from jingkuai.domain.statistics import SECOND_LOOK
from jingkuai.domain.submission import APPLICANT, TRANSFER, Stage, SubmissionStatus, TimelineEvent
from jingkuai.domain.transfer import Route
from jingkuai.domain.workdays import today_in_shanghai
from review.case import Case, Disputed, Filing, Relocation, Reviewer, task_kind
from review.checks import Finding, Result
from review.likeness import alike_of
from review.record import PersonFacts
from review.review_task import Choice, Decision, ReviewTask, TaskCard
from review.routes import RoutedStage
from review.second_look import Judged, LookedAt

_IDS = ("submission_id", "appeal_id", "transfer_id", "record_id")  # what each kind calls the id of its subject


def card_of(item: Mapping[str, Any]) -> TaskCard:
    """What a list shows, from an index entry."""
    return TaskCard(**item["card"])


def task_of(item: Item) -> ReviewTask:
    """The task of a whole item. Its decision stands on the item: an applicant's withdrawal leaves the card as it was."""
    return ReviewTask(
        card=replace(card_of(item), decision=item.get("decision")),
        subject=item["subject"],
        person_id=item["person_id"],
        round=item["round"],
        attachment_ids=tuple(item.get("attachment_ids", ())),
        alike=alike_of(item.get("likenesses", ())),
        disputed=_disputed_of(item),
        filed_by=item.get("filed_by"),
        decision=_decision_of(item),
        decided_at=parse_iso(item["decided_at"]) if "decided_at" in item else None,
        next_stage=item.get("next_stage"),
        recalled="recalled_at" in item,
        judged=Judged.of(item["judged"]) if "judged" in item else None,
        looked_at=LookedAt.of(item["looked_at"]) if "looked_at" in item else None,
        case_kind=item.get("case_kind"),
        stage_index=item.get("stage_index"),
        unit=item["owner"] if is_unit(item.get("owner", "")) else None,
        release_refusals=tuple(item.get("release_refusals", ())),
        asked_for_papers=item.get("asked_for_papers", False),
        heard=tuple(item.get("heard", ())),
    )


def _decision_of(item: Item) -> Decision | None:
    """A bureau's decision; a wait that ended otherwise (withdrawn, resubmitted, …) holds none."""
    if item.get("decision") not in list(Choice):
        return None
    return Decision(
        Choice(item["decision"]), item["reason"], tuple(item["fields"]), item["decided_by"], item.get("to_region")
    )


def stage_task_item(
    case: Case, task_id: str, *, name_masked: str, id_masked: str, at: datetime, due_on: str, token: str
) -> Item:
    """A new task in the inbox of whoever's stage is due: a bureau, or a unit, for which no bureau waits."""
    stage = case.stage
    of_unit = is_unit(stage.owner)
    kind, region_code = task_kind(case.filing.kind, stage.stage), case.region_code if of_unit else stage.owner
    following, by_deadline = case.stage_after, f"{due_on}#{task_id}"
    release = case.relocation if stage.stage is Stage.RELEASE else None
    may_refuse_for = release.release_refusals if release else ()
    return {
        **_task_item(case, task_id, stage.stage.value, at=at, due_on=due_on, token=token),
        "kind": kind,
        "case_kind": case.filing.kind,
        "stage_index": case.stage_index,
        "owner": stage.owner,
        "region_code": region_code,
        "attachment_ids": list(case.attachment_ids),
        "likenesses": [one.to_json() for one in case.alike],  # read with the page in one go
        "filed_by": case.filed_by,
        # an approval can be taken back where a bureau follows; a unit's answer is no bureau's to take back
        "next_stage": following.stage.value if following and not is_unit(following.owner) else None,
        **({"release_refusals": list(may_refuse_for)} if may_refuse_for else {}),
        **({"asked_for_papers": True} if release and release.asked_for_papers else {}),
        **({"heard": list(case.heard)} if case.heard else {}),
        **keys.index(1, keys.inbox(stage.owner), by_deadline),
        **keys.index(2, keys.inbox(f"{stage.owner}#{kind}"), by_deadline),
        **(keys.index(3, keys.WAITING, by_deadline) if of_unit else {}),
        **keys.card(
            task_id=task_id,
            kind=kind,
            subject_id=case.filing.subject_id,
            submission_id=case.filing.submission_id,
            stage=stage.stage.value,
            region_code=region_code,
            name_masked=name_masked,
            opened_at=iso(at),
            due_on=due_on,
            **({"id_masked": id_masked} if of_unit else {}),  # a unit has several of one name, and opens no task
        ),
    }


def applicant_task_item(case: Case, task_id: str, *, at: datetime, due_on: str, token: str) -> Item:
    """The wait for a resubmission: no bureau's, so it lies in no inbox but among what waits for others."""
    return {
        **_task_item(case, task_id, APPLICANT, at=at, due_on=due_on, token=token),
        "owner": f"P:{case.filing.person_id}",
        "region_code": case.region_code,
        **keys.index(3, keys.WAITING, f"{due_on}#{task_id}"),
        **keys.card(
            task_id=task_id,
            kind=case.filing.kind,
            subject_id=case.filing.subject_id,
            submission_id=case.filing.submission_id,
            stage=APPLICANT,
            region_code=case.region_code,
            name_masked="",
            opened_at=iso(at),
            due_on=due_on,
        ),
    }


def second_look_item(
    case: Case, task_id: str, judged: Judged, *, owner: str, name_masked: str, at: datetime, due_on: str
) -> Item:
    """A second look at an approval, in the inbox of the bureau above. No workflow waits for it, so it holds no token."""
    by_deadline = f"{due_on}#{task_id}"
    return {
        **_task_item(case, task_id, Stage.CITY.value, at=at, due_on=due_on),
        "kind": SECOND_LOOK,
        "case_kind": case.filing.kind,
        "owner": owner,
        "region_code": owner,
        "attachment_ids": list(case.attachment_ids),
        "likenesses": [one.to_json() for one in case.alike],
        "judged": judged.to_item(),
        **({"reviewed_by": judged.reviewer} if judged.reviewer else {}),  # by which statistics tell reviewers apart
        **keys.index(1, keys.inbox(owner), by_deadline),
        **keys.index(2, keys.inbox(f"{owner}#{SECOND_LOOK}"), by_deadline),
        **keys.card(
            task_id=task_id,
            kind=SECOND_LOOK,
            subject_id=case.filing.subject_id,
            submission_id=case.filing.submission_id,
            stage=Stage.CITY.value,
            region_code=owner,
            name_masked=name_masked,
            opened_at=iso(at),
            due_on=due_on,
        ),
    }


def settled_task_item(case: Case, task_id: str, stage: str, *, decision: str, at: datetime, token: str) -> Item:
    """A wait that had ended before it was opened: in no list, it only holds the token until that is returned."""
    return {
        **_task_item(case, task_id, stage, at=at, due_on=case.due_on or today_in_shanghai(at).isoformat(), token=token),
        "owner": f"P:{case.filing.person_id}",
        "region_code": case.region_code,
        "decision": decision,
        "decided_at": iso(at),
    }


def held_by(item: Item, account_id: str, *, until: datetime) -> Item:
    """The same task item, claimed from the beginning."""
    return {
        **item,
        "held_by": account_id,
        "held_until": iso(until),
        "card": {**item["card"], "held_by": account_id, "held_until": iso(until)},
        **keys.index(3, keys.held(account_id), item["due_on"]),
    }


def _task_item(case: Case, task_id: str, stage: str, *, at: datetime, due_on: str, token: str | None = None) -> Item:
    return {
        **keys.task_key(task_id),
        "v": 1,
        "task_id": task_id,
        "kind": case.filing.kind,
        "subject": dict(case.subject),
        "subject_id": case.filing.subject_id,
        "submission_id": case.filing.submission_id,
        "person_id": case.filing.person_id,
        "stage": stage,
        "round": case.round,
        "opened_at": iso(at),
        "due_on": due_on,
        **({"token": token} if token else {}),
        "disputed": _disputed_item(case.disputed),
    }


def _disputed_item(disputed: Disputed | None) -> Item | None:
    if disputed is None:
        return None
    told = {"filed_by": disputed.filed_by, "phone_hash": disputed.phone_hash}
    return {"id_hash": disputed.id_hash, **{name: value for name, value in told.items() if value}}


def _disputed_of(item: Item) -> Disputed | None:
    return Disputed(**item["disputed"]) if "disputed" in item else None


def case_of(item: Item) -> Case:
    return Case(
        subject={"pk": item["pk"], "sk": item["sk"]},
        filing=Filing(_subject_id_of(item), item["person_id"], item["kind"]),
        status=SubmissionStatus(item["status"]),
        version=item["version"],
        round=item["round"],
        region_code=item["region_code"],
        payload=item["payload"],
        attachment_ids=tuple(item["attachment_ids"]),
        base_version=item["base_version"],
        stages=tuple(RoutedStage(Stage(one["stage"]), one["owner"], one["workdays"]) for one in item.get("stages", ())),
        stage_index=item.get("stage_index", 0),
        checked_round=item.get("checked_round", 0),
        findings=tuple(map(finding_of, item.get("findings", ()))),
        due_on=item.get("due_on"),
        returned_by=Reviewer(**item["returned_by"]) if "returned_by" in item else None,
        disputed=_disputed_of(item),
        new_number=NewNumber.on(item),
        alike=alike_of(item.get("likenesses", ())),
        approved_at=item.get("approved_at"),
        is_automatic=item.get("automatic", False),
        relocation=_relocation_of(item),
        ruled_by=item.get("ruled_by", ""),
        filed_by=item.get("filed_by"),
    )


def _subject_id_of(item: Item) -> str:
    """The id of what is reviewed, whatever its kind calls it."""
    return str(next(item[name] for name in _IDS if item.get(name)))


def _relocation_of(item: Item) -> Relocation | None:
    if item["kind"] != TRANSFER:
        return None
    return Relocation(
        route=Route(item["route"]),
        from_region=item["from_region"],
        to_region=item["to_region"],
        release_refusals=tuple(item.get("release_refusals", ())),
        asked_for_papers=any(one["event"] == TimelineEvent.RETURNED for one in item["timeline"]),
        lacks_letter="letter" in item and "written_at" not in item["letter"],
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def person_facts_of(item: Mapping[str, Any]) -> PersonFacts:
    return PersonFacts(
        version=item["version"],
        name=item["name"],
        name_masked=item["name_masked"],
        id_type=item["id_type"],
        id_masked=item["id_masked"],
        id_hash=item.get("id_hash"),
        id_cipher=item.get("id_cipher"),
        phone_hash=item["phone_hash"],
        birth_date=_day(item.get("birth_date")),
        gender=item.get("gender"),
        region_code=item.get("region_code"),
        sections=item.get("sections", {}),
        status=item["status"],
        section_versions=item.get("section_versions", {}),
        name_hash=item["gsi2pk"].removeprefix(keys.by_name("")) if "gsi2pk" in item else None,
        former_numbers=tuple(item.get("former_numbers", ())),
        left_with=item.get("left_with"),
    )


def finding_of(item: Item) -> Finding:
    return Finding(item["code"], Result(item["result"]), item["message"], tuple(item.get("fields", ())))


def finding_item(finding: Finding) -> Item:
    return {
        "code": finding.code,
        "result": finding.result.value,
        "message": finding.message,
        "fields": list(finding.fields),
    }


def stage_item(stage: RoutedStage) -> Item:
    return {"stage": stage.stage.value, "owner": stage.owner, "workdays": stage.workdays}
