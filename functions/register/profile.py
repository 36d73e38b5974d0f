"""The record (会计人员信息) as its owner reads it: as it stands, and as it stood on an earlier day."""

from datetime import datetime
from typing import TYPE_CHECKING

from jingkuai.domain.principal import Principal
from jingkuai.domain.problem import NotFound
from register.records import Person, Version

if TYPE_CHECKING:
    from register.store import RegisterStore
    from register.version_store import VersionStore


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


def record_at(
    moment: datetime, *, by: Principal, store: "RegisterStore", versions: "VersionStore"
) -> tuple[Person, Version]:
    """The version of the caller's record that stood at this moment, and the person whose it is.

    Raises NoRecord where nothing had been approved by then. AWS calls: 2.
    """
    version = versions.as_of(by.account_id, moment)
    person = store.person(by.account_id) if version else None
    if version is None or person is None:
        raise NoRecord("截至您选择的时间，您的会计人员信息还没有登记通过。请选择登记通过之后的日期。")
    return person, version
