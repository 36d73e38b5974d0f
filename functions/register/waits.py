"""Waits of a workflow that its applicant ends: a bureau's or a unit's task on a withdrawal, their own after a return."""

from collections.abc import Mapping
from datetime import datetime

from jingkuai.aws import keys
from jingkuai.aws.clock import iso
from jingkuai.aws.tables import Table, TransactWrite, update_item
from jingkuai.domain.principal import Principal
from jingkuai.domain.submission import APPLICANT, task_id_of

_ENDED = "decision = :decision, decided_by = :by, decided_at = :at"
_LISTED = "gsi1pk, gsi1sk, gsi2pk, gsi2sk, gsi3pk, gsi3sk, held_by, held_until"  # an ended wait is in no list


def end_of_review(
    registry: Table, subject: Mapping[str, str], stage: str, round_no: int, *, by: Principal, at: datetime
) -> tuple[str, TransactWrite]:
    """Take somebody's task out of its inbox, whoever holds it, unless it is decided: its id, and the write."""
    task_id = task_id_of(subject, stage, round_no)
    return task_id, update_item(
        registry,
        keys.task_key(task_id),
        f"SET {_ENDED}, card.decision = :decision REMOVE {_LISTED}, card.held_by, card.held_until",
        condition="attribute_exists(pk) AND attribute_not_exists(decision)",
        values={":decision": "withdrawn", ":by": by.account_id, ":at": iso(at)},
    )


def end_of_own(
    registry: Table,
    subject: Mapping[str, str],
    person_id: str,
    round_no: int,
    decision: str,
    *,
    by: Principal,
    at: datetime,
) -> tuple[str, TransactWrite]:
    """End the wait for the applicant, opened or not yet, unless it has ended: its id, and the write."""
    task_id = task_id_of(subject, APPLICANT, round_no)
    known = {
        "v": 1,
        "task_id": task_id,
        "subject": dict(subject),
        "person_id": person_id,
        "stage": APPLICANT,
        "round": round_no,
        "owner": f"P:{person_id}",
    }
    return task_id, update_item(
        registry,
        keys.task_key(task_id),
        f"SET {_ENDED}, {', '.join(f'#{name} = :{name}' for name in known)} REMOVE {_LISTED}",
        condition="attribute_not_exists(decision)",
        values={
            ":decision": decision,
            ":by": by.account_id,
            ":at": iso(at),
            **{f":{name}": value for name, value in known.items()},
        },
        names={f"#{name}": name for name in known},
    )
