"""Transfers in answers: as the person who moves and the bureaus that decide read them."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Self

from pydantic import BaseModel, ConfigDict

from jingkuai.domain.credit_rules import as_number
from jingkuai.domain.regions import bureau_name, elsewhere, hubei
from jingkuai.domain.transfer import Transfer


class TransferStepView(BaseModel):
    """One step of a transfer: whose it is, where it stands, and what was said."""

    model_config = ConfigDict(from_attributes=True)

    step: str
    who: str
    state: str
    due_on: str | None = None
    decided_at: str | None = None
    reason: str | None = None


class TransferUnitView(BaseModel):
    """A unit by credit code and name."""

    model_config = ConfigDict(from_attributes=True)

    uscc: str
    name: str


class TransferCaseView(BaseModel):
    """A transfer with its way: from where to where, and every party's say."""

    transfer_id: str
    route: str
    status: str
    from_region: str
    from_name: str
    to_region: str
    to_name: str
    from_employer: TransferUnitView | None = None
    to_employer: TransferUnitView | None = None
    employment_status: str
    reason: str
    start_date: str
    submitted_at: str
    due_on: str | None = None
    steps: list[TransferStepView]
    letter_of_origin: dict[str, Any] | None = None
    earlier_credits: list[dict[str, Any]] = []

    @classmethod
    def of(cls, transfer: Transfer) -> Self:
        return cls(**members_of(transfer))


def members_of(transfer: Transfer) -> dict[str, Any]:
    """What every view of a transfer shows."""
    form = transfer.form
    return {
        "transfer_id": transfer.transfer_id,
        "route": transfer.route.value,
        "status": transfer.status.value,
        "from_region": transfer.from_region,
        "from_name": place_name(transfer.from_region),
        "to_region": transfer.to_region,
        "to_name": place_name(transfer.to_region),
        "from_employer": transfer.from_employer.to_json() if transfer.from_employer else None,
        "to_employer": form.get("to_employer"),
        "employment_status": form["employment_status"],
        "reason": form["reason"],
        "start_date": form["start_date"],
        "submitted_at": transfer.submitted_at,
        "due_on": transfer.due_on,
        "steps": [TransferStepView.model_validate(one) for one in transfer.shown_steps()],
        "letter_of_origin": form.get("letter"),
        "earlier_credits": [_credits_of(one) for one in form.get("earlier_credits", ())],
    }


def _credits_of(year: Mapping[str, Any]) -> dict[str, int | float]:
    total, professional = (as_number(Decimal(year[name])) for name in ("total", "professional"))
    return {"year": year["year"], "total": total, "professional": professional}


def place_name(region_code: str) -> str:
    """What people call where a record is kept: a bureau of Hubei, or a place elsewhere."""
    if hubei().get(region_code):
        return bureau_name(region_code)
    return next((one.name for one in elsewhere() if one.code == region_code), region_code)
