"""What the parties of a transfer are told (通知各方): the person, the unit that is asked, the bureaus; texts name nobody.

Reasons stand in the transfer, which only its parties open.
"""

from __future__ import annotations

from collections.abc import Iterable

from jingkuai.aws.mailboxes import bureau_mailbox
from jingkuai.aws.outbox import Entry, SendMessage, SendSms
from jingkuai.aws.owners import is_unit, mailbox_of, owner_of_unit
from jingkuai.aws.transfers import list_with
from jingkuai.domain.regions import bureau_name
from jingkuai.domain.submission import TRANSFER
from jingkuai.domain.transfer import Answer, Route, Step
from review.case import Case, Filing, Relocation
from review.routes import RoutedStage

_CONFIRMATIONS = "/employer/confirmations"
_JOINED = "一名人员的调转已经办结，已列入贵单位的人员名单。不是贵单位人员的，请在人员名单中说明。"
_AS_BEFORE = "登记信息没有变化，仍由原来的财政局管理。"


def name_of(stage: RoutedStage) -> str:
    """What the person calls whoever's stage it is; which unit it is they know."""
    return "原单位" if is_unit(stage.owner) else bureau_name(stage.owner)


def asked(case: Case, *, due_on: str) -> list[Entry]:
    """A stage has opened: a unit is asked in its mailbox, and the person of a transfer reads whose turn it is.

    A bureau finds what it has to do in its inbox.
    """
    stage, filing = case.stage, case.filing
    entries: list[Entry] = []
    if is_unit(stage.owner):
        what = "离职" if filing.kind == TRANSFER else "入职"
        body = f"有一项{what}需要贵单位确认，请在{due_on}前答复；逾期未答复视为确认。"
        entries.append(SendMessage(mailbox_of(stage.owner), f"请确认{what}", body, _CONFIRMATIONS))
    if case.relocation:
        body = f"您的调转现在由{name_of(stage)}办理，期限{due_on}。请打开查看各环节的进度。"
        entries.append(SendMessage(filing.person_id, "调转有新的进度", body, filing.link))
    return entries


def answered(filing: Filing, answer: Answer) -> list[Entry]:
    """The unit has answered, or its time is over."""
    said = {
        Answer.CONFIRM: "单位已经确认",
        Answer.REFUSE: "单位提出了不同意见，由财政局结合您的证明材料决定",
        Answer.SILENCE: "单位没有在期限内答复，视为确认",
    }[answer]
    body = f"您的{filing.kind_label}申请：{said}。请打开查看进度，不需要再做什么。"
    return [SendMessage(filing.person_id, f"{filing.kind_label}有新的进度", body, filing.link)]


def papers_wanted(filing: Filing, *, until: str) -> list[Entry]:
    """A bureau asks for papers."""
    body = f"您的调转需要补充材料。请打开查看需要哪些，在{until}前上传并提交；逾期调转自动失效，登记信息不变。"
    return _person(filing, "调转需要补充材料", body)


def refused(filing: Filing, heard: Iterable[str]) -> list[Entry]:
    """A bureau has refused; who and why stands in the transfer. Whoever had a say before it learns that nothing came of it: the unit,
    and the bureau that had released the record.
    """
    body = f"您的调转未通过。{_AS_BEFORE}请打开查看是哪个部门、什么原因。"
    return [
        *_person(filing, "调转未通过", body),
        *(_nothing_came_of_it(one, list_with(Step.EMPLOYER if is_unit(one) else Step.RELEASE)) for one in heard),
    ]


def expired(case: Case) -> list[Entry]:
    """The papers did not come in time."""
    body = f"您的调转在30天内没有补充材料，已自动失效。{_AS_BEFORE}仍要调转的，请重新申请。"
    return [*_person(case.filing, "调转已失效", body), *without_effect(case)]


def without_effect(case: Case) -> list[Entry]:
    """Bureaus and the unit that had a say, or are having it, learn that nothing came of it."""
    steps = {one.owner: one.stage for one in case.stages[: case.stage_index + 1]}
    return [_nothing_came_of_it(one, list_with(steps.get(one, Step.RELEASE))) for one in case.heard]


def abolished(case: Case) -> list[Entry]:
    """The bureau that was to be joined does not exist any more."""
    body = f"您申请调往的地区已经撤销，调转终止。{_AS_BEFORE}请按现在的区划重新申请。"
    return [*_person(case.filing, "调转终止", body), *without_effect(case)]


def moved(case: Case, relocation: Relocation, *, joined: str | None) -> list[Entry]:
    """The record has moved. The person learns it, the bureaus but the one that said the last word, the unit that is left, and the
    one that is joined (`joined`, its credit code): it was not asked, and may have something to say.
    """
    match relocation.route:
        case Route.OUT_OF_PROVINCE:
            text = (
                "您的登记信息已转出湖北省，调转证明正在生成，请打开下载，并在转入地办理登记。原登记信息可以一直查看。"
            )
        case Route.INTO_PROVINCE:
            text = f"您的登记信息已转入，由{bureau_name(relocation.to_region)}管理。请登录核对登记信息。"
        case _:
            text = f"您的调转已办结，登记信息现由{bureau_name(relocation.to_region)}管理。请登录核对登记信息。"
    left = [one.owner for one in case.stages if is_unit(one.owner)]
    return [
        *_person(case.filing, "调转已办结", text),
        *_bureaus(case, relocation),
        *(_unit(one, "人员已调出", "一名人员的调转已经办结，不再列入贵单位的人员名单。") for one in left),
        *([_unit(owner_of_unit(joined), "人员已调入", _JOINED)] if joined else []),
    ]


def _bureaus(case: Case, relocation: Relocation) -> list[Entry]:
    """Whoever kept the record, and whoever had a say before the last word: the side that is left, whose list is of who goes."""
    owners = [one.owner for one in case.stages if not is_unit(one.owner)]
    kept = [] if relocation.route is Route.INTO_PROVINCE else [relocation.from_region]
    out = relocation.route is Route.OUT_OF_PROVINCE
    now = "已转出湖北省" if out else f"现由{bureau_name(relocation.to_region)}管理"
    return [
        SendMessage(
            bureau_mailbox(one), "调转已办结", f"一名人员的调转已经办结，其登记信息{now}。", list_with(Step.RELEASE)
        )
        for one in dict.fromkeys([*kept, *owners])
        if one not in owners[-1:]
    ]


def _unit(owner: str, title: str, body: str) -> SendMessage:
    return SendMessage(mailbox_of(owner), title, body, list_with(Step.EMPLOYER))


def _nothing_came_of_it(owner: str, link: str) -> SendMessage:
    text = "一项请您办理过的调转没有办成，人员的登记信息仍由原来的财政局管理，不需要再办理。"
    return SendMessage(mailbox_of(owner), "调转没有办成", text, link)


def _person(filing: Filing, title: str, body: str) -> list[Entry]:
    return [SendMessage(filing.person_id, title, body, filing.link), SendSms(filing.person_id, body)]
