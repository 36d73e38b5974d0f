"""The caller of a request, as the authorizer vouched for."""

from typing import Any, Protocol

from jingkuai.domain.principal import OwnNames, Principal, Role
from jingkuai.domain.problem import Unauthenticated


class HasEvent(Protocol):
    """What this module needs of a resolver."""

    @property
    def current_event(self) -> Any: ...


def principal(app: HasEvent) -> Principal:
    """Who calls, from the authorizer's context (all text). Raises Unauthenticated where there is none."""
    told = (app.current_event.get("requestContext") or {}).get("authorizer") or {}
    if not told.get("account_id"):
        raise Unauthenticated()
    return Principal(
        account_id=told["account_id"],
        role=Role(told["role"]),
        scope=told.get("scope") or "",
        person_id=told.get("person_id") or None,
        name_masked=told.get("name_masked") or "",
        session=told.get("session") or "",
        frozen_by=told.get("frozen_by") or None,
        own=OwnNames.read(told.get("own") or ""),
        people=tuple((told.get("people") or "").split()),
    )


def request_id(app: HasEvent) -> str:
    """The gateway's id of this request: what a user quotes when asking for help."""
    return str((app.current_event.get("requestContext") or {}).get("requestId", ""))
