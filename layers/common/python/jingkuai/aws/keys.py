"""Every key of both tables, each beside the access pattern it serves. The sort keys of the inboxes' indexes, a date and an id, are
written by the modules whose lists they order; whose a task is and whose a mailbox stands in `owners` and `mailboxes`.

A hash is what `lookup.LookupKey` made of an ID number, phone or name: `k1.<hex>`, so no key holds personal data.
"""

from datetime import date
from typing import Any, TypedDict

from jingkuai.domain.principal import OwnNames, Role


class Key(TypedDict):
    """The full key of one item."""

    pk: str
    sk: str


def _key(pk: str, sk: str) -> Key:
    return {"pk": pk, "sk": sk}


# --- Registry: a person and what hangs on one -------------------------------------------------------------------


def person_pk(person_id: str) -> str:
    """The partition of one person: profile, versions, submissions, credits."""
    return f"P#{person_id}"


def person_key(person_id: str) -> Key:
    """The record and its locks: read at every step of a person's life."""
    return _key(person_pk(person_id), "PROFILE")


VERSIONS = "V#"  # the record's versions, newest first
NEWEST_VERSION = 999_999  # that a key can hold


def version_key(person_id: str, version: int) -> Key:
    """An approved version of the record: history, differences, `as_of`."""
    return _key(person_pk(person_id), f"{VERSIONS}{version:06d}")


def draft_key(person_id: str) -> Key:
    """The registration form as saved so far."""
    return _key(person_pk(person_id), "DRAFT")


EXPORT = "EXPORT"  # also how the bulk state machine knows what is to be done


def export_key(person_id: str) -> Key:
    """The copy of everything held on a person, as last asked for: its owner asks how far it is, the bulk workflow makes it."""
    return _key(person_pk(person_id), EXPORT)


SUBMISSIONS = "SUB#"  # the person's submissions, newest first


def submission_key(person_id: str, submission_id: str) -> Key:
    """One submission, read by its owner and by the tasks of its review."""
    return _key(person_pk(person_id), SUBMISSIONS + submission_id)


TRANSFERS = "TR#"  # the person's transfers, newest first


def transfer_key(person_id: str, transfer_id: str) -> Key:
    """A transfer of somebody's record."""
    return _key(person_pk(person_id), f"{TRANSFERS}{transfer_id}")


INTEGRITY = "INT#"  # the person's integrity records, oldest first


def integrity_key(person_id: str, record_id: str) -> Key:
    """One integrity record: its person reads them all, the tasks of its review read one."""
    return _key(person_pk(person_id), INTEGRITY + record_id)


def same_person_key(person_id: str, other_id: str) -> Key:
    """Whether two records are one person, under each of the two: task pages and opened records show what was said."""
    return _key(person_pk(person_id), SAME + other_id)


SAME = "SAME#"


def record_and_verdicts() -> tuple[str, str]:
    """The sort keys from somebody's integrity records over the record to the last verdict about it and others: an opened
    record is one query.
    """
    return INTEGRITY, f"{SAME}~"


def attachment_key(attachment_id: str) -> Key:
    """One scan's facts: asked for by its owner, by inspection, by submission and by the task page."""
    return _key(f"ATT#{attachment_id}", "ATT")


def id_claim_key(id_hash: str) -> Key:
    """Who holds an ID number: registration's uniqueness, sign-in, and all that an import reads of a person."""
    return _key(f"ID#{id_hash}", "ID")


def open_appeal_key(id_hash: str) -> Key:
    """The one open appeal about an ID number; once it took the number away, for whom the number is reserved."""
    return _key(f"ID#{id_hash}", "APPEAL")


def phone_claim_key(phone_hash: str) -> Key:
    """Which accountant holds a phone: uniqueness and sign-in."""
    return _key(f"PH#{phone_hash}", "PH")


def claims_of(names: OwnNames) -> tuple[Key, ...]:
    """Where the record says whose these names are; the first that is there counts."""
    numbers = tuple(id_claim_key(one) for one in names.id_hashes)
    return (*numbers, phone_claim_key(names.phone_hash)) if names.phone_hash else numbers


