"""The one way to make an API of a context: validation, access rules, problem answers and logging are the same in all of them."""

import traceback
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestUnsupportedContentType, RequestValidationError

from jingkuai.aws.tables import Busy
from jingkuai.domain.problem import BadRequest, Forbidden, Kind, NotFound, Problem, Unsupported
from jingkuai.web.access import READING, rule_of
from jingkuai.web.bodies import JsonBodies
from jingkuai.web.principal import request_id
from jingkuai.web.problems import answer, for_reading, of_validation

logger = Logger(child=True)


class ServiceFault(Problem):
    """Something of ours broke. What had been saved stays saved, what had not can be sent again."""

    kind = Kind.FAULT
    code = "internal_error"
    title = "系统暂时无法处理"
    detail = "系统暂时无法处理这次请求，已自动通知管理员。请稍后再试；如仍不成功，请把下方的请求编号告知管理员。"


class TooBusy(Problem):
    """Too many writes met at one place."""

    kind = Kind.TOO_MANY
    code = "busy"
    title = "系统繁忙"
    detail = "同时办理的人较多，这次没有保存。请稍等几秒后重新提交。"


def new_api(context: str) -> APIGatewayRestResolver:
    """The resolver of a context ("identity", "register", …), ready for its routes.

    Powertools validates a request before it runs a route's middlewares, so the rule is asked again where validation
    fails: a stranger with a bad body is refused as a stranger. A route without a rule answers 403 to everybody.
    """
    app = APIGatewayRestResolver(enable_validation=True)
    app._request_validation_middleware = JsonBodies()
    app.configure_openapi(title=f"Jingkuai: {context}", version="1", openapi_version="3.1.0")
    app.use(middlewares=[_require_rule])
    _answer_problems(app)
    return app


def _require_rule(app: Any, next_middleware: Any) -> Any:
    route = app.context["_route"]
    if rule_of(route) is None and route.func.__name__ != "not_found_handler":
        raise Forbidden()
    return next_middleware(app)


def _answer_problems(app: APIGatewayRestResolver) -> None:
    @app.exception_handler(Problem)
    def refuse(problem: Problem) -> Response[Any]:
        return _refused(app, problem)

    @app.exception_handler(RequestValidationError)
    def refuse_invalid(invalid: RequestValidationError) -> Response[Any]:
        return _unless_stranger(app, of_validation(invalid.errors()))

    @app.exception_handler(RecursionError)
    def refuse_depth(_: RecursionError) -> Response[Any]:
        return _unless_stranger(app, BadRequest())  # thousands of brackets: no JSON that any form sends

    @app.exception_handler(RequestUnsupportedContentType)
    def refuse_type(_: RequestUnsupportedContentType) -> Response[Any]:
        return _unless_stranger(app, Unsupported())

    @app.exception_handler(NotFoundError)
    def refuse_unknown(_: NotFoundError) -> Response[Any]:
        return answer(NotFound(), request_id(app))

    @app.exception_handler(Busy)
    def refuse_busy(_: Busy) -> Response[Any]:
        return answer(TooBusy(retry_after=2), request_id(app))

    @app.exception_handler(Exception)
    def admit_fault(fault: Exception) -> Response[Any]:
        # the message of an exception may hold what a person typed; the type and the place never do
        place = "".join(traceback.format_tb(fault.__traceback__))
        logger.error(
            "request_failed", extra={"fault": type(fault).__name__, "place": place, "request_id": request_id(app)}
        )
        return answer(ServiceFault(), request_id(app))


def _unless_stranger(app: APIGatewayRestResolver, problem: Problem) -> Response[Any]:
    try:
        rule = rule_of(app.context["_route"])
        if rule is None:
            raise Forbidden()
        rule.check(app)
    except Problem as stranger:
        return answer(stranger, request_id(app))
    return _refused(app, problem)


def _refused(app: APIGatewayRestResolver, problem: Problem) -> Response[Any]:
    only_reads = app.current_event.http_method in READING
    return answer(for_reading(problem) if only_reads else problem, request_id(app))
