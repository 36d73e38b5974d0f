"""Bodies of requests: JSON and nothing else. Powertools would take forms too, and what its parser cannot hold would be our fault."""

from typing import Any

from aws_lambda_powertools.event_handler.middlewares.openapi_validation import OpenAPIRequestValidationMiddleware
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestUnsupportedContentType, RequestValidationError

_JSON = "application/json"


class JsonBodies(OpenAPIRequestValidationMiddleware):
    """Validates requests as Powertools does, and reads only JSON.

    Raises RequestUnsupportedContentType for any other type, RequestValidationError for a text that is no JSON or holds a
    number of thousands of digits (Python refuses to read one).
    """

    def __init__(self) -> None:  # typed, for our callers; Powertools' own does nothing
        pass

    def _get_body(self, app: Any) -> dict[str, Any]:
        stated = app.current_event.headers.get("content-type", "").partition(";")[0].strip().lower()
        if stated not in ("", _JSON):
            raise RequestUnsupportedContentType("unsupported", errors=[])
        try:
            return self._parse_json_data(app)
        except ValueError as unreadable:
            raise RequestValidationError([{"type": "json_invalid", "loc": ("body",)}]) from unreadable
