"""Answers other than 200 with a body: created, accepted, done, unchanged."""

from collections.abc import Mapping
from typing import Any, TypeVar

from aws_lambda_powertools.event_handler import Response

View = TypeVar("View")
_JSON = "application/json"


def created(view: View) -> Response[View]:
    """201 with what was created."""
    return Response(status_code=201, content_type=_JSON, body=view)


def no_content() -> Response[Any]:
    """204: done, nothing to say."""
    return Response(status_code=204, body="")  # an absent body would be null, which the gateway need not take


def not_modified(headers: Mapping[str, str | list[str]]) -> Response[Any]:
    """304: the caller's copy is still the same."""
    return Response(status_code=304, body="", headers=dict(headers))


def cacheable(view: View, *, seconds: int) -> Response[View]:
    """200 that a browser or a proxy may keep for some seconds; for public data only."""
    return Response(
        status_code=200, content_type=_JSON, body=view, headers={"Cache-Control": f"public, max-age={seconds}"}
    )
