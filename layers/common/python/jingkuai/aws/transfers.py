"""Transfers as items under their person: filed by `register`, moved by `review`, read by both.

A transfer has the members of every case under review (status, stages, stage_index, round, version, timeline, …), so that
the steps of its workflow, the tasks and the deadlines are those of a submission.
"""

from collections.abc import Mapping
from typing import Any

from jingkuai.aws import keys
from jingkuai.aws.tables import Item
from jingkuai.domain.submission import TRANSFER, Stage, SubmissionStatus, TimelineEntry, TimelineEvent
from jingkuai.domain.transfer import CaseStep, Route, Step, Transfer, Unit


def subject_of(transfer: Transfer) -> dict[str, str]:
    """The key of a transfer: what workflow and tasks know it by."""
    key = keys.transfer_key(transfer.person_id, transfer.transfer_id)
    return {"pk": key["pk"], "sk": key["sk"]}


def list_with(step: str) -> str:
    """Where whoever had this step finds what became of it. A unit's list of questions has none that is over, so it is its members'."""
    match Step(step):
        case Step.EMPLOYER:
            return "/employer/members"
        case Step.RELEASE:
            return "/review/transfers?direction=outgoing"
        case Step.ACCEPTANCE:
            return "/review/transfers?direction=incoming"


def item_of(transfer: Transfer) -> Item:
    """A new transfer as stored; what its workflow adds is the workflow's to write."""
    return {
        **subject_of(transfer),
        "v": 1,
        "transfer_id": transfer.transfer_id,
        "person_id": transfer.person_id,
        "kind": TRANSFER,
        "route": transfer.route.value,
        "status": transfer.case.value,
        "region_code": transfer.from_region,
        "from_region": transfer.from_region,
        "to_region": transfer.to_region,
        "from_employer": transfer.from_employer.to_json() if transfer.from_employer else None,
        "payload": dict(transfer.form),
        "attachment_ids": list(transfer.attachment_ids),
        "stages": [{"stage": one.step.value, "owner": one.owner, "workdays": one.workdays} for one in transfer.steps],
        "stage_index": transfer.step_index,
        "rules_version": transfer.rules_version,
        "release_refusals": list(transfer.release_refusals),
        "submitted_at": transfer.submitted_at,
        "timeline": [entry.to_json() for entry in transfer.timeline],
        "base_version": 0,
        "round": transfer.round,
        "checked_round": 0,
        "version": transfer.version,
        "attempt": 1,
        "findings": [],
        **keys.index(1, keys.transfers_to(transfer.to_region), f"{transfer.submitted_at}#{transfer.transfer_id}"),
        **keys.index(2, keys.transfers_from(transfer.from_region), f"{transfer.submitted_at}#{transfer.transfer_id}"),
        **keys.card(transfer_id=transfer.transfer_id, route=transfer.route.value),
    }


def transfer_of(item: Mapping[str, Any]) -> Transfer:
    """The transfer of an item."""
    returned, unit = item.get("returned"), item.get("from_employer")
    return Transfer(
        transfer_id=item["transfer_id"],
        person_id=item["person_id"],
        route=Route(item["route"]),
        case=SubmissionStatus(item["status"]),
        from_region=item["from_region"],
        to_region=item["to_region"],
        from_employer=Unit(unit["uscc"], unit["name"]) if unit else None,
        form=item["payload"],
        attachment_ids=tuple(item["attachment_ids"]),
        steps=tuple(map(_step_of, item["stages"])),
        submitted_at=item["submitted_at"],
        timeline=tuple(
            TimelineEntry(one["at"], TimelineEvent(one["event"]), one["by_role"], one.get("note"))
            for one in item["timeline"]
        ),
        step_index=item["stage_index"],
        round=item["round"],
        version=item["version"],
        stage=Stage(item["stage"]) if item.get("stage") else None,
        due_on=item.get("due_on"),
        returned_for=returned["reason"] if returned else None,
        letter=item.get("letter"),
        rules_version=item.get("rules_version", ""),
        release_refusals=tuple(item.get("release_refusals", ())),
    )


def _step_of(item: Mapping[str, Any]) -> CaseStep:
    decided = item.get("decided") or {}
    return CaseStep(
        step=Step(item["stage"]),
        owner=item["owner"],
        workdays=item["workdays"],
        due_on=item.get("due_on"),
        decided_at=decided.get("at"),
        decision=decided.get("decision"),
        reason=decided.get("reason"),
    )
