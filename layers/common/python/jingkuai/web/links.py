"""Addresses of this API that leave it: on a certificate, in a message."""

from typing import Any

from jingkuai.aws.settings import settings


def public_address(app: Any, path: str) -> str:
    """The full address of a path of this API: as configured, else as the request came in (API Gateway's own domain and stage)."""
    if base := settings().public_base_url:
        return base + path
    event = app.current_event
    context = event.get("requestContext") or {}
    stage_prefix = str(context.get("path", "")).removesuffix(event.path)
    return f"https://{context.get('domainName', '')}{stage_prefix}{path}"
