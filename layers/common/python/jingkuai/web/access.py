"""Who may call a route: the rule stands in the same breath as the path, and a route without one answers nobody."""

from enum import StrEnum
from typing import Any, Final

from aws_lambda_powertools.event_handler.middlewares import BaseMiddlewareHandler, NextMiddleware

from jingkuai.domain.disputed_account import AccountFrozen
from jingkuai.domain.principal import Role
from jingkuai.domain.problem import Forbidden
from jingkuai.web.principal import principal

READING: Final = frozenset({"GET", "HEAD"})


class Scope(StrEnum):
    """How far a caller's right reaches. The rule names it; the use case enforces it, and answers 404 outside."""

    ANYONE = "anyone"
    SELF = "self"
    REGION = "region"
    EMPLOYER = "employer"
    INSTITUTION = "institution"


class Access(BaseMiddlewareHandler[Any]):
    """The access rule of one route: some roles within a scope, or nobody in particular (public).

    A disputed account reads and changes nothing, whatever the route, unless the rule says `while_frozen`.
    """

    def __init__(self, roles: frozenset[Role], within: Scope, *, while_frozen: bool = False) -> None:
        self.roles = roles
        self.within = within
        self.while_frozen = while_frozen

    @property
    def is_public(self) -> bool:
        return self.within is Scope.ANYONE

    def check(self, app: Any) -> None:
        """Raises Unauthenticated without a token, Forbidden for a role the rule does not name, AccountFrozen."""
        if self.is_public:
            return
        caller = principal(app)
        if caller.role not in self.roles:
            raise Forbidden()
        if caller.frozen_by and not self.while_frozen and app.current_event.http_method not in READING:
            raise AccountFrozen.by(caller.frozen_by)

    def handler(self, app: Any, next_middleware: NextMiddleware) -> Any:
        self.check(app)
        return next_middleware(app)


def allow(*roles: Role, within: Scope = Scope.SELF) -> Access:
    """Only these roles, each within the scope."""
    return Access(frozenset(roles), within)


def signed_in(within: Scope = Scope.SELF, *, while_frozen: bool = False) -> Access:
    """Anybody with a living token."""
    return Access(frozenset(Role), within, while_frozen=while_frozen)


def public() -> Access:
    """Everybody, without a token: the gateway asks no authorizer on this route either."""
    return Access(frozenset(), Scope.ANYONE)


def rule_of(route: Any) -> Access | None:
    """The access rule a route was declared with."""
    return next((one for one in route.middlewares if isinstance(one, Access)), None)
