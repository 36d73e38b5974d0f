"""Confirmations (单位确认): a unit says whether somebody leaves or joins it. It cannot hold anybody: no answer counts as yes."""

from dataclasses import dataclass, replace
from datetime import date

from jingkuai.aws.clock import Clock
from jingkuai.aws.owners import owner_of_unit
from jingkuai.aws.tables import Item
from jingkuai.domain.principal import Principal
from jingkuai.domain.problem import FieldProblem, Invalid, NotFound
from jingkuai.domain.transfer import Answer
from jingkuai.domain.typed_line import is_blank, lines_problems
from review.case_writes import CaseMoved
from review.employers.answer_store import AnswerStore
from review.items import card_of
from review.review_task import AlreadyDecided, ReviewTask


class NoSuchConfirmation(NotFound):
    """Nobody has asked this unit that."""

    title = "没有找到这项确认"
    detail = "没有找到需要贵单位确认的这一事项。请返回待确认列表，重新选择。"


class AnswerStands(AlreadyDecided):
    """It was answered otherwise, has counted as confirmed, or the person took it back; nothing of this answer was saved."""

    title = "该事项已经有结果"
    detail = "该事项已经确认、已过答复期限，或者已由本人撤回，您这次的意见没有保存。请刷新待确认列表。"


@dataclass(frozen=True, slots=True)
class Confirmation:
    """One thing a unit is asked: whether somebody (name and number masked) leaves or joins it."""

    confirmation_id: str
    kind: str
    name_masked: str
    id_masked: str | None
    opened_at: str
    due_on: date
    answer: str | None = None


@dataclass(frozen=True, slots=True)
class ConfirmationPage:
    """One page of what waits for a unit's answer."""

    confirmations: tuple[Confirmation, ...]
    next_start: Item | None


def waiting(*, by: Principal, store: AnswerStore, limit: int, start: Item | None) -> ConfirmationPage:
    """What waits for the caller's unit, oldest deadline first. AWS calls: 1."""
    page = store.waiting(owner_of_unit(by.scope), limit=limit, start=start)
    return ConfirmationPage(tuple(map(_shown, page.items)), page.next_start)


def answer(
    confirmation_id: str, said: Answer, reason: str, *, by: Principal, store: AnswerStore, clock: Clock
) -> Confirmation:
    """Record the unit's answer; the same answer sent again changes nothing.

    Raises Invalid for an objection without a reason that anybody can see, NoSuchConfirmation, AnswerStands. AWS calls: 2; 3
    where another of the unit's administrators was first.
    """
    if problems := lines_problems("reason", reason):
        raise Invalid(errors=problems)
    if said is Answer.REFUSE and is_blank(reason):
        text = "不同意时必须写明原因，本人和审核的财政局会看到它。"
        raise Invalid(errors=[FieldProblem("reason", "required", text)])
    owner = owner_of_unit(by.scope)
    task, item = _asked(confirmation_id, owner, store)
    if _stands(item, said, reason):
        return _answered(item, said)
    if "decision" in item:
        raise AnswerStands()
    try:
        store.save(task, said, reason, by=by, at=clock())
    except CaseMoved:
        _, standing = _asked(confirmation_id, owner, store)
        if not _stands(standing, said, reason):
            raise AnswerStands() from None
    return _answered(item, said)


def _asked(confirmation_id: str, owner: str, store: AnswerStore) -> tuple[ReviewTask, Item]:
    found = store.task(confirmation_id, owner=owner)
    if found is None:
        raise NoSuchConfirmation()
    return found


def _stands(item: Item, said: Answer, reason: str) -> bool:
    return item.get("decision") == said.value and item.get("reason", "") == reason


def _shown(item: Item) -> Confirmation:
    card = card_of(item)
    return Confirmation(
        confirmation_id=card.task_id,
        kind=card.kind,
        name_masked=card.name_masked,
        id_masked=card.id_masked,
        opened_at=card.opened_at,
        due_on=date.fromisoformat(card.due_on),
    )


def _answered(item: Item, said: Answer) -> Confirmation:
    return replace(_shown(item), answer=said.value)
