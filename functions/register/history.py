"""The history of a record (信息变更记录): its versions, what changed from one to the other, and which stood when."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, ClassVar

from jingkuai.domain.principal import Principal
from jingkuai.domain.problem import InvalidValue, NotFound
from jingkuai.domain.profile_fields import DAY
from jingkuai.domain.record_differences import SECTIONS, Difference, differences
from jingkuai.domain.workdays import SHANGHAI

if TYPE_CHECKING:
    from register.version_store import VersionStore


class NoSuchVersion(NotFound):
    """The record has no version of this number."""

    title = "没有这个版本"
    detail = "您的登记信息没有这个版本。请在变更记录中查看有哪些版本，再重新选择。"


class InvalidMoment(InvalidValue):
    """A text that names neither a day nor a moment."""

    messages: ClassVar[Mapping[str, str]] = {
        "bad_moment": "请填写日期（如“2026-06-30”），或者带时区的时间（如“2026-06-30T04:00:00Z”）。"
    }


def moment_of(text: str) -> datetime:
    """The moment a text names: a day of Shanghai stands for its end. Raises InvalidMoment with `bad_moment`.

    In a query a plus sign that was not escaped arrives as a space: 2026-06-30T12:00:00 08:00 is understood all the same.
    """
    text = text.strip()
    try:
        if DAY.fullmatch(text):
            return datetime.combine(date.fromisoformat(text), time.max, SHANGHAI).astimezone(UTC)
        moment = datetime.fromisoformat(text.replace(" ", "+"))
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise InvalidMoment("bad_moment")


def changes_between(earlier: int, later: int, *, by: Principal, store: "VersionStore") -> tuple[Difference, ...]:
    """What changed in the caller's record from one version to another, field by field. Raises NoSuchVersion. AWS calls: 1."""
    found = store.some(by.account_id, (earlier, later))
    if earlier not in found or later not in found:
        raise NoSuchVersion()
    before, after = found[earlier], found[later]
    whole = {name: after.sections.get(name) for name in SECTIONS}
    return differences(
        {**before.sections, "region_code": before.region_code},
        {**whole, "region_code": after.region_code},
        members=(*SECTIONS, "region_code"),
    )
