"""Routes of appeals: for whoever cannot sign in, proven by a code on the phone, or by the code of the appeal itself."""

from functools import cache
from typing import Annotated

from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Body, Path
from pydantic import BaseModel, ConfigDict, Field

from identity import appeals, wiring
from identity.schemas import phone_of
from jingkuai.aws.appeal_filing import Intake
from jingkuai.aws.appeal_store import AppealStore, Standing, scans_owner
from jingkuai.aws.clients import dynamodb, s3
from jingkuai.aws.clock import utc_now
from jingkuai.aws.configuration import Configuration, live
from jingkuai.aws.files import Files
from jingkuai.aws.ids import uuid7
from jingkuai.aws.lookup import lookup_key
from jingkuai.aws.scan_store import ScanStore
from jingkuai.aws.settings import settings
from jingkuai.aws.tables import Table
from jingkuai.domain.attachment import AttachmentRules
from jingkuai.web.access import public
from jingkuai.web.appeal_views import AppealRequest, FiledAppealView
from jingkuai.web.idempotency import request_key
from jingkuai.web.scan_views import AnnouncedScanView, AttachmentRequest

router = Router()  # type: ignore[no-untyped-call]  # its constructor has no annotations


class AppealScanRequest(AttachmentRequest):
    """A scan of an appeal about to be uploaded, with the code sent to the phone."""

    phone: Annotated[str, Field(max_length=200)]
    otp: Annotated[str, Field(max_length=200)]


class AppealView(BaseModel):
    """How an appeal stands; `reason` once it was rejected."""

    model_config = ConfigDict(from_attributes=True)

    appeal_id: str
    kind: str
    status: str
    stage: str | None = None
    due_on: str | None = None
    reason: str | None = None

    @classmethod
    def of(cls, found: Standing) -> "AppealView":
        return cls.model_validate(found)


@router.post("/auth/appeals/attachments", middlewares=[public()], status_code=201)
def announce_appeal_scan(body: Annotated[AppealScanRequest, Body()]) -> AnnouncedScanView:
    """Announce a scan of an appeal and get the form to upload it with. AWS calls: 3."""
    scan, form = appeals.announce_scan(
        body.announced(),
        phone_of(body.phone),
        body.otp,
        codes=wiring.codes(),
        lookup=lookup_key(),
        store=ScanStore(_registry()),
        files=Files(s3()),
        bucket=settings().uploads_bucket,
        rules=_attachment_rules().current(utc_now()),
        clock=utc_now,
        new_id=uuid7,
    )
    return AnnouncedScanView.of_new(scan, form)


@router.post("/auth/appeals", middlewares=[public()], status_code=201)
def file_appeal(body: Annotated[AppealRequest, Body()]) -> FiledAppealView:
    """File an appeal; its code on the phone is used up with it. AWS calls: 5, with an Idempotency-Key 6."""
    form, intake = body.form(), _intake()
    key = request_key(router, caller=scans_owner(intake.phone_hash(form.phone)))
    return FiledAppealView.of(appeals.file(form, body.otp, intake=intake, codes=wiring.codes(), clock=utc_now, key=key))


@router.get("/auth/appeals/<query_code>", middlewares=[public()])
def show_appeal(query_code: Annotated[str, Path(max_length=64)]) -> AppealView:
    """How the appeal with this query code stands. AWS calls: 2."""
    return AppealView.of(appeals.standing(query_code, lookup=lookup_key(), store=_store()))


def _registry() -> Table:
    return Table(dynamodb(), settings().registry_table)


def _store() -> AppealStore:
    return AppealStore(_registry(), uuid7)


def _intake() -> Intake:
    return Intake(_store(), _registry(), lookup_key(), wiring.sealer(), uuid7)


@cache
def _attachment_rules() -> Configuration[AttachmentRules]:
    """The limits in force, kept for the life of the process."""
    return live("attachment_rules", AttachmentRules.from_policy)
