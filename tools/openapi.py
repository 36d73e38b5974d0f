"""`docs/openapi.json`: one OpenAPI 3.1 description of the whole API, generated from the handlers' types and access rules.

`python -m tools.openapi` writes it (`make openapi`); a test regenerates and compares. What properties mean is written in
`openapi_fields.json`. `page()` is the browsable form, which the local stack serves.
"""

from __future__ import annotations

import json
import os
from importlib import import_module
from pathlib import Path
from typing import Any

from tools import openapi_fields

ROOT = Path(__file__).parent.parent
TARGET = ROOT / "docs" / "openapi.json"
CONTEXTS = {
    "identity": "账号与登录 · accounts, codes, sessions, regions and dictionaries",
    "register": "信息采集 · the person's record, scans and submissions",
    "review": "审核 · the inbox of a finance bureau and its decisions",
    "credits": "继续教育学分 · yearly ledger, imports, certificates",
    "notices": "消息 · in-site messages",
}
INTRODUCTION = (
    "湖北省会计人员信息管理系统（荆会）的 HTTP 接口。"
    "错误一律为 application/problem+json：`code` 稳定不变，`detail` 和各项 `message` 为中文。"
    "时间为 UTC（ISO 8601），年度与期限按北京时间。`Authorization: Bearer <access_token>`；标为 public 的接口无需登录。"
    "Generated from the handlers by `make openapi`; do not edit."
)
_TEXT: dict[str, Any] = {"type": "string"}
PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "RFC 9457 problem details: what went wrong, what was kept, what to do next.",
    "required": ["type", "title", "status", "code", "detail", "errors", "request_id"],
    "properties": {
        "type": _TEXT,
        "title": _TEXT,
        "status": {"type": "integer"},
        "code": _TEXT,
        "detail": _TEXT,
        "errors": {"type": "array", "items": {"$ref": "#/components/schemas/FieldProblem"}},
        "request_id": _TEXT,
        # only with the codes that their descriptions name
        "submission_id": _TEXT,
        "transfer_id": _TEXT,
        "kind": _TEXT,
        "name": _TEXT,
        "successor": {"$ref": "#/components/schemas/TransferUnitView"},
        "current": {"anyOf": [{"$ref": "#/components/schemas/DraftView"}, {"type": "integer"}]},
        "yours": {"type": "integer"},
        "shortfall": {"$ref": "#/components/schemas/Needed"},
        "opens_at": _TEXT,
        "enrolment": {"type": "object", "additionalProperties": _TEXT},
    },
}
FIELD_PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "What is wrong with one field.",
    "required": ["field", "code", "message"],
    "properties": dict.fromkeys(("field", "code", "message"), _TEXT),
}
_REPLACED = (
    "HTTPValidationError",
    "ValidationError",
    "ResponseValidationError",
)  # Powertools' own error shapes, which no caller ever sees


def document() -> dict[str, Any]:
    """The description of the whole API. Raises ValueError where two contexts give one name to different shapes."""
    whole: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {
            "title": "Jingkuai 荆会",
            "version": "1",
            "description": INTRODUCTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/v1"}],
        "tags": [{"name": name, "description": text} for name, text in CONTEXTS.items()],
        "paths": {},
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
            "schemas": {"Problem": PROBLEM, "FieldProblem": FIELD_PROBLEM},
        },
    }
    for context in CONTEXTS:
        _add(whole, context)
    whole["components"]["schemas"] = dict(sorted(whole["components"]["schemas"].items()))
    return openapi_fields.read().described(whole)


def _add(whole: dict[str, Any], context: str) -> None:
    app = import_module(f"{context}.api").app
    part = json.loads(app.get_openapi_json_schema(title=context, version="1"))
    routes = {(route.method.lower(), route.openapi_path): route for route in app._static_routes + app._dynamic_routes}
    for path, operations in part["paths"].items():
        for verb, operation in operations.items():
            whole["paths"].setdefault(path, {})[verb] = _operation(operation, context, routes[(verb, path)])
    for name, shape in part.get("components", {}).get("schemas", {}).items():
        if name in _REPLACED:
            continue
        if whole["components"]["schemas"].setdefault(name, shape) != shape:
            raise ValueError(f"{context} describes another {name} than an earlier context: rename one of them")


def _operation(operation: dict[str, Any], context: str, route: Any) -> dict[str, Any]:
    from jingkuai.web.access import rule_of

    rule = rule_of(route)
    text = (route.func.__doc__ or "").strip()
    summary, _, rest = text.partition("\n")
    summary = summary.partition(" AWS calls:")[0]  # what a call costs us is for the code's readers
    refusals = {
        "4XX": {
            "description": "Refused; see `code`.",
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    }
    responses = {status: one for status, one in operation.get("responses", {}).items() if status != "422"}
    public = rule is None or rule.is_public
    who = (
        "public"
        if rule is None or public
        else ", ".join(sorted(role.value for role in rule.roles)) + f" (within {rule.within.value})"
    )
    return {
        **operation,
        "tags": [context],
        "summary": summary.strip(),
        "description": "\n".join(line.strip() for line in rest.splitlines()).strip() + f"\n\nWho: {who}.",
        "security": [] if public else [{"token": []}],
        "responses": {**responses, **refusals},
    }


def text() -> str:
    """The document as it is kept: readable, in a stable order."""
    return json.dumps(document(), ensure_ascii=False, indent=1) + "\n"


def page(description: dict[str, Any], viewer: Path) -> str:
    """A page on which an API can be read and tried, self-contained; `viewer` is the folder of Swagger UI that Powertools ships."""
    style, script = ((viewer / name).read_text() for name in ("swagger-ui.min.css", "swagger-ui-bundle.min.js"))
    embedded = json.dumps(description, ensure_ascii=False).replace("</", "<\\/")
    head = f'<meta charset="utf-8"><title>Jingkuai 荆会 API</title><style>{style}</style>'
    start = f'SwaggerUIBundle({{spec: {embedded}, dom_id: "#api", docExpansion: "none"}})'
    body = f'<div id="api"></div><script>{script}</script><script>{start}</script>'
    return f'<!doctype html><html lang="zh-CN"><head>{head}</head><body>{body}</body></html>\n'


def main() -> None:
    """Write the document."""
    for name, value in {"AWS_DEFAULT_REGION": "us-east-1", "POWERTOOLS_SERVICE_NAME": "openapi"}.items():
        os.environ.setdefault(name, value)
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(text())


if __name__ == "__main__":
    main()
