"""What each route costs in AWS calls, counted on the wire: as its docstring says, and as the design allows."""

from __future__ import annotations

import pytest

from tests.api import (
    lives,
    test_costs_of_accounts,
    test_costs_of_look_ups,
    test_costs_of_transfers,
    test_costs_of_units,
)
from tests.api.counting import BY_NAME, Case, costs_what_it_says, counted, stated
from tests.api.lives import FILE, Life
from tests.api.registry import Registry, announcement

# the contract's table, "What each call costs"
DESIGN = {
    "GET /privacy-notice": 0,
    "GET /regions": 1,
    "GET /dictionaries": 0,
    "POST /auth/otp": 3,
    "POST /auth/register": 4,
    "POST /auth/login": 4,
    "POST /auth/login/otp": 4,
    "POST /auth/refresh": 3,
    "POST /auth/logout": 1,
    "POST /auth/password/reset": 3,
    "GET /me": 1,
    "GET /me/profile": 1,
    "POST /me/profile/reveal": 4,
    "GET /me/access-log": 1,
    "GET /me/integrity-records": 1,
    "POST /me/integrity-records/{id}/objection": 2,
    "GET /me/export": 1,
    "POST /me/export": 1,
    "POST /me/deactivate": 3,
    "GET /me/profile/history": 1,
    "GET /me/profile/differences": 1,
    "POST /me/profile/confirmed": 1,
    "PATCH /me/contact": 4,
    "GET /me/draft": 1,
    "PUT /me/draft": 1,
    "POST /me/attachments": 1,
    "GET /me/attachments/{attachment_id}": 1,
    "POST /me/submissions": 3,
    "GET /me/submissions": 1,
    "GET /me/submissions/{submission_id}": 1,
    "POST /me/submissions/{submission_id}/resubmit": 2,
    "POST /me/submissions/{submission_id}/withdraw": 2,
    "GET /me/transfers/preview": 1,
    "POST /me/transfers": 2,
    "GET /me/transfers": 1,
    "GET /me/transfers/{transfer_id}": 1,
    "POST /me/transfers/{transfer_id}/cancel": 2,
    "POST /me/transfers/{transfer_id}/papers": 2,
    "GET /employer/confirmations": 1,
    "POST /employer/confirmations/{confirmation_id}": 2,
    "GET /review/transfers": 2,
    "GET /review/tasks": 2,
    "GET /review/statistics": 2,
    "GET /review/tasks/{task_id}": 5,
    "POST /review/tasks/{task_id}/claim": 1,
    "POST /review/tasks/{task_id}/release": 1,
    "POST /review/tasks/{task_id}/decision": 2,
    "POST /review/tasks/{task_id}/assign": 2,
    "GET /review/colleagues": 1,
    "POST /review/tasks/{task_id}/undo": 2,
    "POST /review/decisions": 2,  # of one task; one more for each further
    "GET /me/credits": 1,
    "GET /me/credits/history": 1,
    "POST /me/credits/{year}/certificate": 4,
    "GET /verify/{certificate_no}": 2,
    "GET /credits/rules": 0,
    "POST /institution/imports": 1,
    "GET /institution/imports": 1,
    "GET /institution/imports/{import_id}": 1,
    "GET /me/messages": 1,
    "POST /me/messages/{message_id}/read": 1,
    "POST /me/messages/read-all": 1,
    "POST /auth/invitations/{token}": 2,
    "POST /auth/totp": 3,
    "POST /admin/staff": 1,
    "GET /admin/staff": 1,
    "PATCH /admin/staff/{id}": 2,
    "POST /admin/institutions": 1,
    "GET /admin/institutions": 1,
    "PATCH /admin/institutions/{id}": 2,
    "POST /admin/employers": 1,
    "GET /admin/employers": 1,
    "PATCH /admin/employers/{id}": 2,
    "POST /auth/appeals/attachments": 2,
    "POST /auth/appeals": 4,
    "GET /auth/appeals/{query_code}": 2,
    "POST /review/appeals": 4,
    "GET /review/return-reasons": 1,
    "PUT /review/return-reasons": 1,
    "POST /review/people/search": 3,
    "PUT /admin/regions/{code}/office": 1,
    "GET /review/people/{id}": 3,
    "POST /review/people/{id}/same-person": 1,
    "POST /review/people/{id}/integrity-records": 2,
    "POST /review/people/{id}/integrity-records/{record_id}/revoke": 2,
    "POST /review/people/{id}/integrity-records/{record_id}/uphold": 2,
    "GET /employer/members": 1,
    "POST /employer/members/{id}/left": 2,
    "POST /employer/invitations": 1,
    "POST /admin/employers/{id}/successor": 2,
}
_KEYED = "an earlier answer is looked for first"
# what costs more than that, and why it may
DEARER = {
    (
        "POST /review/tasks/{task_id}/assign",
        "",
    ): "the hashes behind the colleague's username are read: nobody is handed their own case",
    ("POST /review/decisions", "of two tasks"): "one more for each further task",
    ("GET /review/people/{id}", "with scans of an objection"): "where the scans lie stands on themselves",
    ("GET /me/transfers/preview", "of somebody with a unit"): "which unit is left stands on the person, read before it",
    ("POST /me/transfers", "of somebody with a unit"): "which unit is left stands on the person, read before it",
    ("POST /me/transfers", "with an Idempotency-Key"): _KEYED,
    ("POST /auth/login", "with a second factor"): "KMS opens its secret",
    ("POST /auth/totp", ""): "KMS seals its secret",
    ("GET /me", "while a submission is on its way"): "its status stands on the submission alone",
    ("POST /me/profile/reveal", "after a change of the phone"): "the phone has a cipher of its own then",
    ("POST /me/export", "where another stands"): "the one that stands is the answer: it is read",
    ("GET /me/profile", "with as_of"): "number and status stand on the person, the sections on the version of that day",
    ("POST /me/profile/confirmed", "confirmed today already"): "read again, to tell it from a version that is gone",
    ("GET /me/draft", "with a phone in it"): "KMS opens it: no phone is stored readable",
    ("PUT /me/draft", "with a phone in the form"): "KMS seals it",
    ("POST /me/attachments", "with an Idempotency-Key"): _KEYED,
    ("POST /institution/imports", "with an Idempotency-Key"): _KEYED,
    ("POST /me/messages/{message_id}/read", "where it was read already"): "read again, to tell it from one of nobody",
    ("POST /me/messages/{message_id}/read", "of a bureau"): "it is looked for among their own first",
    ("GET /me/messages", "for a reviewer or a unit"): "two mailboxes, two partitions",
    ("POST /me/messages/read-all", "for a reviewer or a unit"): "two mailboxes, two heads",
    ("POST /admin/staff", "with an Idempotency-Key"): _KEYED,
    ("POST /admin/institutions", "with an Idempotency-Key"): _KEYED,
    ("POST /admin/employers", "with an Idempotency-Key"): _KEYED,
    ("PATCH /admin/institutions/{id}", "by its institution_id"): "whose it is, is looked up first",
    ("GET /admin/employers", ""): "what a unit is called now stands on the unit: it may have been renamed",
    ("PATCH /admin/employers/{id}", "with another unit"): "the other unit is read",
    ("POST /auth/appeals/attachments", ""): "the code stays good: it is verified by a count and a read",
    ("POST /auth/appeals", ""): "the code is verified before anything is told, and used up with the filing",
    ("POST /auth/appeals", "with an Idempotency-Key"): _KEYED,
    ("POST /me/submissions/{submission_id}/resubmit", "with another new ID number"): "KMS seals it",
    ("GET /me/profile", "where the offices are read again"): "all of them together, once a minute and process",
    ("POST /review/people/{id}/same-person", "where it stands already"): "what stands is read and answered",
    ("POST /review/people/{id}/same-person", "before the first approval"): "the bureau stands on the submission alone",
    ("POST /review/people/{id}/integrity-records", "with an Idempotency-Key"): _KEYED,
    ("GET /employer/members", "as a workbook"): "the file is put where its link leads",
    (
        "POST /employer/invitations",
        "",
    ): "the phone may be nobody's: it is sealed for its one message, the unit's name is read",
    ("POST /admin/employers/{id}/successor", ""): "how many will move is counted first",
    ("GET /review/tasks/{task_id}", "with a new ID number"): "KMS opens that one too: the reviewer compares both",
}

