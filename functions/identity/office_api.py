"""The route by which a bureau enters its office; everybody reads it with the regions."""

from typing import Annotated

from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Body, Path
from pydantic import BaseModel, ConfigDict

from identity import wiring
from identity.office_form import OfficeForm
from identity.offices import enter_office
from identity.public_data import Office
from identity.schemas import Typed
from jingkuai.aws.clock import utc_now
from jingkuai.domain.principal import Role
from jingkuai.web.access import Scope, allow
from jingkuai.web.principal import principal

router = Router()  # type: ignore[no-untyped-call]  # its constructor has no annotations
RegionCode = Annotated[str, Path(min_length=1, max_length=64, description="六位区划代码")]


class OfficeRequest(BaseModel):
    """Whom to call at a bureau."""

    model_config = ConfigDict(extra="ignore", json_schema_extra={"required": ["name", "phone", "address"]})

    name: Typed
    phone: Typed
    address: Typed


@router.put("/admin/regions/<code>/office", middlewares=[allow(Role.ADMIN, Role.REVIEWER, within=Scope.REGION)])
def put_office(code: RegionCode, body: Annotated[OfficeRequest, Body()]) -> Office:
    """Enter the office of one's own bureau, an admin of any; shown everywhere within a minute. AWS calls: 1."""
    typed = OfficeForm(body.name, body.phone, body.address)
    office = enter_office(code, typed, by=principal(router), store=wiring.offices(), clock=utc_now)
    return Office(name=office.name, phone=office.phone, address=office.address)
