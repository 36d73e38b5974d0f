"""The account page (GET /me): how many messages are unread, and what the person should do next."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from jingkuai.aws.clock import Clock
from jingkuai.aws.mailboxes import shared_mailbox
from jingkuai.domain.credit_rules import as_number
from jingkuai.domain.principal import Principal, Role, region_of
from jingkuai.domain.record_rules import RecordRules
from jingkuai.domain.statistics import OpenTasks
from jingkuai.domain.submission import TRANSFER, SubmissionKind
from jingkuai.domain.workdays import shanghai_year, today_in_shanghai
from register.records import ACTIVE, Person

if TYPE_CHECKING:
    from register.store import RegisterStore


@dataclass(frozen=True, slots=True)
class Todo:
    """One thing to do next (待办); gone as soon as it is done."""

    code: str
    message: str
    link: str


@dataclass(frozen=True, slots=True)
class YearShort:
    """What is missing of a year's credits (学分), as its summary says."""

    year: int
    total: Decimal
    professional: Decimal


@dataclass(frozen=True, slots=True)
class Gathered:
    """What the page is made of, read at one moment. An account that is no person has messages only."""

    unread: int = 0
    person: Person | None = None
    short: YearShort | None = None
    returned: Mapping[str, str] = field(default_factory=dict)
    bureau_counts: Mapping[str, int] = field(
        default_factory=dict
    )  # of reviewers and admins: what their bureau has open


@dataclass(frozen=True, slots=True)
class AccountPage:
    """What somebody sees first after signing in."""

    unread_messages: int
    todo: tuple[Todo, ...]


def account_page(*, by: Principal, store: "RegisterStore", rules: RecordRules, clock: Clock) -> AccountPage:
    """The caller's page. AWS calls: 1; one more while a submission is on its way."""
    person_id = by.account_id if by.role is Role.ACCOUNTANT else None
    now = clock()
    today, bureau = today_in_shanghai(now), region_of(by.scope) if by.role in (Role.REVIEWER, Role.ADMIN) else None
    gathered = store.gather(by.account_id, person_id, shanghai_year(now), bureau, shared_mailbox(by))
    waiting = OpenTasks.of(gathered.bureau_counts, today)
    return AccountPage(gathered.unread, (*_of_bureau(waiting), *_todo(gathered, rules, today)))


def _of_bureau(waiting: OpenTasks) -> Iterator[Todo]:
    if waiting.overdue:
        message = f"贵局有{waiting.total}件待办，其中{waiting.overdue}件已超期。请先办理已超期的。"
        yield Todo("tasks_open", message, "/review/tasks?state=overdue")
    elif waiting.total:
        yield Todo("tasks_open", f"贵局有{waiting.total}件待办，没有超期的。", "/review/tasks?state=open")


def _todo(gathered: Gathered, rules: RecordRules, today: date) -> Iterator[Todo]:
    person = gathered.person
    if person is None:
        return
    if not person.has_record:
        yield from _registration(person, gathered.returned.get(SubmissionKind.REGISTRATION))
        return
    for kind, case_id in gathered.returned.items():
        if kind == TRANSFER:
            message = "您的调转需要补充材料。请打开查看需要哪些，上传后提交；30天内没有提交的，这次调转作废。"
            yield Todo("transfer_papers", message, f"/me/transfers/{case_id}")
            continue
        message = "您的变更申请被退回修改。请查看退回原因，改正后重新提交；30天内没有提交的，这次申请作废。"
        yield Todo("submission_returned", message, f"/me/submissions/{case_id}")
    if person.status != ACTIVE:  # nobody here keeps the record any more: its years and its details are another's matter
        return
    if gathered.short is not None:
        yield _credits(gathered.short)
    if person.confirmed_on and rules.is_due(person.confirmed_on, today):
        message = (
            f"登记信息已超过{rules.confirm_after_days}天没有核对。请查看：没有变化的，点击确认；有变化的，请更改。"
        )
        yield Todo("confirm_record", message, "/me/profile")


def _registration(person: Person, returned_id: str | None) -> Iterator[Todo]:
    if SubmissionKind.REGISTRATION not in person.open:
        yield Todo(
            "registration_needed", "您还没有登记会计人员信息。请填写登记表、上传证明材料后提交审核。", "/me/draft"
        )
    elif returned_id is not None:
        message = "您的登记被退回修改。请查看退回原因，改正后重新提交；30天内没有提交的，这次登记作废。"
        yield Todo("registration_returned", message, f"/me/submissions/{returned_id}")


def _credits(short: YearShort) -> Todo:
    missing = f"{as_number(short.total)}学分，其中专业科目{as_number(short.professional)}学分"
    message = f"{short.year}年度继续教育还差{missing}。请在年底前完成；已完成而没有显示的，请查看学分明细。"
    if not short.total:
        message = f"{short.year}年度总学分已够，专业科目还差{as_number(short.professional)}学分，请在年底前补齐。"
    return Todo("credits_short", message, f"/me/credits?year={short.year}")
