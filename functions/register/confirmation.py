"""The half-yearly confirmation (信息确认): the owner says that the record is still true."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from jingkuai.aws.clock import Clock
from jingkuai.domain.principal import Principal
from jingkuai.domain.problem import Conflict
from jingkuai.domain.workdays import today_in_shanghai
from register.profile import own_record
from register.records import ACTIVE

if TYPE_CHECKING:
    from register.confirmation_store import ConfirmationStore
    from register.store import RegisterStore


class RecordChanged(Conflict):
    """The version that was looked at is no longer the one that stands; `current` is the number of that one."""

    code = "version_conflict"
    title = "登记信息已有变动"
    detail = "您查看之后，登记信息又有变动，这次的确认没有保存。请重新查看最新的登记信息，核对无误后再确认。"


class ClosedRecord(Conflict):
    """No bureau of the province keeps the record any more: it is read, and stays as it is."""

    code = "record_closed"
    title = "登记信息只能查看"
    detail = "您的登记信息已经调出或者注销，只能查看，不能确认或者修改，这次没有保存。如有疑问，请联系原登记的财政局。"


@dataclass(frozen=True, slots=True)
class Confirmed:
    """Which version was confirmed, and on which day."""

    version: int
    confirmed_on: date


def confirm(
    version: int, *, by: Principal, store: "ConfirmationStore", people: "RegisterStore", clock: Clock
) -> Confirmed:
    """Note that the caller's record is still true as this version shows it; confirmed today already, nothing changes.

    Raises NoRecord, ClosedRecord, RecordChanged. AWS calls: 1; confirmed today already, or refused: 2.
    """
    now = clock()
    today = today_in_shanghai(now)
    if store.confirm(by, version, today, at=now):
        return Confirmed(version, today)
    person = own_record(by=by, store=people)
    if person.status != ACTIVE:
        raise ClosedRecord()
    if person.version != version or person.confirmed_on != today:
        raise RecordChanged(extra={"current": person.version})
    return Confirmed(version, today)
