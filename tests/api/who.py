"""Who may call what, written down from the contract and not from the rules in the code, and one caller of each role."""

from __future__ import annotations

from itertools import count

from jingkuai.domain.principal import Role
from tests.api.gateway import Route, declared_routes
from tests.api.registry import HUBEI, WUCHANG, Caller, Registry

EVERYBODY, NOBODY = "everybody", "nobody"
ANY = frozenset(Role)
ACCOUNTANT = frozenset({Role.ACCOUNTANT})
WHO_UPLOADS = frozenset({Role.ACCOUNTANT, Role.EMPLOYER})
REVIEWER = frozenset({Role.REVIEWER})
WHO_SEES_INBOXES = frozenset({Role.REVIEWER, Role.ADMIN})
INSTITUTION = frozenset({Role.INSTITUTION})
EMPLOYER = frozenset({Role.EMPLOYER})
ADMIN = frozenset({Role.ADMIN})
WHO_ADMINISTERS = frozenset({Role.ADMIN, Role.REVIEWER})  # the form is read before the region is asked

WHO: dict[str, frozenset[Role] | str] = {
    "GET /privacy-notice": EVERYBODY,
    "GET /regions": EVERYBODY,
    "GET /dictionaries": EVERYBODY,
    "POST /auth/otp": EVERYBODY,
    "POST /auth/register": EVERYBODY,
    "POST /auth/login": EVERYBODY,
    "POST /auth/login/otp": EVERYBODY,
    "POST /auth/refresh": EVERYBODY,
    "POST /auth/logout": ANY,
    "POST /auth/password/reset": EVERYBODY,
    "GET /me": ANY,
    "GET /me/profile": ACCOUNTANT,
    "POST /me/profile/reveal": ACCOUNTANT,
    "GET /me/access-log": ACCOUNTANT,
    "GET /me/export": ACCOUNTANT,
    "POST /me/export": ACCOUNTANT,
    "POST /me/deactivate": ACCOUNTANT,
    "GET /me/profile/history": ACCOUNTANT,
    "GET /me/profile/differences": ACCOUNTANT,
    "POST /me/profile/confirmed": ACCOUNTANT,
    "PATCH /me/contact": ACCOUNTANT,
    "GET /me/draft": ACCOUNTANT,
    "PUT /me/draft": ACCOUNTANT,
    "POST /me/attachments": WHO_UPLOADS,
    "GET /me/attachments/{attachment_id}": WHO_UPLOADS,
    "POST /me/submissions": ACCOUNTANT,
    "GET /me/submissions": ACCOUNTANT,
    "GET /me/submissions/{submission_id}": ACCOUNTANT,
    "POST /me/submissions/{submission_id}/resubmit": ACCOUNTANT,
    "POST /me/submissions/{submission_id}/withdraw": ACCOUNTANT,
    "GET /me/transfers/preview": ACCOUNTANT,
    "GET /me/transfers": ACCOUNTANT,
    "POST /me/transfers": ACCOUNTANT,
    "GET /me/transfers/{transfer_id}": ACCOUNTANT,
    "POST /me/transfers/{transfer_id}/cancel": ACCOUNTANT,
    "POST /me/transfers/{transfer_id}/papers": ACCOUNTANT,
    "GET /employer/confirmations": EMPLOYER,
    "POST /employer/confirmations/{confirmation_id}": EMPLOYER,
    "GET /review/transfers": WHO_SEES_INBOXES,
    "GET /review/tasks": WHO_SEES_INBOXES,
    "GET /review/statistics": WHO_SEES_INBOXES,
    "GET /review/tasks/{task_id}": REVIEWER,
    "POST /review/tasks/{task_id}/claim": REVIEWER,
    "POST /review/tasks/{task_id}/release": REVIEWER,
    "POST /review/tasks/{task_id}/decision": REVIEWER,
    "POST /review/tasks/{task_id}/assign": REVIEWER,
    "GET /review/colleagues": REVIEWER,
    "POST /review/tasks/{task_id}/undo": REVIEWER,
    "POST /review/decisions": REVIEWER,
    "GET /me/credits": ACCOUNTANT,
    "GET /me/credits/history": ACCOUNTANT,
    "POST /me/credits/{year}/certificate": ACCOUNTANT,
    "GET /verify/{certificate_no}": EVERYBODY,
    "GET /credits/rules": EVERYBODY,
    "POST /institution/imports": INSTITUTION,
    "GET /institution/imports": INSTITUTION,
    "GET /institution/imports/{import_id}": INSTITUTION,
    "GET /me/messages": ANY,
    "POST /me/messages/{message_id}/read": ANY,
    "POST /me/messages/read-all": ANY,
    "POST /auth/invitations/{token}": EVERYBODY,
    "POST /auth/totp": EVERYBODY,
    "PUT /admin/regions/{code}/office": WHO_ADMINISTERS,
    "GET /admin/staff": ADMIN,  # and a reviewer of a city, for its own region; the one here is of a county
    "POST /admin/staff": ADMIN,
    "PATCH /admin/staff/{id}": WHO_ADMINISTERS,
    "GET /admin/institutions": ADMIN,
    "POST /admin/institutions": ADMIN,
    "PATCH /admin/institutions/{id}": WHO_ADMINISTERS,
    "GET /admin/employers": ADMIN,
    "POST /admin/employers": ADMIN,
    "PATCH /admin/employers/{id}": WHO_ADMINISTERS,
    "POST /admin/employers/{id}/successor": ADMIN,
    "GET /me/integrity-records": ACCOUNTANT,
    "POST /me/integrity-records/{id}/objection": ACCOUNTANT,
    "POST /review/people/{id}/integrity-records": WHO_SEES_INBOXES,
    "POST /review/people/{id}/integrity-records/{record_id}/uphold": ADMIN,  # likewise
    "POST /review/people/{id}/integrity-records/{record_id}/revoke": ADMIN,  # and a city's reviewer; here one is of a county
    "GET /employer/members": EMPLOYER,
    "POST /employer/members/{id}/left": EMPLOYER,
    "POST /employer/invitations": EMPLOYER,
    "POST /auth/appeals": EVERYBODY,
    "POST /auth/appeals/attachments": EVERYBODY,
    "GET /auth/appeals/{query_code}": EVERYBODY,
    "POST /review/appeals": REVIEWER,
    "GET /review/return-reasons": REVIEWER,
    "PUT /review/return-reasons": REVIEWER,
    "POST /review/people/search": REVIEWER,
    "GET /review/people/{id}": REVIEWER,
    "POST /review/people/{id}/same-person": REVIEWER,
}
ROUTES = declared_routes()
CALLERS = (*Role, NOBODY)
SCOPES = {Role.EMPLOYER: "91420106MA4K2RTU5T", Role.REVIEWER: WUCHANG, Role.ADMIN: HUBEI, Role.AUDITOR: HUBEI}


def somebody_for(route: Route) -> str:
    """A caller whom the route is for."""
    found: str = next(caller for caller in CALLERS if is_allowed(route, caller))
    return found


def is_allowed(route: Route, caller: str) -> bool:
    allowed = WHO[str(route)]
    return allowed == EVERYBODY or caller in allowed


class Cast:
    """One caller of each role; a role whose session was ended is played by somebody else from then on."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._callers: dict[str, Caller] = {NOBODY: registry.nobody}
        self._numbers = count(1)

    def one(self, role: str) -> Caller:
        if role not in self._callers:
            self._callers[role] = self._another(Role(role))
        return self._callers[role]

    def signed_out(self, role: str) -> None:
        self._callers.pop(role)

    def _another(self, role: Role) -> Caller:
        if role is Role.ACCOUNTANT:
            return self._registry.newcomer()
        username = f"{role}-{next(self._numbers)}"
        self._registry.open(role, SCOPES.get(role, username), username)
        return self._registry.sign_in(role, username)
