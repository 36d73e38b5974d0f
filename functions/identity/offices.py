"""Entering a bureau's office (办公信息): whom people are told to call. Empty until its bureau has entered it."""

from typing import TYPE_CHECKING

from identity.office_form import OfficeForm, read_office
from jingkuai.aws.clock import Clock
from jingkuai.domain.principal import Principal, Role, region_of
from jingkuai.domain.problem import Forbidden, NotFound
from jingkuai.domain.regions import hubei
from jingkuai.domain.workdays import today_in_shanghai

if TYPE_CHECKING:
    from identity.office_store import OfficeStore


class OtherOffice(Forbidden):
    """A bureau's office is entered by itself or by the province's admin."""

    code = "other_office"
    title = "只能填写本局的办公信息"
    detail = "您只能填写本局的办公信息，没有保存。其他财政局的，请由该局或者省级管理员填写。"


def enter_office(code: str, typed: OfficeForm, *, by: Principal, store: "OfficeStore", clock: Clock) -> OfficeForm:
    """Enter the office of a bureau in the place of what stood there; entered again, it is the same.

    Raises Invalid with every problem at once, NotFound for a code without a bureau, OtherOffice. AWS calls: 1.
    """
    now = clock()
    today = today_in_shanghai(now)
    office = read_office(typed, today=today)
    if not hubei().is_authority(code, on=today):
        raise NotFound()
    if by.role is not Role.ADMIN and region_of(by.scope) != code:
        raise OtherOffice()
    store.save(code, office, by=by, at=now)
    return office
