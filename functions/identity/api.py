"""Routes of the identity context: accounts and sessions, one-time codes, and what anybody may read."""

from secrets import token_bytes
from typing import Annotated, Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body
from aws_lambda_powertools.event_handler.openapi.types import OpenAPIResponse
from aws_lambda_powertools.logging import correlation_paths
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel

from identity import commands, password_reset, public_data, registration, sending_codes, sessions, sign_in, wiring
from identity.account_api import router as accounts_of_others
from identity.appeal_api import router as appeals
from identity.office_api import router as offices
from identity.public_data import Dictionaries, PrivacyNotice, Published, Regions
from identity.schemas import (
    LoginByCodeRequest,
    LoginRequest,
    OtpAnswer,
    OtpRequest,
    RefreshRequest,
    RegisteredAnswer,
    RegisterRequest,
    ResetRequest,
    TokensAnswer,
    phone_of,
)
from jingkuai.aws.clock import utc_now
from jingkuai.aws.ids import uuid7
from jingkuai.aws.lookup import lookup_key
from jingkuai.aws.settings import settings
from jingkuai.web.access import public, signed_in
from jingkuai.web.principal import principal
from jingkuai.web.resolver import new_api
from jingkuai.web.responses import no_content, not_modified

logger = Logger()
app = new_api("identity")
app.include_router(accounts_of_others)
app.include_router(appeals)
app.include_router(offices)


def _answers(model: type[BaseModel]) -> dict[int, OpenAPIResponse]:
    """What the documentation says of an answer that was written out before."""
    return {200: {"description": "Success", "content": {"application/json": {"model": model}}}}


@app.get("/privacy-notice", middlewares=[public()], responses=_answers(PrivacyNotice))
def get_privacy_notice() -> Response[Any]:
    """The personal-information notice to be acknowledged at registration. AWS calls: 0."""
    return _cacheable(public_data.privacy_notice(), seconds=3600)


@app.get("/regions", middlewares=[public()], responses=_answers(Regions))
def get_regions() -> Response[Any]:
    """Divisions of Hubei with their offices, and the provinces and cities elsewhere. AWS calls: 1 a minute."""
    return _cacheable(wiring.regions().get(wiring.store(), utc_now), seconds=60)


@app.get("/dictionaries", middlewares=[public()], responses=_answers(Dictionaries))
def get_dictionaries() -> Response[Any]:
    """Every coded field's values. AWS calls: 0."""
    return _cacheable(public_data.all_dictionaries(), seconds=3600)


@app.post("/auth/otp", middlewares=[public()], status_code=202)
def ask_for_code(body: Annotated[OtpRequest, Body()]) -> OtpAnswer:
    """Send a one-time code; the answer never tells whether the phone is known. AWS calls: 3."""
    sent = sending_codes.send_code(
        phone_of(body.phone),
        body.purpose,
        address=_source_address(),
        a_minute=settings().otp_per_address_a_minute,
        per_phone=wiring.rules().codes_per_phone,
        store=wiring.codes(),
        lookup=lookup_key(),
        sms=wiring.sms(),
        clock=utc_now,
        random=token_bytes,
    )
    return OtpAnswer.of(sent)


@app.post("/auth/register", middlewares=[public()], status_code=201)
def register(body: Annotated[RegisterRequest, Body()]) -> RegisteredAnswer:
    """Register a person and sign them in. AWS calls: 4."""
    tokens = registration.register(
        body.form(),
        store=wiring.store(),
        codes=wiring.codes(),
        lookup=lookup_key(),
        sealer=wiring.sealer(),
        issuer=wiring.issuer(),
        clock=utc_now,
        new_id=uuid7,
    )
    return RegisteredAnswer.of(tokens)


@app.post("/auth/login", middlewares=[public()])
def login(body: Annotated[LoginRequest, Body()]) -> TokensAnswer:
    """Sign in with ID number, phone, username or institution id. AWS calls: 4, with a second factor 5."""
    tokens = sign_in.sign_in(
        body.credentials(),
        origin=_source_address(),
        store=wiring.store(),
        lookup=lookup_key(),
        sealer=wiring.sealer(),
        issuer=wiring.issuer(),
        rules=wiring.rules(),
        clock=utc_now,
        new_id=uuid7,
    )
    return TokensAnswer.of(tokens)


@app.post("/auth/login/otp", middlewares=[public()])
def login_with_code(body: Annotated[LoginByCodeRequest, Body()]) -> TokensAnswer:
    """Sign in an accountant with a code on their phone. AWS calls: 4."""
    tokens = sign_in.sign_in_with_code(
        phone_of(body.phone),
        body.otp,
        origin=_source_address(),
        store=wiring.store(),
        codes=wiring.codes(),
        lookup=lookup_key(),
        issuer=wiring.issuer(),
        rules=wiring.rules().lock,
        clock=utc_now,
        new_id=uuid7,
    )
    return TokensAnswer.of(tokens)


@app.post("/auth/refresh", middlewares=[public()])
def refresh(body: Annotated[RefreshRequest, Body()]) -> TokensAnswer:
    """New tokens for the newest refresh token; an older one ends its session. AWS calls: 3."""
    tokens = sessions.refresh(body.refresh_token, store=wiring.sessions(), issuer=wiring.issuer(), clock=utc_now)
    return TokensAnswer.of(tokens)


@app.post("/auth/logout", middlewares=[signed_in(while_frozen=True)], status_code=204)
def logout() -> Response[Any]:
    """End this session and its tokens. AWS calls: 1."""
    me = principal(app)
    wiring.sessions().end(me.account_id, me.session)
    return no_content()


@app.post("/auth/password/reset", middlewares=[public()], status_code=204)
def reset_password(body: Annotated[ResetRequest, Body()]) -> Response[Any]:
    """Set a new password by a code on the phone; ends every session. AWS calls: 3."""
    password_reset.reset_password(
        body.id_number,
        phone_of(body.phone),
        body.otp,
        body.new_password,
        origin=_source_address(),
        store=wiring.store(),
        codes=wiring.codes(),
        lookup=lookup_key(),
        clock=utc_now,
        new_id=uuid7,
    )
    return no_content()


@logger.inject_lambda_context(correlation_id_path=correlation_paths.API_GATEWAY_REST)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """The Lambda entry point: a request, or an operator's command, which no gateway can send."""
    if "command" in event:
        return commands.run(event, wiring.desk(None, None))
    return app.resolve(event, context)


def _source_address() -> str:
    return wiring.source_address(app)


def _cacheable(answer: Published, *, seconds: int) -> Response[Any]:
    """200 with its tag, or 304 where the caller's copy is still the same."""
    headers = {"Cache-Control": f"public, max-age={seconds}", "ETag": answer.etag}
    if answer.is_same(app.current_event.headers.get("if-none-match")):
        return not_modified(headers)
    return Response(status_code=200, content_type="application/json", body=answer.body, headers=headers)