CASES: list[Case[Life]] = [
    Case("GET /privacy-notice", "", lives.get("/privacy-notice", lives.nobody)),
    Case("GET /dictionaries", "", lives.get("/dictionaries", lives.nobody)),
    Case("GET /regions", "", lives.get("/regions", lives.nobody)),
    Case("POST /auth/otp", "", lives.code),
    Case("POST /auth/register", "", lives.registration),
    Case("POST /auth/login", "", lambda life: lambda: life.sign_in()),
    Case("POST /auth/login", "with a second factor", lives.staff_login),
    Case("POST /auth/login/otp", "", lives.login_by_code),
    Case("POST /auth/refresh", "", lives.refreshed),
    Case("POST /auth/logout", "", lives.signed_out),
    Case("POST /auth/password/reset", "", lives.reset),
    Case("GET /me", "", lives.get("/me", lives.approved)),
    Case("GET /me", "while a submission is on its way", lives.get("/me", lives.applicant)),
    Case("GET /me/profile", "", lives.profile_seen_again),
    Case("GET /me/profile", "where the offices are read again", lives.profile_first_seen),
    Case("POST /me/profile/reveal", "", lives.revealed),
    Case("POST /me/profile/reveal", "after a change of the phone", lives.revealed_after_a_change),
    Case("GET /me/access-log", "", lives.get("/me/access-log", lives.approved)),
    Case("GET /me/integrity-records", "", lives.get("/me/integrity-records", lives.approved)),
    Case("GET /me/export", "", lives.get("/me/export", lives.approved)),
    Case("POST /me/export", "", lives.copy_asked_for),
    Case("POST /me/export", "where another stands", lives.copy_asked_for_again),
    Case("POST /me/deactivate", "", lives.leaving),
    Case("GET /me/profile", "with as_of", lives.get("/me/profile?as_of=2999-12-31", lives.approved)),
    Case("GET /me/profile/history", "", lives.get("/me/profile/history", lives.approved)),
    Case("GET /me/profile/differences", "", lives.get("/me/profile/differences?from=1&to=1", lives.approved)),
    Case("POST /me/profile/confirmed", "", lives.confirmed),
    Case(
        "POST /me/profile/confirmed",
        "confirmed today already",
        lives.post("/me/profile/confirmed", lives.approved, {"version": 1}),
    ),
    Case("PATCH /me/contact", "", lives.new_phone),
    Case("PATCH /me/contact", "without a new phone", lives.new_address),
    Case("GET /me/draft", "", lives.draft_shown("basic")),
    Case("GET /me/draft", "with a phone in it", lives.draft_shown("contact")),
    Case("PUT /me/draft", "", lives.draft),
    Case("PUT /me/draft", "with a phone in the form", lives.draft_with_phone),
    Case("POST /me/attachments", "", lives.post("/me/attachments", lives.applicant, announcement(b"x"))),
    Case("POST /me/attachments", "with an Idempotency-Key", lives.with_key("POST /me/attachments")),
    Case("GET /me/attachments/{attachment_id}", "", lives.scan_seen),
    Case("GET /me/submissions", "", lives.get("/me/submissions", lives.approved)),
    Case("POST /me/submissions", "", lives.newcomers_form),
    Case("POST /me/submissions", "with an Idempotency-Key", lives.with_key("POST /me/submissions")),
    Case("POST /me/submissions", "with a new ID number", lives.identity_form),
    Case("GET /me/submissions/{submission_id}", "", lives.get("/me/submissions/{waiting}", lives.applicant)),
    Case("POST /me/submissions/{submission_id}/resubmit", "", lives.returned),
    Case("POST /me/submissions/{submission_id}/resubmit", "with another new ID number", lives.identity_returned),
    Case("POST /me/submissions/{submission_id}/withdraw", "", lives.withdrawn),
    Case("GET /review/tasks", "", lives.get("/review/tasks?state=open", lives.reviewer)),
    Case("GET /review/statistics", "", lives.get("/review/statistics?year=2026", lives.reviewer)),
    Case("GET /review/tasks/{task_id}", "", lives.get("/review/tasks/{task}", lives.reviewer)),
    Case("GET /review/tasks/{task_id}", "with a new ID number", lives.identity_seen),
    Case("POST /review/tasks/{task_id}/claim", "", lives.post("/review/tasks/{task}/claim", lives.reviewer)),
    Case("POST /review/tasks/{task_id}/release", "", lives.released),
    Case("POST /review/tasks/{task_id}/decision", "", lives.decision),
    Case("POST /review/tasks/{task_id}/assign", "", lives.handed_out),
    Case("GET /review/colleagues", "", lives.get("/review/colleagues", lives.reviewer)),
    Case("POST /review/tasks/{task_id}/undo", "", lives.approved_too_soon),
    Case("POST /review/decisions", "", lives.decided_together),
    Case("POST /review/decisions", "of two tasks", lives.two_decided_together),
    Case("GET /me/credits", "", lives.get("/me/credits?year=2026", lives.approved)),
    Case("GET /me/credits/history", "", lives.get("/me/credits/history", lives.approved)),
    Case("POST /me/credits/{year}/certificate", "", lives.certificate),
    Case("GET /verify/{certificate_no}", "", lives.verified),
    Case("GET /verify/{certificate_no}", "for a transfer letter", lives.letter_verified),
    Case("GET /verify/{certificate_no}", "for an unknown number", lives.get("/verify/HB2026ABCDEFGHJK", lives.nobody)),
    Case("GET /credits/rules", "", lives.get("/credits/rules?year=2026", lives.nobody)),
    Case("POST /institution/imports", "", lives.post("/institution/imports", lives.institution, FILE)),
    Case("POST /institution/imports", "with an Idempotency-Key", lives.with_key("POST /institution/imports")),
    Case("GET /institution/imports", "", lives.get("/institution/imports", lives.institution)),
    Case("GET /institution/imports/{import_id}", "", lives.get("/institution/imports/{batch}", lives.institution)),
    Case("GET /me/messages", "", lives.get("/me/messages", lives.approved)),
    Case("GET /me/messages", "for a reviewer or a unit", lives.get("/me/messages", lives.reviewer)),
    Case("POST /me/messages/{message_id}/read", "", lives.message),
    Case("POST /me/messages/{message_id}/read", "of a bureau", lives.bureau_message),
    Case("POST /me/messages/{message_id}/read", "where it was read already", lives.second_read),
    Case("POST /me/messages/read-all", "", lives.post("/me/messages/read-all", lives.approved)),
    Case("POST /me/messages/read-all", "for a reviewer or a unit", lives.post("/me/messages/read-all", lives.reviewer)),
]