def former_phone_key(change_id: str) -> Key:
    """The sealed phone that somebody has just given up: read once, to tell it; gone after a month."""
    return _key(f"PHWAS#{change_id}", "PHWAS")


def phone_appeals_key(phone_hash: str) -> Key:
    """How many appeals a phone has filed today."""
    return _key(f"PH#{phone_hash}", "APPEALS")


def appeal_key(appeal_id: str) -> Key:
    """One appeal: read by the tasks of its review, and by whoever holds its query code."""
    return _key(f"AP#{appeal_id}", "AP")


def appeal_query_key(query_hash: str) -> Key:
    """Which appeal a query code leads to."""
    return _key(f"AQ#{query_hash}", "AQ")


def likeness_pk(kind: str, like_hash: str) -> str:
    """Whoever is alike in one respect: the same scan, the same certificate number, the same name and birth date, a unit
    of the same name or code. One short query each, for the automatic check.
    """
    return f"LIKE#{kind}#{like_hash}"


def likeness_key(kind: str, like_hash: str, whose: str) -> Key:
    """One of those alike: a person_id; of units the code that goes with a name, or the name's hash that goes with a code."""
    return _key(likeness_pk(kind, like_hash), whose)


# --- Registry: credits ------------------------------------------------------------------------------------------

ALL_YEARS = "CR#"  # every year's credits of a person


def year_prefix(year: int) -> str:
    """All of one year's credits: summary, entries, certificate pointer; one query."""
    return f"CR#{year}"


def year_summary_key(person_id: str, year: int) -> Key:
    """The derived sums of a year (projections), for lists and counts only."""
    return _key(person_pk(person_id), year_prefix(year))


def entry_prefix(year: int) -> str:
    """The year's ledger entries."""
    return f"CR#{year}#E#"


def entry_key(person_id: str, year: int, source: str, digest: str) -> Key:
    """One ledger entry: the same course of the same source is the same item, so a repeated row changes nothing."""
    return _key(person_pk(person_id), f"{entry_prefix(year)}{source}#{digest}")


def year_certificate_key(person_id: str, year: int) -> Key:
    """Which certificate number is the year's current one."""
    return _key(person_pk(person_id), f"CR#{year}#CERT")


def certificate_key(certificate_no: str) -> Key:
    """A certificate or a transfer letter as issued: public verification reads by number alone."""
    return _key(f"CERT#{certificate_no}", "CERT")


def batch_pk(import_id: str) -> str:
    """One import: the batch and its chunk results, read together as progress."""
    return f"B#{import_id}"


def batch_key(import_id: str) -> Key:
    """The import itself."""
    return _key(batch_pk(import_id), "BATCH")


CHUNKS = "C#"


def chunk_key(import_id: str, number: int) -> Key:
    """What one chunk came to."""
    return _key(batch_pk(import_id), f"{CHUNKS}{number:04d}")


def file_claim_key(institution_id: str, sha256: str) -> Key:
    """A file all of whose rows were taken and stand: the same bytes again are `already_imported`."""
    return _key(f"FILE#{institution_id}#{sha256}", "FILE")


def institution_key(institution_id: str) -> Key:
    """A training institution: years open, lease of the running import, queue."""
    return _key(f"I#{institution_id}", "INST")


def employer_key(uscc: str) -> Key:
    """A unit that has an account here."""
    return _key(f"E#{uscc}", "EMP")


def joining_key(uscc: str, phone_hash: str) -> Key:
    """That a unit expects whoever has this phone: a transfer asks for it by unit and phone."""
    return _key(employer_key(uscc)["pk"], f"INV#{phone_hash}")


def joining_count_key(uscc: str, day: str) -> Key:
    """How many people a unit has invited on a day."""
    return _key(employer_key(uscc)["pk"], f"INVITED#{day}")


SUCCESSION = "SUCC"  # also how the bulk state machine knows what is to be done


