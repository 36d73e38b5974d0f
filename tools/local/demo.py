"""The main job over HTTP and S3 alone: people register, bureaus approve, a file brings credits, a certificate comes out.

Run again, it goes on from what it finds: who is registered signs in, who is approved is left alone.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from tools.local import api_page, samples, stack_file
from tools.local.applicant import Applicant, approve
from tools.local.client import Client, send, upload
from tools.local.place import Place
from tools.local.progress import Bar, step
from tools.local.waiting import eventually

AT_ONCE = 3  # as fast as 4 on two cores, with fewer workers
YEAR = 2026
T = TypeVar("T")
Person = dict[str, str]


class DemoFailed(Exception):
    """A step did not come to what it should; the message says which."""


def run(place: Place) -> None:
    """The whole main job, with a line per step. Raises DemoFailed, Refused, WaitedInVain."""
    described = stack_file.read(place)
    if described is None:
        raise DemoFailed("No stack is ready here. `make up` starts one, `make run` starts it and runs this.")
    started = time.monotonic()
    job = MainJob(described, place.home)
    first, *others = samples.people()
    job.one_registration(first)
    job.all_registrations(others)
    job.credits_from_a_file()
    certificate_no = job.certificate()
    print(f"\nThe main job ran in {time.monotonic() - started:.0f} s.\n\n{what_next(place, described, certificate_no)}")


class MainJob:
    """One run of the main job against a described stack."""

    def __init__(self, described: dict[str, Any], home: Path) -> None:
        self._described = described
        self._home = home
        self._public = Client(described["api_url"])
        self._staff: dict[str, Client] = {}
        self._signing_in = threading.Lock()

    def staff(self, name: str) -> Client:
        """A demo account's client, signed in once for the run."""
        with self._signing_in:
            if name not in self._staff:
                account = self._described["accounts"][name]
                signed_in = self._public.signed_in(account["username"], account["password"], account.get("totp_secret"))
                self._staff[name] = signed_in
            return self._staff[name]

    def one_registration(self, person: Person) -> None:
        """The first person, step by step."""
        applicant, bureau = self._applicant(person), f"reviewer_{person['region_code']}"
        with step(f"{person['name']} asks for a code, registers and signs in") as told:
            told.append(applicant.arrive())
        if applicant.is_approved():
            print(f"  {person['name']}'s record is approved since an earlier run")
            return
        with step("fills in the form, uploads four scans, submits"):
            submission = applicant.submit()
        with step(f"the bureau of {person['region_code']} opens the task and approves"):
            approve(self.staff(bureau), submission)
        with step("the workflow applies the decision") as told:
            told.append(f"status {applicant.outcome(submission)}")

    def all_registrations(self, others: Sequence[Person]) -> None:
        """Everybody else the credit file names, a few at a time."""
        with step(f"{len(others)} more people register and are approved by the bureaus of their counties") as told:
            print()
            bar = Bar(len(others), "approved")
            told.append(_counted(self._each(others, self._registered, bar)))

    def _registered(self, person: Person) -> str:
        applicant = self._applicant(person)
        applicant.arrive()
        if applicant.is_approved():
            return "approved before"
        submission = applicant.submit()
        approve(self.staff(f"reviewer_{person['region_code']}"), submission)
        status = applicant.outcome(submission)
        if status != "approved":
            raise DemoFailed(f"{person['name']}'s registration ended {status}")
        return "approved now"

    def credits_from_a_file(self) -> None:
        """The institution's file as it is: GB18030, with its mistakes."""
        content = (samples.SAMPLES / samples.CREDIT_FILE).read_bytes()
        institution = self.staff("institution")
        with step(f"a training institution uploads {samples.CREDIT_FILE}") as told:
            request = {"filename": samples.CREDIT_FILE, "size": len(content), "year": YEAR}
            asked = institution.post("/institution/imports", request)
            upload(asked["upload"], content, samples.CREDIT_FILE, "text/csv")
            path = f"/institution/imports/{asked['import_id']}"
            done = eventually(
                lambda: _finished(institution.get(path)), what="the end of the import", within_s=180, every_s=0.25
            )
            told.append(f"{done['status']}, {', '.join(f'{count} {what}' for what, count in done['rows'].items())}")
        for reason in done["reasons"]:
            print(f"    {reason['count']:>3} × {reason['code']}")
        if done["status"] not in ("partly", "succeeded"):
            raise DemoFailed(f"the import ended {done['status']}: {done.get('problem')}")
        report = send("GET", done["report_url"]).body
        (self._home / "import_report.csv").write_bytes(report)
        print(f"    the report, with a reason for every row: {self._home / 'import_report.csv'}")

    def certificate(self) -> str:
        """The first person whose year is fulfilled gets a certificate, and anybody verifies it; its number."""
        with step(f"who has the {YEAR} credits together?") as told:
            years = self._each(samples.people(), lambda one: self._applicant(one).year(YEAR), None)
            done = [(person, year) for person, year in zip(samples.people(), years, strict=True) if year["fulfilled"]]
            told.append(f"{len(done)} of {len(years)} people")
        if not done:
            raise DemoFailed("nobody's year is fulfilled")
        person, year = done[0]
        applicant = self._applicant(person)
        applicant.arrive()
        with step(f"{person['name']} ({year['earned']['total']:g} credits) asks for the certificate") as told:
            issued = applicant.certificate(YEAR)
            pdf = send("GET", issued["download_url"]).body
            if not pdf.startswith(b"%PDF"):
                raise DemoFailed("the certificate is no PDF")
            file = self._home / f"certificate_{issued['certificate_no']}.pdf"
            file.write_bytes(pdf)
            told.append(str(file))
        with step("anybody verifies it, without an account") as told:
            verified = self._public.get(f"/verify/{issued['certificate_no']}")
            told.append(f"{verified['state']}, {verified['name_masked']}, {verified['credits']['total']:g} credits")
        if not verified["valid"]:
            raise DemoFailed(f"the certificate reads {verified['state']}")
        return str(issued["certificate_no"])

    def _applicant(self, person: Person) -> Applicant:
        return Applicant(person, self._public, self._described["aws_endpoint_url"])

    def _each(self, people: Sequence[Person], act: Callable[[Person], T], bar: Bar | None) -> list[T]:
        """The same for many people, a few at a time; the first failure ends it."""

        def one(person: Person) -> T:
            result = act(person)
            if bar:
                bar.advance()
            return result

        with ThreadPoolExecutor(AT_ONCE) as pool:
            waiting = [pool.submit(one, person) for person in people]
            try:
                return [each.result() for each in waiting]
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise


