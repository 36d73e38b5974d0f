"""Invitations (入职邀请): a unit says whom it expects, and tells them by short message what to do.

While one stands, a move to the unit needs no further confirmation by it. Neither answer nor effort tells the unit whether
the phone is known here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import ceil
from typing import TYPE_CHECKING, Final

from jingkuai.aws.clock import Clock
from jingkuai.aws.lookup import LookupKey
from jingkuai.aws.sealing import Sealer
from jingkuai.domain.person_name import PersonName, comparable
from jingkuai.domain.phone import MainlandPhone
from jingkuai.domain.principal import Principal
from jingkuai.domain.problem import Conflict, FieldProblem, Invalid, InvalidValue, TooManyRequests
from jingkuai.domain.workdays import SHANGHAI, today_in_shanghai
from review.employers.rules import EmployerRules

if TYPE_CHECKING:
    from review.employers.invitation_store import InvitationStore

_LOOKS: Final = 3  # of several at once for one phone the slower ones look again
BETWEEN_TWO_MESSAGES: Final = timedelta(days=1)  # to one phone, however often its invitation is renewed


class TooManyInvitations(TooManyRequests):
    """The unit has invited as many people today as it may."""

    code = "too_many_invitations"
    title = "今日邀请已达上限"

    def __init__(self, most: int, now: datetime) -> None:
        tomorrow = datetime.combine(today_in_shanghai(now) + timedelta(days=1), datetime.min.time(), SHANGHAI)
        super().__init__(
            f"贵单位今天已邀请{most}人，已达每日上限，这一位没有邀请。请明天再试；人员到单位后也可以自行提交单位变更或者调转，由贵单位确认。",
            retry_after=ceil((tomorrow - now).total_seconds()),
        )


@dataclass(frozen=True, slots=True)
class Guest:
    """Whom a unit expects, read from what was typed: hashes, and the phone to send one message to."""

    phone: MainlandPhone
    phone_hash: str
    name_hash: str


@dataclass(frozen=True, slots=True)
class Standing:
    """What is there when somebody is invited: the unit's name, who holds the phone, and an earlier invitation's dates."""

    unit_name: str
    holder: str | None
    invited_at: datetime | None
    messaged_at: datetime | None

    def messages_again(self, now: datetime) -> bool:
        """Whether the phone gets a message with this one."""
        return self.messaged_at is None or self.messaged_at <= now - BETWEEN_TWO_MESSAGES


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation as it stands: the unit is told its last day, and nothing about the phone."""

    phone_masked: str
    valid_until: date


def invite(
    name: str,
    phone: str,
    *,
    by: Principal,
    rules: EmployerRules,
    store: InvitationStore,
    lookup: LookupKey,
    sealer: Sealer,
    clock: Clock,
) -> Invitation:
    """Expect somebody at the caller's unit and tell them; the same phone again renews it, and gets one message a day.

    Raises Invalid with every problem at once, TooManyInvitations, Conflict where the same phone is invited too often at
    once. AWS calls: 3.
    """
    guest = _read(name, phone, lookup)
    for _ in range(_LOOKS):
        now = clock()
        standing = store.standing(by.scope, guest.phone_hash)
        cipher = sealer.seal_together({"phone": guest.phone.text}, store.sealed_for(by.scope))
        until = now + rules.invited_for
        if store.save(guest, standing, cipher, until=until, most=rules.invitations_a_day, by=by, at=now):
            return Invitation(guest.phone.masked, today_in_shanghai(until))
    raise Conflict()


def _read(name: str, phone: str, lookup: LookupKey) -> Guest:
    problems: list[FieldProblem] = []
    told, number = None, None
    try:
        told = PersonName.parse(name)
    except InvalidValue as refused:
        problems.append(refused.at("name"))
    try:
        number = MainlandPhone.parse(phone)
    except InvalidValue as refused:
        problems.append(refused.at("phone"))
    if told is None or number is None:
        raise Invalid(errors=problems)
    return Guest(number, lookup.of("phone", number.text), lookup.of("name", comparable(told.text)))


def text_for(unit_name: str) -> str:
    """What whoever is invited reads; it says the same to everybody, known here or not."""
    return (
        f"{unit_name}邀请您登记为该单位会计人员。请登录会计人员信息管理系统：没有登记过的，请完成信息采集；已登记的，"
        "请提交工作单位变更或者调转，该单位不再另行确认。不是您本人的，请忽略。"
    )
