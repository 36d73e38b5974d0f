"""Routes of the credits context: the ledger, certificates and their verification, imports of institutions, the rules."""

import os
from typing import Annotated, Any
from urllib.parse import unquote

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Path, Query
from aws_lambda_powertools.event_handler.openapi.types import OpenAPIResponse
from aws_lambda_powertools.logging import correlation_paths
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel, ConfigDict, Field

from credits import certificates, imports, ledger, verification
from credits.certificate_views import CertificateView
from credits.import_views import AnnouncedView, ImportView
from credits.imports import Announcement
from credits.ledger_store import LedgerStore
from credits.ledger_views import YearInBrief, YearView
from credits.places import Places, certificate_file_key
from credits.rule_book import rule_book
from credits.store import ImportStore
from credits.verification_views import LetterVerificationView, VerificationView, view_of
from jingkuai.aws import clients
from jingkuai.aws.clock import utc_now
from jingkuai.aws.files import Files
from jingkuai.aws.ids import uuid7
from jingkuai.aws.lookup import lookup_key
from jingkuai.aws.settings import settings
from jingkuai.aws.signing import signer
from jingkuai.aws.tables import Table
from jingkuai.domain.paper_number import as_printed, verify_path
from jingkuai.domain.principal import Role
from jingkuai.domain.workdays import shanghai_year
from jingkuai.web.access import Scope, allow, public
from jingkuai.web.idempotency import request_key
from jingkuai.web.links import public_address
from jingkuai.web.paging import DEFAULT_LIMIT, Cursors, CursorText, Limit, ListOf
from jingkuai.web.principal import principal
from jingkuai.web.resolver import new_api
from jingkuai.web.responses import cacheable, created

logger = Logger()
app = new_api("credits")

Year = Annotated[int | None, Query(ge=2000, le=2100, description="年度；不填为今年")]
VERIFICATION_SECONDS = 60
VERIFY = "/verify/{certificate_no}"  # as the gateway names the route
NOBODYS_NUMBER = "unknown"
RULES_SECONDS = 300


