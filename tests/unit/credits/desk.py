"""The credits context on one's desk: an institution, people with claims, and a file's way from the bucket to its report."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import boto3

from credits import intake, loading, preparing, reporting
from credits.batches import ImportBatch, ImportStatus
from credits.imports import Announced, Announcement, announce
from credits.intake import Arrival
from credits.ledger_store import LedgerStore
from credits.places import Places, incoming_key
from credits.store import ImportStore
from jingkuai.aws import clients, keys
from jingkuai.aws.files import Files
from jingkuai.aws.ids import uuid7
from jingkuai.aws.lookup import lookup_key
from jingkuai.aws.tables import Item
from jingkuai.domain.credit_rules import RuleBook, YearCredits
from jingkuai.domain.identity_document import lookup_candidates
from jingkuai.domain.person_name import comparable
from jingkuai.domain.principal import Principal, Role
from jingkuai.domain.privacy import mask_id_number, mask_name
from jingkuai.domain.workdays import today_in_shanghai
from tests import people
from tests.cloud import ROOT, Cloud
from tests.conftest import NOON
from tests.doubles import costing

RULES = RuleBook.from_policy(json.loads((ROOT / "infra/policies/credit_rules.json").read_text()))
SAMPLES = ROOT / "tests" / "samples"
HEADINGS = ("身份证件号码", "姓名", "培训年度", "科目类别", "课程名称", "学分", "完成日期", "课程编号", "备注")
TRAINING = "example-training"


@dataclass(frozen=True)
class Somebody:
    """A person with an approved record."""

    person_id: str
    id_number: str
    name: str

    def row(self, course: str, credits: str = "5", **other: str) -> list[str]:
        """A row of a credit file about this person."""
        told = {
            "id": self.id_number,
            "name": self.name,
            "year": "2026",
            "category": "专业科目",
            "no": "",
            "note": "",
            **other,
        }
        done = told.get("done", f"{told['year']}-05-01")
        return [
            told["id"],
            told["name"],
            told["year"],
            told["category"],
            course,
            credits,
            done,
            told["no"],
            told["note"],
        ]


class CreditsDesk:
    """One account in memory; `now` is the clock, and moves a second with every look at it."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.now = NOON
        self.files = Files(clients.s3())
        self.places = Places(self.files, cloud.uploads, cloud.records)
        self.imports = ImportStore(cloud.registry, uuid7)
        self.ledger = LedgerStore(cloud.registry)
        self.institution(TRAINING)

    def clock(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now

    def institution(self, institution_id: str, years: Sequence[int] = (2026, 2025)) -> Principal:
        shown = {
            "institution_id": institution_id,
            "name": f"湖北示例培训中心{institution_id}",
            "years_open": list(years),
        }
        self.cloud.registry.put({**keys.institution_key(institution_id), "v": 1, **shown, "queue": []})
        return Principal(f"account-{institution_id}", Role.INSTITUTION, institution_id, None, "", "s")

    @property
    def trainer(self) -> Principal:
        return Principal(f"account-{TRAINING}", Role.INSTITUTION, TRAINING, None, "", "s")

    def somebody(self, id_number: str | None = None, name: str = "林㛃𬭎", *, approved: bool = True) -> Somebody:
        """Somebody registered; with `approved` also on record in 420106."""
        import random

        one = Somebody(uuid7(self.clock()), id_number or people.id_number(random.Random()), name)
        (lookup, *_) = lookup_candidates(one.id_number, today=today_in_shanghai(self.now))
        name_hash = lookup_key().of("name", comparable(name))
        claim = {"person_id": one.person_id, "name_hmac": name_hash, "approved": approved}
        self.cloud.registry.put({**keys.id_claim_key(lookup_key().of(*lookup)), "v": 1, **claim})
        profile = {
            "person_id": one.person_id,
            "name": name,
            "name_masked": mask_name(name),
            "id_masked": mask_id_number(one.id_number),
            "region_code": "420106" if approved else None,
        }
        self.cloud.registry.put({**keys.person_key(one.person_id), "v": 1, **profile})
        return one

    def announce(
        self, data: bytes, filename: str = "年度学分.csv", *, by: Principal | None = None, dry_run: bool = False
    ) -> Announced:
        return announce(
            Announcement(filename, len(data), 2026, dry_run),
            by=by or self.trainer,
            request=None,
            imports=self.imports,
            places=self.places,
            clock=self.clock,
            new_id=uuid7,
        )

    def arrive(self, key: str, data: bytes, *, sequencer: str = "1", size: int | None = None) -> str | None:
        """The bytes lie in the bucket and S3 tells of them."""
        self.files.put(self.cloud.uploads, key, data, content_type="text/csv")
        return self.tell(key, len(data) if size is None else size, sequencer)

    def tell(self, key: str, size: int, sequencer: str = "1") -> str | None:
        return intake.take_in(
            Arrival(key, size, sequencer),
            imports=self.imports,
            files=self.files,
            bucket=self.cloud.uploads,
            clock=self.clock,
        )

    def send(
        self, data: bytes, filename: str = "年度学分.csv", *, by: Principal | None = None, dry_run: bool = False
    ) -> str:
        """Announce a file and upload it; its import is started or waits."""
        announced = self.announce(data, filename, by=by, dry_run=dry_run)
        assert self.arrive(announced.batch.key, data)
        return announced.batch.import_id

    def imported(self, data: bytes, filename: str = "年度学分.csv", **other: Any) -> ImportBatch:
        """The import of a file from its announcement to its end."""
        return self.run(self.send(data, filename, **other))

    def run(self, import_id: str) -> ImportBatch:
        """What the state machine does."""
        for chunk in self.prepare(import_id):
            self.load(import_id, chunk)
        if self.batch(import_id).status is ImportStatus.RUNNING:
            self.report(import_id)
        return self.batch(import_id)

    def prepare(self, import_id: str, attempt: int = 1) -> list[str]:
        return preparing.prepare(import_id, attempt=attempt, imports=self.imports, places=self.places, clock=self.clock)

    def load(self, import_id: str, chunk: str) -> None:
        loading.load_chunk(
            import_id,
            chunk,
            imports=self.imports,
            ledger=self.ledger,
            places=self.places,
            rules=RULES,
            lookup=lookup_key(),
            clock=self.clock,
        )

    def report(self, import_id: str) -> None:
        reporting.report(import_id, imports=self.imports, places=self.places, clock=self.clock)

    def batch(self, import_id: str) -> ImportBatch:
        found = self.imports.batch(import_id)
        assert found is not None
        return found

    def year(self, one: Somebody, year: int = 2026) -> YearCredits:
        return YearCredits.of(self.ledger.entries(one.person_id, year), RULES.of(year))

    def report_text(self, batch: ImportBatch, encoding: str) -> str:
        return self.report_bytes(batch).decode(encoding)

    def report_bytes(self, batch: ImportBatch) -> bytes:
        assert batch.report_key is not None
        found = self.files.get(self.cloud.records, batch.report_key)
        assert found is not None
        return found

    def report_rows(
        self, batch: ImportBatch, encoding: str = "utf-8", separator: str = ","
    ) -> dict[int, dict[str, str]]:
        """The rows of the report by line, each by heading."""
        rows = list(csv.reader(io.StringIO(self.report_text(batch, encoding), newline=""), delimiter=separator))
        heading = next(row for row in rows if "行号" in row)
        after = rows[rows.index(heading) + 1 :]
        return {int(row[0]): dict(zip(heading, row, strict=False)) for row in after if any(row)}

    def institution_item(self, institution_id: str = TRAINING) -> Item:
        return self.cloud.registry.get(keys.institution_key(institution_id)) or {}

    def promised_starts(self) -> list[str]:
        """The names of the executions that were promised, oldest first."""
        return [one["detail"]["name"] for one in self.outbox("StartExecution")]

    def outbox(self, kind: str) -> list[Item]:
        lanes = (
            self.cloud.registry.query_all(keys.outbox_lane(lane), index="gsi1") for lane in range(keys.OUTBOX_LANES)
        )
        entries = [self.cloud.registry.get({"pk": one["pk"], "sk": one["sk"]}) or {} for lane in lanes for one in lane]
        return sorted((one for one in entries if one["kind"] == kind), key=lambda one: str(one["entry_id"]))

    def stored(self, bucket: str, prefix: str = "") -> list[str]:
        listed = boto3.client("s3").list_objects_v2(Bucket=bucket, Prefix=prefix)
        return [one["Key"] for one in listed.get("Contents", [])]

    def costing(self, calls: int) -> AbstractContextManager[None]:
        """The AWS calls a piece of code makes, warm: no more and no fewer."""
        return costing(calls)


def table(
    rows: Sequence[Sequence[str]],
    *,
    headings: Sequence[str] = HEADINGS,
    separator: str = ",",
    above: Sequence[Sequence[str]] = (),
) -> str:
    """A credit file's text."""
    out = io.StringIO()
    csv.writer(out, delimiter=separator, lineterminator="\r\n").writerows([*above, headings, *rows])
    return out.getvalue()


def at_incoming(name: str, institution_id: str = TRAINING) -> str:
    return incoming_key(institution_id, name)