def succession_key(uscc: str) -> Key:
    """What became of a unit (a merger, a new name), and how far its members have moved: asked for by whoever started
    it, moved on by the bulk workflow, and read where somebody files under the old code.
    """
    return _key(employer_key(uscc)["pk"], SUCCESSION)


# --- Registry: work, messages, traces ---------------------------------------------------------------------------


def task_key(task_id: str) -> Key:
    """One review task or wait: page, claim, decision, token."""
    return _key(f"T#{task_id}", "TASK")


def task_count_key(task_id: str) -> Key:
    """What a task has been counted as (projections). Sorts above the task: one query reads it first."""
    return _key(task_key(task_id)["pk"], "COUNTED")


def person_count_key(person_id: str) -> Key:
    """What a person has been counted as (projections)."""
    return _key(person_pk(person_id), "COUNTED")


def statistics_pk(period: str) -> str:
    """The counts of every bureau, of a year or of `now`: one query with a scope's digits."""
    return f"ST#{period}"


def statistics_key(period: str, region_code: str) -> Key:
    """One bureau's counts."""
    return _key(statistics_pk(period), region_code)


def recount_key() -> Key:
    """How far a recount of the statistics has come, and under which epoch counts are kept."""
    return _key("ST", "RECOUNT")


def messages_pk(account_id: str) -> str:
    """An account's in-site messages."""
    return f"M#{account_id}"


def reminded_key(region_code: str, day: date) -> Key:
    """That a bureau was told of its late tasks on a day: it is told once, however often the morning runs."""
    return _key(f"REMINDED#{day.isoformat()}", region_code)


MESSAGE_HEAD = "HEAD"  # sorts above every message id, so that one descending query reads the head first


def message_key(account_id: str, message_id: str) -> Key:
    """One message."""
    return _key(messages_pk(account_id), message_id)


def message_head_key(account_id: str) -> Key:
    """How many messages are unread."""
    return _key(messages_pk(account_id), MESSAGE_HEAD)


def office_key(region_code: str) -> Key:
    """Whom to call at a bureau; all of them are one small partition."""
    return _key(OFFICES, region_code)


OFFICES = "OFFICES"


def reasons_key(region_code: str) -> Key:
    """A bureau's own reasons for a return: listed, kept, and read with every task page of its own."""
    return _key("REASONS", region_code)


def audit_pk(subject: str) -> str:
    """What happened to a subject (a person_id, a certificate number, an institution), in order."""
    return f"AU#{subject}"


def change_key(subject: str, entry_id: str) -> Key:
    """An audited change."""
    return _key(audit_pk(subject), f"A#{entry_id}")


LOOKS = "L#"  # the looks at a person's data, newest first


def look_key(subject: str, entry_id: str) -> Key:
    """An audited look at somebody's data: the person's access log is one query of these."""
    return _key(audit_pk(subject), LOOKS + entry_id)


def outbox_key(entry_id: str) -> Key:
    """Something a transaction promised."""
    return _key(f"O#{entry_id}", "OUT")


def parked_key(execution: str) -> Key:
    """An execution that needs attention."""
    return _key(f"X#{execution}", "PARKED")


def idempotency_key(account_id: str, digest: str) -> Key:
    """What a repeated request with the same Idempotency-Key gets."""
    return _key(f"IK#{account_id}#{digest}", "IK")


RECORD_CHECK = "JOB#record_check"  # of all regions: the beginning of each morning's work


def record_check_key(region_code: str) -> Key:
    """How far the half-yearly check has come in a region."""
    return _key(RECORD_CHECK, region_code)


# --- Registry: the three overloaded indexes ---------------------------------------------------------------------


def index(number: int, pk: str, sk: str) -> dict[str, str]:
    """The index members of an item: `**index(1, inbox(owner), due)`."""
    return {f"gsi{number}pk": pk, f"gsi{number}sk": sk}


def people(region_code: str) -> str:
    """gsi1: whose record a bureau keeps, least recently confirmed first."""
    return f"PEOPLE#{region_code}"


