"""Routes of the register context: people's own account page, draft, scans and submissions; the record's are in `record_api.py`."""

from functools import cache
from typing import Annotated, Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler.openapi.params import Body, Path
from aws_lambda_powertools.logging import correlation_paths
from aws_lambda_powertools.utilities.typing import LambdaContext

from jingkuai.aws import clients
from jingkuai.aws.clock import utc_now
from jingkuai.aws.configuration import Configuration, live
from jingkuai.aws.files import Files
from jingkuai.aws.ids import uuid7
from jingkuai.aws.lookup import lookup_key
from jingkuai.aws.scan_store import ScanStore, announce
from jingkuai.aws.sealing import Sealer
from jingkuai.aws.settings import settings
from jingkuai.aws.tables import Table
from jingkuai.domain.attachment import AttachmentRules
from jingkuai.domain.principal import Role
from jingkuai.web.access import allow, signed_in
from jingkuai.web.idempotency import request_key
from jingkuai.web.paging import DEFAULT_LIMIT, Cursors, CursorText, Limit, ListOf
from jingkuai.web.principal import principal
from jingkuai.web.resolver import new_api
from jingkuai.web.scan_views import AnnouncedScanView, AttachmentRequest, AttachmentView
from register import attachments, drafts, resubmission, submissions
from register.account_page import account_page
from register.draft_store import DraftStore
from register.record_api import record_rules
from register.record_api import router as record
from register.rights_api import router as rights
from register.store import RegisterStore
from register.submission_store import SubmissionStore
from register.transfer.api import router as transfers
from register.views import (
    DraftRequest,
    DraftView,
    MeView,
    ResubmissionRequest,
    SubmissionRequest,
    SubmissionView,
)

logger = Logger()
app = new_api("register")
app.include_router(rights)
app.include_router(record)
app.include_router(transfers)
Id = Annotated[str, Path(max_length=64)]


@app.get("/me", middlewares=[signed_in()])
def show_me() -> MeView:
    """My account, unread messages, what to do next. AWS calls: 1, while a submission is on its way 2."""
    me = principal(app)
    rules = record_rules().current(utc_now())
    return MeView.of(me, account_page(by=me, store=RegisterStore(registry()), rules=rules, clock=utc_now))


@app.get("/me/draft", middlewares=[allow(Role.ACCOUNTANT)])
def show_draft() -> DraftView:
    """The registration form as saved so far. AWS calls: 1, with a phone in it 2."""
    draft = draft_store().draft(principal(app).account_id, at=utc_now())
    return DraftView.model_validate(drafts.shown(draft))


@app.put("/me/draft", middlewares=[allow(Role.ACCOUNTANT)])
def save_draft(body: Annotated[DraftRequest, Body()]) -> DraftView:
    """Save sections of the registration form, the others stay. AWS calls: 1, with a phone in the form 2."""
    saved = drafts.save(body.payload, body.version, by=principal(app), store=draft_store(), clock=utc_now)
    return DraftView.model_validate(drafts.shown(saved))


@app.post("/me/attachments", middlewares=[allow(Role.ACCOUNTANT, Role.EMPLOYER)], status_code=201)
def announce_scan(body: Annotated[AttachmentRequest, Body()]) -> AnnouncedScanView:
    """Announce a scan and get the form to upload it with. AWS calls: 1, with an Idempotency-Key 2."""
    scan, form = announce(
        body.announced(),
        owner=principal(app).account_id,
        store=ScanStore(registry()),
        files=Files(clients.s3()),
        bucket=settings().uploads_bucket,
        rules=attachment_rules().current(utc_now()),
        clock=utc_now,
        new_id=uuid7,
        key=request_key(app),
    )
    return AnnouncedScanView.of_new(scan, form)


@app.get("/me/attachments/<attachment_id>", middlewares=[allow(Role.ACCOUNTANT, Role.EMPLOYER)])
def show_scan(attachment_id: Id) -> AttachmentView:
    """What became of a scan, and where to get it. AWS calls: 1."""
    scan = attachments.own_scan(attachment_id, by=principal(app), store=ScanStore(registry()), clock=utc_now)
    files, bucket = Files(clients.s3()), settings().records_bucket
    return AttachmentView.of(
        scan,
        attachments.download_link(scan, files=files, bucket=bucket),
        attachments.rendering_link(scan, files=files, bucket=bucket),
    )


@app.post("/me/submissions", middlewares=[allow(Role.ACCOUNTANT)], status_code=201)
def submit(body: Annotated[SubmissionRequest, Body()]) -> SubmissionView:
    """File a registration or a change for review. AWS calls: 2, with an Idempotency-Key 3, with a new ID number 3."""
    submission = submissions.submit(
        body.kind,
        body.wish(),
        by=principal(app),
        store=submission_store(),
        lookup=lookup_key(),
        sealer=sealer(),
        clock=utc_now,
        new_id=uuid7,
        key=request_key(app),
    )
    return SubmissionView.of(submission)


@app.get("/me/submissions", middlewares=[allow(Role.ACCOUNTANT)])
def list_submissions(limit: Limit = DEFAULT_LIMIT, cursor: CursorText = None) -> ListOf[SubmissionView]:
    """My submissions, newest first. AWS calls: 1."""
    me = principal(app)
    cursors = Cursors(lookup_key(), account_id=me.account_id, query="/me/submissions")
    page = submission_store().page(me.account_id, limit=limit, start=cursors.read(cursor))
    return cursors.page([SubmissionView.of(one) for one in page.submissions], page.next_start)


@app.get("/me/submissions/<submission_id>", middlewares=[allow(Role.ACCOUNTANT)])
def show_submission(submission_id: Id) -> SubmissionView:
    """One of my submissions with its timeline. AWS calls: 1."""
    return SubmissionView.of(submissions.own_submission(submission_id, by=principal(app), store=submission_store()))


@app.post("/me/submissions/<submission_id>/resubmit", middlewares=[allow(Role.ACCOUNTANT)])
def resubmit(submission_id: Id, body: Annotated[ResubmissionRequest, Body()]) -> SubmissionView:
    """Send a returned submission again, corrected. AWS calls: 2, with another new ID number 3."""
    again = resubmission.resubmit(
        submission_id,
        body.wish(),
        by=principal(app),
        store=submission_store(),
        lookup=lookup_key(),
        sealer=sealer(),
        clock=utc_now,
    )
    return SubmissionView.of(again)


@app.post("/me/submissions/<submission_id>/withdraw", middlewares=[allow(Role.ACCOUNTANT)])
def withdraw(submission_id: Id) -> SubmissionView:
    """Take a submission back while nobody has decided it. AWS calls: 2."""
    return SubmissionView.of(
        submissions.withdraw(submission_id, by=principal(app), store=submission_store(), clock=utc_now)
    )


def registry() -> Table:
    return Table(clients.dynamodb(), settings().registry_table)


def draft_store() -> DraftStore:
    return DraftStore(registry(), sealer())


def sealer() -> Sealer:
    return Sealer(clients.kms(), settings().data_key_id)


def submission_store() -> SubmissionStore:
    return SubmissionStore(registry(), uuid7)


@cache
def attachment_rules() -> Configuration[AttachmentRules]:
    """The limits in force, kept for the life of the process."""
    return live("attachment_rules", AttachmentRules.from_policy)


@logger.inject_lambda_context(correlation_id_path=correlation_paths.API_GATEWAY_REST)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answers API Gateway."""
    return app.resolve(event, context)
