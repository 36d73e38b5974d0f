"""What an operator may do by invoking the function, which takes a right of its own (`lambda:InvokeFunction`)."""

from collections.abc import Mapping
from typing import Any

from identity.first_admin import open_first_admin, renew_first_invitation
from identity.opening import Desk
from jingkuai.domain.problem import Problem


def run(event: Mapping[str, Any], desk: Desk) -> dict[str, Any]:
    """`open_first_admin` with `username, name, phone`, or `renew_first_invitation`: answers the link's token, or why not."""
    try:
        if event["command"] == "open_first_admin":
            username, name, phone = (str(event.get(one, "")) for one in ("username", "name", "phone"))
            opened = open_first_admin(username, name, phone, desk)
        elif event["command"] == "renew_first_invitation":
            opened = renew_first_invitation(desk)
        else:
            return {"refused": "unknown_command", "detail": str(event["command"])}
    except Problem as problem:
        errors = [{"field": one.field, "code": one.code, "message": one.message} for one in problem.errors]
        return {"refused": problem.code, "detail": problem.detail, "errors": errors}
    return {"account_id": opened.account_id, "username": opened.username, "invitation_token": opened.token}
