"""The record (会计人员信息) as its owner reads it."""

from typing import TYPE_CHECKING

from jingkuai.domain.principal import Principal
from jingkuai.domain.problem import NotFound
from register.records import Person

if TYPE_CHECKING:
    from register.store import RegisterStore


class NoRecord(NotFound):
    """The person has an account, and no registration of theirs was approved yet."""

    code = "no_record"
    title = "还没有登记信息"
    detail = "您的会计人员信息还没有登记通过。请先填写登记表并提交审核；已提交的，请在申请列表中查看办理进度。"


def own_record(*, by: Principal, store: "RegisterStore") -> Person:
    """The caller's record as approved. Raises NoRecord. AWS calls: 1."""
    person = store.person(by.account_id)
    if person is None or not person.has_record:
        raise NoRecord()
    return person
