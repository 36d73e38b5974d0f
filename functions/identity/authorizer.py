"""The API's Lambda authorizer: who calls, by their access token and by what stands in the table at this moment.

It answers for the whole stage (API Gateway keeps the answer for 30 s and uses it for every route); which role may do
what stands beside each route. Kept light: at a cold start the first caller waits for every module it loads.
"""

import json
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from identity.accounts import Account
from identity.session_records import Session
from identity.session_store import SessionStore
from jingkuai.aws.clients import dynamodb
from jingkuai.aws.clock import Clock, utc_now
from jingkuai.aws.settings import Settings, settings
from jingkuai.aws.signing import Signer, signers
from jingkuai.aws.tables import Table
from jingkuai.aws.tokens import Claims, InvalidToken, verify

_SCHEME = "bearer "
_logger = logging.getLogger("authorizer")
_logger.setLevel(logging.INFO)
_logger.addHandler(
    logging.StreamHandler()
)  # one line of JSON each, as the other functions write, without their logger's cost
_logger.propagate = False


class Refused(Exception):
    """This token opens nothing; `why` is a word for the log."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """An allowing policy with the caller in its context. Raises Exception("Unauthorized"), which API Gateway answers with 401."""
    try:
        told = settings()
        identity, registry = (Table(dynamodb(), name) for name in (told.identity_table, told.registry_table))
        store, keys = SessionStore(identity, registry), _keys(told)
        allowed = allow(event["authorizationToken"], store=store, keys=keys, clock=utc_now)
    except Refused as refused:
        _log("refused", why=refused.why)
        raise Exception("Unauthorized") from None
    _log("allowed", account_id=allowed["account_id"])
    return _policy(allowed, event["methodArn"])


def _keys(told: Settings) -> Mapping[str, Signer]:
    return signers(told.token_key_id, *told.other_token_key_ids)


def allow(header: str, *, store: SessionStore, keys: Mapping[str, Signer], clock: Clock) -> dict[str, str]:
    """The caller of a request, as `jingkuai.web.principal` reads it.

    Raises Refused unless the token is genuine and living, and its session and account stand as they did at its issue.
    AWS calls: 1, for staff 2, one more every five minutes of a session, one more for each key in the life of the process (its public half).
    """
    now = clock()
    claims = _claims(header, keys, now)
    account, session = store.account_and_session(claims.sub, claims.session)
    if account is None or session is None or not session.is_alive(account, now):
        raise Refused("ended")
    if not account.counts(claims.epoch, opened_at=session.opened_at):
        raise Refused("ended")
    if session.is_due_for_a_note(now):
        store.note_seen(session, now)
    return _told(account, session, store.people_of(session))


def _claims(header: str, keys: Mapping[str, Signer], now: datetime) -> Claims:
    if not header[: len(_SCHEME)].lower() == _SCHEME:
        raise Refused("no_bearer")
    try:
        return verify(header[len(_SCHEME) :].strip(), keys, now=now)
    except InvalidToken as invalid:
        raise Refused(str(invalid)) from invalid


def _told(account: Account, session: Session, people: Sequence[str]) -> dict[str, str]:
    """Text only: API Gateway passes on nothing else. All as it stands, so that a token never claims more."""
    return {
        "account_id": account.account_id,
        "role": account.role.value,
        "scope": account.scope,
        "person_id": people[0] if people else "",
        "people": " ".join(people),
        "own": session.own.as_text,
        "name_masked": account.name_masked,
        "session": session.family,
        "frozen_by": account.frozen_by or "",
    }


def _policy(told: dict[str, str], method_arn: str) -> dict[str, Any]:
    api, stage = method_arn.split("/")[:2]
    statement = {"Action": "execute-api:Invoke", "Effect": "Allow", "Resource": f"{api}/{stage}/*"}
    return {
        "principalId": told["account_id"],
        "policyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        "context": told,
    }


def _log(what: str, **more: str) -> None:
    _logger.info(json.dumps({"level": "INFO", "service": "authorizer", "message": what, **more}))
