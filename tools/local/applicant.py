"""One accountant of `people.json` at the API, and the reviewer who decides: the steps the main job is made of."""

import hashlib
import time
from typing import Any

from tools.local import samples
from tools.local.client import Client, Refused, code_sent_to, messages_to, upload
from tools.local.waiting import eventually

SETTLED = ("approved", "rejected", "returned", "withdrawn", "expired")


class Applicant:
    """A person of `people.json`; `arrive` first, the rest needs an account."""

    def __init__(self, person: dict[str, str], public: Client, aws_endpoint_url: str) -> None:
        self.person = person
        self._public = public
        self._aws = aws_endpoint_url
        self.me = public

    def arrive(self) -> str:
        """Sign in, or register where there is no account yet; says which."""
        try:
            self.me = self._public.signed_in(self.person["id_number"], samples.PASSWORD)
        except Refused as refused:
            if refused.code != "bad_credentials":
                raise
            self._register()
            return "registered"
        return "signed in"

    def _register(self) -> None:
        notice = self._public.get("/privacy-notice")
        known = {name: self.person[name] for name in ("id_type", "id_number", "name", "phone")}
        tokens = self._public.post(
            "/auth/register",
            {
                **known,
                "otp": self.code("register"),
                "password": samples.PASSWORD,
                "consent_version": notice["version"],
            },
        )
        self.me = Client(self._public.api_url, tokens["access_token"])

    def code(self, purpose: str) -> str:
        """A new one-time code, read from the phone; where one was just sent, the next after the time the API names."""
        phone = self.person["phone"]
        seen = len(messages_to(phone, self._aws))
        try:
            self._public.post("/auth/otp", {"phone": phone, "purpose": purpose})
        except Refused as refused:
            if refused.status != 429 or refused.retry_after is None:
                raise
            time.sleep(refused.retry_after)
            self._public.post("/auth/otp", {"phone": phone, "purpose": purpose})
        return code_sent_to(phone, self._aws, after=seen)

    def is_approved(self) -> bool:
        return any(one["status"] == "approved" for one in self._submissions())

    def _submissions(self) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = self.me.get("/me/submissions")["items"]
        return [one for one in items if one["kind"] == "registration"]

    def submit(self) -> str:
        """File the registration with its scans, unless one is on its way; its id."""
        under_way = next((one for one in self._submissions() if one["status"] not in SETTLED), None)
        if under_way:
            return str(under_way["submission_id"])
        body = {"kind": "registration", "payload": samples.registration_of(self.person), "attachment_ids": self.scans()}
        return str(self.me.post("/me/submissions", body)["submission_id"])

    def scans(self) -> list[str]:
        """Upload the scans that an employed person's registration needs and wait for their inspection; their ids."""
        return self.scanned(*samples.SCANS)

    def scanned(self, *kinds: str) -> list[str]:
        """Upload a scan of each of these kinds and wait until all are accepted; their ids."""
        uploaded = [self._upload(kind) for kind in kinds]
        for attachment_id in uploaded:
            self._inspected(attachment_id)
        return uploaded

    def _upload(self, kind: str) -> str:
        """Announce and upload one scan; its id."""
        content, filename, content_type = samples.scan(kind), f"{kind}.jpg", "image/jpeg"
        announced = {"kind": kind, "filename": filename, "content_type": content_type, "size": len(content)}
        asked = self.me.post("/me/attachments", {**announced, "sha256": hashlib.sha256(content).hexdigest()})
        upload(asked["upload"], content, filename, content_type)
        return str(asked["attachment_id"])

    def _inspected(self, attachment_id: str) -> None:
        """Wait until a scan is accepted. Raises Refused when it is not."""
        path = f"/me/attachments/{attachment_id}"

        def inspected() -> dict[str, Any] | None:
            found: dict[str, Any] = self.me.get(path)
            return found if found["status"] in ("accepted", "rejected") else None

        found = eventually(inspected, what="the inspection of a scan", within_s=60, every_s=0.2)
        if found["status"] == "rejected":
            raise Refused(f"the inspection of {found['filename']}", 422, found)

    def outcome(self, submission_id: str) -> str:
        """How the submission ended, once it has."""

        def settled() -> str | None:
            status = self.me.get(f"/me/submissions/{submission_id}")["status"]
            return str(status) if status in SETTLED else None

        return eventually(
            settled, what=f"the outcome of {self.person['name']}'s registration", within_s=60, every_s=0.2
        )

    def transfer(self, to_region: str, papers: list[str], **changed: Any) -> str:
        """File a transfer with these scans among its papers; its id."""
        body = {**samples.transfer_to(to_region, **changed), "attachment_ids": papers}
        return str(self.me.post("/me/transfers", body)["transfer_id"])

    def year(self, year: int) -> dict[str, Any]:
        """This person's credits of a year."""
        self.arrive()
        found: dict[str, Any] = self.me.get(f"/me/credits?year={year}")
        return found

    def certificate(self, year: int) -> dict[str, Any]:
        issued: dict[str, Any] = self.me.post(f"/me/credits/{year}/certificate")
        return issued


def approve(reviewer: Client, submission_id: str) -> None:
    """Find the submission's task in the bureau's inbox and approve it; one that is decided already is left so."""

    def task() -> str | None:
        return _task_of(reviewer, submission_id, "open") or _task_of(reviewer, submission_id, "done", "approve")

    task_id = eventually(task, what="the task in the bureau's inbox", within_s=60, every_s=0.25)
    try:
        reviewer.post(f"/review/tasks/{task_id}/claim")
        reviewer.post(f"/review/tasks/{task_id}/decision", {"decision": "approve", "reason": "材料齐全", "fields": []})
    except Refused as refused:
        if refused.code != "already_decided":
            raise


def _task_of(reviewer: Client, submission_id: str, state: str, decision: str | None = None) -> str | None:
    cursor = ""
    while True:
        page = reviewer.get(f"/review/tasks?state={state}&limit=100{cursor}")
        for task in page["items"]:
            if task["subject_id"] == submission_id and task.get("decision") == decision:
                return str(task["task_id"])
        if not page.get("next_cursor"):
            return None
        cursor = f"&cursor={page['next_cursor']}"
