"""Who may call a route: the rule stands in the same breath as the path, and a route without one answers nobody."""

from enum import StrEnum
from typing import Any

from aws_lambda_powertools.event_handler.middlewares import BaseMiddlewareHandler, NextMiddleware

from jingkuai.domain.principal import Role
from jingkuai.domain.problem import Forbidden
from jingkuai.web.principal import principal


class Scope(StrEnum):
    """How far a caller's right reaches. The rule names it; the use case enforces it, and answers 404 outside."""

    ANYONE = "anyone"
    SELF = "self"
    REGION = "region"
    EMPLOYER = "employer"
    INSTITUTION = "institution"


class Access(BaseMiddlewareHandler[Any]):
    """The access rule of one route: some roles within a scope, or nobody in particular (public)."""

    def __init__(self, roles: frozenset[Role], within: Scope) -> None:
        self.roles = roles
        self.within = within

    @property
    def is_public(self) -> bool:
        return self.within is Scope.ANYONE

    def check(self, app: Any) -> None:
        """Raises Unauthenticated without a token, Forbidden for a role the rule does not name."""
        if not self.is_public and principal(app).role not in self.roles:
            raise Forbidden()

    def handler(self, app: Any, next_middleware: NextMiddleware) -> Any:
        self.check(app)
        return next_middleware(app)


def allow(*roles: Role, within: Scope = Scope.SELF) -> Access:
    """Only these roles, each within the scope."""
    return Access(frozenset(roles), within)


def signed_in(within: Scope = Scope.SELF) -> Access:
    """Anybody with a living token."""
    return Access(frozenset(Role), within)


def public() -> Access:
    """Everybody, without a token: the gateway asks no authorizer on this route either."""
    return Access(frozenset(), Scope.ANYONE)


def rule_of(route: Any) -> Access | None:
    """The access rule a route was declared with."""
    return next((one for one in route.middlewares if isinstance(one, Access)), None)