class ImportRequest(BaseModel):
    """A file that is about to be sent; 200 MB at most, more is 413."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    filename: str = Field(min_length=1, max_length=255, pattern=r"^[^\x00-\x1f\x7f]+$")
    size: int = Field(ge=0)
    year: int = Field(ge=2000, le=2100)
    dry_run: bool = False


def _certificate(description: str) -> OpenAPIResponse:
    """What the documentation says of one of the two statuses a certificate is answered with."""
    return {"description": description, "content": {"application/json": {"model": CertificateView}}}


def import_store() -> ImportStore:
    return ImportStore(Table(clients.dynamodb(), settings().registry_table), uuid7)


def ledger_store() -> LedgerStore:
    return LedgerStore(Table(clients.dynamodb(), settings().registry_table))


def places() -> Places:
    return Places(Files(clients.s3()), settings().uploads_bucket, settings().records_bucket)


@app.get("/me/credits", middlewares=[allow(Role.ACCOUNTANT)])
def my_credits(year: Year = None) -> YearView:
    """My credits of a year. AWS calls: 1."""
    now = utc_now()
    of_year = shanghai_year(now) if year is None else year
    rules = rule_book().current(now)
    return YearView.of(ledger.year_of(principal(app).account_id, of_year, store=ledger_store(), rules=rules))


@app.get("/me/credits/history", middlewares=[allow(Role.ACCOUNTANT)])
def my_history(limit: Limit = DEFAULT_LIMIT, cursor: CursorText = None) -> ListOf[YearInBrief]:
    """My years, newest first. AWS calls: 1."""
    me = principal(app).account_id
    cursors = Cursors(lookup_key(), account_id=me, query="/me/credits/history")
    before = (cursors.read(cursor) or {}).get("before")
    years = ledger.history_of(me, store=ledger_store(), rules=rule_book().current(utc_now()), clock=utc_now)
    rest = [one for one in years if before is None or one.rules.year < before]
    more = {"before": rest[limit - 1].rules.year} if len(rest) > limit else None
    return cursors.page([YearInBrief.brief(one) for one in rest[:limit]], more)


@app.post(
    "/me/credits/<year>/certificate",
    middlewares=[allow(Role.ACCOUNTANT)],
    responses={200: _certificate("The one in force"), 201: _certificate("A new one")},
)
def issue_certificate(year: Annotated[int, Path(ge=2000, le=2100)]) -> Response[CertificateView]:
    """My certificate of a fulfilled year: 201 when new, 200 with the same number while the sums are. AWS calls: 4."""
    issued = certificates.issue(
        year,
        by=principal(app),
        store=ledger_store(),
        places=places(),
        rules=rule_book().current(utc_now()),
        signer=signer(settings().certificate_key_id),
        address_of=_verify_url,
        random=os.urandom,
        clock=utc_now,
        new_id=uuid7,
    )
    number = issued.certificate.certificate_no
    where = places()
    link = where.files.download_link(where.records, certificate_file_key(number), f"继续教育合格证明-{year}.pdf")
    view = CertificateView.of(issued.certificate, download_url=link, verify_url=_verify_url(number))
    return created(view) if issued.is_new else Response(200, "application/json", view)


@app.get("/verify/<certificate_no>", middlewares=[public()])
def verify(certificate_no: Annotated[str, Path()]) -> Response[VerificationView | LetterVerificationView]:
    """Whether a certificate or a transfer letter holds, for anybody who has its number.

    AWS calls: 2, for a transfer letter 1, for an unknown number at most 1.
    """
    found = verification.verify(certificate_no, store=ledger_store(), rules=rule_book().current(utc_now()))
    return cacheable(view_of(found), seconds=VERIFICATION_SECONDS)


@app.get("/credits/rules", middlewares=[public()])
def credit_rules(year: Year = None) -> Response[dict[str, Any]]:
    """The conversion rules in force for a year. AWS calls: 0."""
    now = utc_now()
    rules = rule_book().current(now).of(shanghai_year(now) if year is None else year)
    return cacheable(dict(rules.document), seconds=RULES_SECONDS)


@app.post("/institution/imports", middlewares=[allow(Role.INSTITUTION, within=Scope.INSTITUTION)], status_code=201)
def announce_import(body: Annotated[ImportRequest, Body()]) -> AnnouncedView:
    """Announce a file; the answer holds the form that uploads it. AWS calls: 1, with an Idempotency-Key 2."""
    announced = imports.announce(
        Announcement(body.filename, body.size, body.year, body.dry_run),
        by=principal(app),
        request=request_key(app),
        imports=import_store(),
        places=places(),
        clock=utc_now,
        new_id=uuid7,
    )
    return AnnouncedView.of(announced)


@app.get("/institution/imports", middlewares=[allow(Role.INSTITUTION, within=Scope.INSTITUTION)])
def list_imports(limit: Limit = DEFAULT_LIMIT, cursor: CursorText = None) -> ListOf[ImportView]:
    """The institution's imports, newest first; progress and report are on the import itself. AWS calls: 1."""
    me = principal(app)
    cursors = Cursors(lookup_key(), account_id=me.account_id, query="/institution/imports")
    batches, following = import_store().page(me.scope, limit=limit, start=cursors.read(cursor))
    return cursors.page([ImportView.of(batch) for batch in batches], following)


@app.get("/institution/imports/<import_id>", middlewares=[allow(Role.INSTITUTION, within=Scope.INSTITUTION)])
def one_import(import_id: Annotated[str, Path(max_length=64)]) -> ImportView:
    """An import with its progress and, once it has ended, the report. AWS calls: 1."""
    batch = imports.one_of(import_id, by=principal(app), imports=import_store())
    return ImportView.of(batch, report_url=imports.report_link(batch, places()))


def _verify_url(certificate_no: str) -> str:
    return public_address(app, verify_path(certificate_no))


@logger.inject_lambda_context(correlation_id_path=correlation_paths.API_GATEWAY_REST)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answers API Gateway."""
    return app.resolve(_as_a_route_takes_it(event), context)


def _as_a_route_takes_it(event: dict[str, Any]) -> dict[str, Any]:
    """A number may be anything somebody typed or scanned, and is unknown then; Powertools' routes take only some
    characters, so that such a number would be a page that does not exist.
    """
    if event.get("resource") != VERIFY:
        return event
    number = as_printed(unquote(event["path"].partition("/verify/")[2]))
    return {**event, "path": verify_path(number if verification.may_be_verified(number) else NOBODYS_NUMBER)}