def _finished(batch: dict[str, Any]) -> dict[str, Any] | None:
    return batch if batch["status"] in ("succeeded", "partly", "failed") else None


def _counted(results: Sequence[str]) -> str:
    return ", ".join(f"{count} {what}" for what, count in sorted(Counter(results).items()))


def what_next(place: Place, described: dict[str, Any], certificate_no: str) -> str:
    """The addresses, the accounts, and what to try."""
    api = described["api_url"]
    page = api_page.address(place)
    rows = "\n".join(
        f"  {name:<16} {account['username']:<20} {account['password']:<26} {account.get('totp_secret', '')}"
        for name, account in described["accounts"].items()
    )
    return f"""\
API            {api}
to read, try   {page}   (in a browser)
AWS endpoint   {described["aws_endpoint_url"]}   (keys test / test, region {described["region"]})
SMS outbox     {stack_file.sms_outbox(described)}

Demo accounts: name, username, password, secret of the second factor (put it into any authenticator app)
{rows}
  accountants: the ID numbers of tests/samples/people.json, password {samples.PASSWORD}

Try next
  curl {api}/verify/{certificate_no}
  curl {api}/credits/rules?year={YEAR}
  make demo    the same again: it goes on from what it finds
  export AWS_ENDPOINT_URL={described["aws_endpoint_url"]} AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test
  aws stepfunctions list-executions --state-machine-arn {described["state_machines"]["review"]}
"""