def by_confirmation(day: str, person_id: str = "") -> str:
    """Where somebody stands in that list; without a person, what every place of the day begins with."""
    return f"{day}#{person_id}"


def by_name(name_hash: str) -> str:
    """gsi2: people of one name, by region."""
    return f"NAME#{name_hash}"


def members(uscc: str) -> str:
    """gsi3: people of one employer."""
    return f"EMP#{uscc}"


def year_list(year: int, region_code: str, *, short: bool) -> str:
    """gsi1: people of a region by a year's fulfilment."""
    return f"YEAR#{year}#{region_code}#{'short' if short else 'done'}"


def transfers_to(region_code: str) -> str:
    """gsi1: transfers to a bureau, by the moment they began."""
    return f"TRTO#{region_code}"


def transfers_from(region_code: str) -> str:
    """gsi2: transfers away from a bureau, by the moment they began."""
    return f"TRFROM#{region_code}"


def inbox(owner: str) -> str:
    """gsi1: a bureau's open tasks, oldest deadline first."""
    return f"INBOX#{owner}"


def done(owner: str) -> str:
    """gsi1: a bureau's finished tasks, by time."""
    return f"DONE#{owner}"


def held(account_id: str) -> str:
    """gsi3: the tasks a reviewer has claimed."""
    return f"HELD#{account_id}"


WAITING = "WAITING"  # gsi3: waits for somebody who is no bureau
RUNNING = "RUNNING"  # gsi2: imports not finished yet
PARKED = "PARKED"  # gsi1: what needs a human
OUTBOX_LANES = 8


def outbox_lane(lane: int) -> str:
    """gsi1: undelivered outbox entries, next due first, spread over `OUTBOX_LANES` partitions."""
    return f"OUTBOX#{lane}"


def imports_of(institution_id: str) -> str:
    """gsi1: an institution's imports by time."""
    return f"IMPORTS#{institution_id}"


INSTITUTIONS = "INSTITUTIONS"  # gsi1: who may report
EMPLOYERS = "EMPLOYERS"  # gsi1: units with an account, by region


def audit_day(day: str, region_code: str) -> str:
    """gsi1: what happened in a region on a day (Asia/Shanghai)."""
    return f"AUDIT#{day}#{region_code}"


# --- Identity ---------------------------------------------------------------------------------------------------


def account_pk(account_id: str) -> str:
    """An account and its sessions."""
    return f"A#{account_id}"


def account_key(account_id: str) -> Key:
    """The account: password hash, role, scope, epoch."""
    return _key(account_pk(account_id), "ACCOUNT")


def session_key(account_id: str, family: str) -> Key:
    """One session family: a sign-in and its chain of refresh tokens."""
    return _key(account_pk(account_id), f"S#{family}")


def username_key(username: str) -> Key:
    """Sign-in of staff, employers' administrators and institutions."""
    return _key(f"U#{username}", "U")


def code_key(phone_hash: str, purpose: str) -> Key:
    """The one-time code last sent to a phone for a purpose."""
    return _key(f"OTP#{phone_hash}", purpose)


def limit_key(subject_hash: str) -> Key:
    """What a rate limit remembers of a phone, an address or an unknown username."""
    return _key(f"RL#{subject_hash}", "RL")


def admins_key() -> Key:
    """How many admins are active: the last one cannot be suspended."""
    return _key("ADMINS", "COUNT")


def invitation_key(invitation_hash: str) -> Key:
    """A one-time link that sets a first password: read by the hash of what stands in the link."""
    return _key(f"INV#{invitation_hash}", "INV")


STAFF = "STAFF"


def accounts_list(role: Role) -> str:
    """gsi1 of Identity: staff accounts by scope and username, institutions' by region, administrators' by region and unit."""
    return {Role.INSTITUTION: INSTITUTIONS, Role.EMPLOYER: EMPLOYERS}.get(role, STAFF)


def card(**shown: Any) -> dict[str, Any]:
    """What lists show of an item, and all that an index carries; members that are None are left out."""
    return {"card": {name: value for name, value in shown.items() if value is not None}}
