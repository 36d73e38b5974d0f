"""API Gateway on one's desk: Chalice's local classes turn a request into the event a handler gets, the template says which handler.

In one process with the handlers and moto, so a breakpoint in a use case stops a test of its route. What the gateway
answers by itself (no token, no such route) is what the template lets it say.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from typing import Any

from chalice.local import LambdaContext, LambdaEventConverter, LocalARNBuilder, RouteMatcher

from tests.cloud import template

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]
VERBS = ("get", "post", "put", "patch", "delete")
REQUEST_ID = "local-request"
HERE = "127.0.0.1"


@dataclass(frozen=True)
class Route:
    """A route as `template.yaml` declares it."""

    method: str
    path: str
    function: str
    public: bool

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    def at(self, **places: object) -> str:
        """Its path with these in the places of its parameters; what is not given is an id nobody has."""
        return re.sub(
            r"{(\w+)}", lambda found: str(places.get(found[1], "01990000-0000-7000-8000-00000000dead")), self.path
        )


@dataclass(frozen=True)
class Answer:
    """What came back; names of headers in lower case."""

    status: int
    headers: Mapping[str, str]
    text: str

    @cached_property
    def json(self) -> Any:
        return json.loads(self.text)


def declared_routes() -> list[Route]:
    """Every route of the template's API, with the logical id of its function."""
    return [
        Route(verb.upper(), path, _function(method), "security" not in method)
        for path, methods in _api()["paths"].items()
        for verb, method in methods.items()
        if verb in VERBS
    ]


def _api() -> dict[str, Any]:
    body: dict[str, Any] = template()["Resources"]["Api"]["Properties"]["DefinitionBody"]
    return body


def _function(method: dict[str, Any]) -> str:
    uri = str(method["x-amazon-apigateway-integration"]["uri"]["Sub"])
    return uri.partition("functions/${")[2].partition(".Arn")[0]


def handler_of(logical_id: str) -> Handler:
    """The handler a function of the template names."""
    module, _, name = template()["Resources"][logical_id]["Properties"]["Handler"].rpartition(".")
    found: Handler = getattr(import_module(module), name)
    return found


def invoke(logical_id: str, event: dict[str, Any]) -> dict[str, Any]:
    """A function of the template, called with this event."""
    return handler_of(logical_id)(event, LambdaContext(logical_id, 512, 60_000))


class Gateway:
    """Sends requests to the handlers as the deployed API would: authorizer first, then the function of the route."""

    def __init__(self) -> None:
        self._routes = {(route.method, route.path): route for route in declared_routes()}
        self._events = LambdaEventConverter(RouteMatcher(sorted({route.path for route in self._routes.values()})))
        schemes = _api()["components"]["securitySchemes"]
        authorizer = schemes["token"]["x-amazon-apigateway-authorizer"]
        self._looks_like_a_token = re.compile(authorizer["identityValidationExpression"])

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
        origin: str = HERE,
    ) -> Answer:
        """One request; a body that is no text is sent as JSON."""
        sent = {"content-type": "application/json", **({"authorization": f"Bearer {token}"} if token else {})}
        sent |= {name.lower(): value for name, value in (headers or {}).items()}
        text: Any = body if body is None or isinstance(body, str) else json.dumps(body)
        try:
            event = self._events.create_lambda_event(method, path, sent, text)
            route = self._routes[(method, event["requestContext"]["resourcePath"])]
        except (ValueError, KeyError):
            return own_answer("MISSING_AUTHENTICATION_TOKEN")
        _complete(event, route, path, origin)
        if not route.public:
            told = self._authorize(method, path, sent.get("authorization", ""))
            if told is None:
                return own_answer("UNAUTHORIZED")
            event["requestContext"]["authorizer"] = told
        answer = invoke(route.function, event)
        joined = {name.lower(): values[-1] for name, values in (answer.get("multiValueHeaders") or {}).items()}
        return Answer(answer["statusCode"], joined, answer["body"])

    def _authorize(self, method: str, path: str, header: str) -> dict[str, Any] | None:
        """The authorizer's context, or None where the gateway would answer 401."""
        if not self._looks_like_a_token.match(header):
            return None
        asked = {"type": "TOKEN", "authorizationToken": header, "methodArn": LocalARNBuilder().build_arn(method, path)}
        try:
            verdict = invoke("Authorizer", asked)
        except Exception as refused:
            if str(refused) != "Unauthorized":
                raise
            return None
        told: dict[str, Any] = verdict["context"]
        return told


def _complete(event: dict[str, Any], route: Route, path: str, origin: str) -> None:
    """What API Gateway puts into an event and Chalice leaves out."""
    query = event["multiValueQueryStringParameters"]
    event |= {
        "path": path.partition("?")[0],
        "httpMethod": route.method,
        "resource": route.path,
        "isBase64Encoded": False,
        "multiValueHeaders": {name: [value] for name, value in event["headers"].items()},
        "queryStringParameters": query and {name: values[-1] for name, values in query.items()},
    }
    event["requestContext"] |= {"requestId": REQUEST_ID, "stage": "v1", "path": "/v1" + event["path"]}
    event["requestContext"]["identity"] = {"sourceIp": origin}


def own_answer(kind: str) -> Answer:
    """What the gateway says without asking a function, as the template words it."""
    said = _api()["x-amazon-apigateway-gateway-responses"][kind]
    headers = {
        name.removeprefix("gatewayresponse.header.").lower(): value.strip("'")
        for name, value in said["responseParameters"].items()
    }
    text = said["responseTemplates"]["application/json"].replace("$context.requestId", REQUEST_ID)
    return Answer(said["statusCode"], headers, text)
