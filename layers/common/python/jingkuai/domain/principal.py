"""Who is acting: the account behind a request, with the role and scope its token carries."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """What an account is for. A person of the registry is an `accountant`; staff belong to finance bureaus (财政局)."""

    ACCOUNTANT = "accountant"
    EMPLOYER = "employer"
    INSTITUTION = "institution"
    REVIEWER = "reviewer"
    ADMIN = "admin"
    AUDITOR = "auditor"


STAFF: Final = frozenset({Role.REVIEWER, Role.ADMIN, Role.AUDITOR})


@dataclass(frozen=True, slots=True)
class OwnNames:
    """Keyed hashes of a member of staff's own ID number and phone, by which they are recognised as somebody of the record."""

    id_hashes: tuple[str, ...] = ()
    phone_hash: str | None = None

    @property
    def as_text(self) -> str:
        """For the authorizer's context, where all is text; nothing where there are none."""
        return f"{' '.join(self.id_hashes)}|{self.phone_hash or ''}".removesuffix("|")

    @classmethod
    def read(cls, text: str) -> OwnNames:
        """What `as_text` wrote."""
        numbers, _, phone = text.partition("|")
        return cls(tuple(numbers.split()), phone or None)


UNNAMED: Final = OwnNames()  # whoever is no staff, or staff whose number and phone nobody has entered


@dataclass(frozen=True, slots=True)
class Principal:
    """The account that acts. `scope` is the leading digits of a bureau's region, an employer's unified social credit
    code or an institution's id; `person_id` is set where the account, staff too, is known to be somebody of the record.
    `frozen_by` is the bureau that looks into an appeal about the account: until then it reads, and changes nothing.
    `own` are the names of staff, `people` everybody of the record to whom one of these leads: their number to one, their
    phone to another, say. Both change at any moment, so what is decided about a person asks the names again.
    """

    account_id: str
    role: Role
    scope: str
    person_id: str | None
    name_masked: str
    session: str
    frozen_by: str | None = None
    own: OwnNames = UNNAMED
    people: tuple[str, ...] = ()

    @property
    def is_staff(self) -> bool:
        return self.role in STAFF

    def is_person(self, person_id: str) -> bool:
        """Whether this is the caller's own record (回避), by any of their names."""
        return person_id == self.person_id or person_id in self.people

    def covers(self, region_code: str) -> bool:
        """Whether a bureau's account sees this region. No other covers any: an institution's id may look like one."""
        return self.is_staff and scope_covers(self.scope, region_code)


def scope_of(region_code: str) -> str:
    """The scope of the bureau of a region: 420000 -> 42, 420100 -> 4201, 420106 -> 420106."""
    if region_code.endswith("0000"):
        return region_code[:2]
    return region_code[:4] if region_code.endswith("00") else region_code


def region_of(scope: str) -> str:
    """The region a bureau's scope stands for: 42 -> 420000, 4201 -> 420100."""
    return scope.ljust(6, "0")


def scope_covers(scope: str, region_code: str) -> bool:
    """Whether a bureau of this scope stands at or above the region. An empty or malformed scope covers nothing."""
    scope = scope_of(scope)
    return scope.isascii() and scope.isdigit() and len(scope) in (2, 4, 6) and region_code.startswith(scope)