@pytest.fixture(scope="module")
def life(registry: Registry) -> Life:
    approved, applicant = registry.fulfilled(), registry.newcomer()
    waiting = registry.submitted(applicant)
    batch = registry.institution().get("/institution/imports").json["items"][0]["import_id"]
    return Life(registry, approved, applicant, waiting, registry.task_of(waiting), batch)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_route_costs_what_it_says(life: Life, case: Case[Life]) -> None:
    costs_what_it_says(case, life, life.approved)


def test_every_situation_that_a_docstring_names_is_counted() -> None:
    of_accounts = [(case.route, case.when) for case in test_costs_of_accounts.CASES]
    named = {(route, when) for route in BY_NAME for when in stated(route)}
    of_look_ups = [(case.route, case.when) for case in test_costs_of_look_ups.CASES]
    of_transfers = [(case.route, case.when) for case in test_costs_of_transfers.CASES]
    of_units = [(case.route, case.when) for case in test_costs_of_units.CASES]
    elsewhere = {*of_accounts, *of_look_ups, *of_transfers, *of_units}
    assert {*((case.route, case.when) for case in CASES), *elsewhere} == named


def test_no_route_costs_more_than_the_design_but_for_a_reason() -> None:
    assert set(DESIGN) == set(BY_NAME)
    over = {(route, when) for route in BY_NAME for when, calls in stated(route).items() if calls > DESIGN[route]}
    assert over == set(DEARER)


def test_what_is_kept_in_memory_costs_nothing_the_second_time(life: Life) -> None:
    for path in ("/regions", "/privacy-notice", "/dictionaries", "/credits/rules"):
        life.registry.nobody.get(path)
        with counted() as made:
            assert life.registry.nobody.get(path).status == 200
        assert made == [], path


def test_a_refusal_costs_no_more_than_the_answer(life: Life) -> None:
    """A stranger pays with the authorizer's read, a wrong body with nothing else."""
    with counted() as made:
        assert life.registry.nobody.post("/auth/register", {"phone": "1"}).status == 422
    assert made == []
    with counted() as made:
        assert life.applicant.get("/review/tasks").status == 403
        assert life.applicant.post("/me/submissions", {"kind": "registration"}).status == 422
        assert life.applicant.get("/me/submissions?cursor=x").status == 400
    assert made == ["BatchGetItem"] * 3
