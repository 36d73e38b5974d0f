"""What anybody may read (公开数据): the notice, the regions with their offices, the dictionaries. All of it may be kept by a browser."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files

from pydantic import BaseModel, RootModel

from identity.registration import NOTICE_VERSION
from identity.store import IdentityStore
from jingkuai.aws.clock import Clock
from jingkuai.aws.tables import Item
from jingkuai.domain.dictionaries import dictionaries
from jingkuai.domain.regions import Division, Level, Place, elsewhere, hubei
from jingkuai.domain.workdays import today_in_shanghai

OFFICES_KEPT = timedelta(seconds=60)


class PrivacyNotice(BaseModel):
    """The personal-information notice (个人信息处理告知书) in force."""

    version: str
    body_html: str


class Office(BaseModel):
    """Whom to call at a bureau."""

    name: str
    phone: str
    address: str


class DivisionView(BaseModel):
    """A division with a finance bureau; `office` is absent until the bureau has entered it."""

    code: str
    name: str
    level: Level
    parent: str | None
    office: Office | None = None


class PlaceView(BaseModel):
    """A province or city outside Hubei."""

    code: str
    name: str
    province: str | None = None


class Regions(BaseModel):
    """Every region a form may name."""

    divisions: list[DivisionView]
    elsewhere: list[PlaceView]


class Entry(BaseModel):
    """One value of a coded field."""

    code: str
    name: str


class Dictionaries(RootModel[dict[str, list[Entry]]]):
    """Every coded field's values, in the order in which they are shown."""


@dataclass(frozen=True, slots=True)
class Published:
    """An answer written out once, with the tag that tells whether a browser's copy is still the same."""

    body: str
    etag: str

    def is_same(self, if_none_match: str | None) -> bool:
        """Whether the caller's copy is this one."""
        tags = [tag.strip().removeprefix("W/") for tag in (if_none_match or "").split(",")]
        return self.etag in tags or "*" in tags


def published(view: BaseModel) -> Published:
    """The answer with its tag; members that were not given are absent."""
    body = view.model_dump_json(exclude_unset=True)
    return Published(body, f'"{hashlib.sha256(body.encode()).hexdigest()[:32]}"')


@cache
def privacy_notice() -> Published:
    """The notice as shipped. AWS calls: 0."""
    body = files("identity").joinpath("texts", "privacy_notice.html").read_text(encoding="utf-8")
    return published(PrivacyNotice(version=NOTICE_VERSION, body_html=body))


@cache
def all_dictionaries() -> Published:
    """Every dictionary. AWS calls: 0."""
    entries = {
        name: [Entry(code=code, name=shown) for code, shown in values.items()]
        for name, values in dictionaries().items()
    }
    return published(Dictionaries(entries))


class RegionsCache:
    """The regions with the offices as entered, read again after a minute."""

    def __init__(self) -> None:
        self._kept: Published | None = None
        self._until: datetime | None = None

    def get(self, store: IdentityStore, clock: Clock) -> Published:
        """The regions, at most 60 s old. AWS calls: 1 at most."""
        now = clock()
        if self._kept is None or self._until is None or now >= self._until:
            self._kept = published(regions(store.offices(), on=today_in_shanghai(now)))
            self._until = now + OFFICES_KEPT
        return self._kept


def regions(offices: Iterable[Item], *, on: date) -> Regions:
    """The divisions that exist on a day, each with its office where there is one, and the places outside."""
    by_code = {one["sk"]: Office(name=one["name"], phone=one["phone"], address=one["address"]) for one in offices}
    divisions = [_division(one, by_code.get(one.code)) for one in hubei() if one.exists(on)]
    places = [_place(one) for one in elsewhere()]
    return Regions(divisions=divisions, elsewhere=places)


def _division(one: Division, office: Office | None) -> DivisionView:
    given = {"office": office} if office else {}
    return DivisionView(code=one.code, name=one.name, level=one.level, parent=one.parent, **given)


def _place(one: Place) -> PlaceView:
    given = {"province": one.province} if one.province else {}
    return PlaceView(code=one.code, name=one.name, **given)
