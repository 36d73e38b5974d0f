"""What the employer's side takes and answers."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StrictBool

from jingkuai.domain.regions import bureau_name
from review.employers.departure_reports import Departure, DepartureForm, DepartureKind
from review.employers.invitations import Invitation
from review.employers.members import Member
from review.employers.succession import Succession, Successor

# Told as missing together with everything else that is wrong, hence no requirement of pydantic's own.
Typed = Annotated[str, Field(default="", max_length=400)]


class MemberView(BaseModel):
    """Somebody of the unit, masked."""

    person_id: str
    name_masked: str
    id_number: str
    region_code: str
    bureau: str
    employer_name: str

    @classmethod
    def of(cls, member: Member) -> MemberView:
        return cls(
            person_id=member.person_id,
            name_masked=member.name_masked,
            id_number=member.id_masked,
            region_code=member.region_code,
            bureau=bureau_name(member.region_code),
            employer_name=member.employer_name,
        )


class MemberListView(BaseModel):
    """A page of members; with `format=xlsx` no page, but where the workbook is for five minutes."""

    items: list[MemberView] = []
    next_cursor: str | None = None
    download_url: str | None = None
    members: int | None = None
    complete: bool | None = None


class DepartureRequest(BaseModel):
    """Somebody has left the unit, or never worked there, and why the unit says so."""

    model_config = ConfigDict(
        extra="ignore", hide_input_in_errors=True, json_schema_extra={"required": ["kind", "reason"]}
    )

    kind: DepartureKind
    reason: Annotated[str, Field(default="", max_length=2000)]

    def form(self) -> DepartureForm:
        return DepartureForm(self.kind, self.reason)


class DepartureView(BaseModel):
    """What the unit has said; `integrity_check` is whether the bureau looks into it."""

    person_id: str
    kind: DepartureKind
    reported_at: str
    integrity_check: bool

    @classmethod
    def of(cls, departure: Departure) -> DepartureView:
        return cls(
            person_id=departure.person_id,
            kind=departure.kind,
            reported_at=departure.at,
            integrity_check=departure.kind is DepartureKind.NEVER_WORKED,
        )


class JoiningRequest(BaseModel):
    """Whom the unit expects."""

    model_config = ConfigDict(
        extra="ignore", hide_input_in_errors=True, json_schema_extra={"required": ["name", "phone"]}
    )

    name: Typed
    phone: Typed


class JoiningView(BaseModel):
    """Until when the invitation stands; whether the phone is known here is not said."""

    phone: str
    valid_until: str

    @classmethod
    def of(cls, invitation: Invitation) -> JoiningView:
        return cls(phone=invitation.phone_masked, valid_until=invitation.valid_until.isoformat())


class SuccessorRequest(BaseModel):
    """The unit that takes the place of this one; the same code with another name is a new name."""

    model_config = ConfigDict(
        extra="ignore", hide_input_in_errors=True, json_schema_extra={"required": ["uscc", "name"]}
    )

    uscc: Typed
    name: Typed
    preview: StrictBool = False

    def successor(self) -> Successor:
        return Successor(self.uscc, self.name)


class SuccessionView(BaseModel):
    """How many members a succession moves, how many have moved, and whether it goes on."""

    uscc: str
    successor_uscc: str
    successor_name: str
    status: str
    members: int
    moved: int

    @classmethod
    def of(cls, succession: Succession) -> SuccessionView:
        return cls(
            uscc=succession.uscc,
            successor_uscc=succession.successor.uscc,
            successor_name=succession.successor.name,
            status=succession.status.value,
            members=succession.members,
            moved=succession.moved,
        )
