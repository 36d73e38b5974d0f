"""Filing an appeal: the same for somebody at home, who proves a phone by code, and at a bureau's counter."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from jingkuai.aws.appeal_store import AppealStore, Desk, NewAppeal
from jingkuai.aws.idempotency import RequestKey
from jingkuai.aws.ids import NewId
from jingkuai.aws.lookup import LookupKey
from jingkuai.aws.sealing import Sealer
from jingkuai.aws.tables import Table, TransactWrite
from jingkuai.domain.appeal import (
    A_DAY,
    REQUIRED_SCANS,
    Appeal,
    AppealForm,
    NumberNotRegistered,
    OpenAppeal,
    PhoneInUse,
    PhoneIsTheAccounts,
    ScanNotReady,
    TooManyAppeals,
    phone_of,
    query_code,
    read,
)
from jingkuai.domain.person_name import comparable
from jingkuai.domain.principal import Principal
from jingkuai.domain.privacy import mask_id_number
from jingkuai.domain.problem import FieldProblem, Invalid
from jingkuai.domain.scan import SCAN_NOT_READY, scan_problems
from jingkuai.domain.submission import missing_scans
from jingkuai.domain.workdays import today_in_shanghai


@dataclass(frozen=True, slots=True)
class Filed:
    """What whoever filed an appeal is told."""

    appeal_id: str
    query_code: str


@dataclass(frozen=True, slots=True)
class Intake:
    """How appeals are taken in, wherever that happens."""

    store: AppealStore
    registry: Table
    lookup: LookupKey
    sealer: Sealer
    new_id: NewId

    def earlier(self, key: RequestKey, *, at: datetime) -> Filed | None:
        """What the first request with this key filed. Raises IdempotencyKeyReused. AWS calls: 1."""
        appeal_id = key.earlier_result(self.registry, now=at)
        return self._filed(appeal_id) if appeal_id else None

    def consider(self, form: AppealForm, *, at: datetime, besides: Sequence[FieldProblem] = ()) -> tuple[Appeal, Desk]:
        """The appeal of a form and what it is checked against. Nothing of it tells who holds the number.

        Raises Invalid with every problem of fields and scans, those `besides` too; ScanNotReady where only the
        inspection of a scan is not over. AWS calls: 1.
        """
        told, problems = read(form, today=today_in_shanghai(at))
        problems += besides
        phone = phone_of(form)
        if phone is None:  # scans belong to a phone
            raise Invalid(errors=problems)
        desk = self.desk(told, self.phone_hash(phone.text), form.attachment_ids, at=at)
        problems += scan_problems(form.attachment_ids, desk.scans)
        problems += missing_scans(REQUIRED_SCANS, (scan.kind for scan in desk.scans.values()))
        if problems and all(one.code == SCAN_NOT_READY for one in problems):
            raise ScanNotReady(errors=problems)
        if problems or told is None:
            raise Invalid(errors=problems)
        return told, desk

    def desk(self, told: Appeal | None, phone_hash: str, attachment_ids: Sequence[str], *, at: datetime) -> Desk:
        """What an appeal is checked against. AWS calls: 1."""
        id_hashes = [self.lookup.of(*number) for number in told.numbers] if told else []
        return self.store.desk(id_hashes, phone_hash, list(dict.fromkeys(attachment_ids)), at=at)

    def refuse_unless_possible(self, desk: Desk, *, at: datetime) -> None:
        """What only somebody with a proven phone may be told.

        Raises NumberNotRegistered, OpenAppeal, PhoneIsTheAccounts, PhoneInUse, TooManyAppeals. AWS calls: 0.
        """
        if desk.holder is None:
            raise NumberNotRegistered()
        if desk.holder.has_open_appeal:
            raise OpenAppeal()
        if desk.phone_of is not None:
            raise PhoneIsTheAccounts() if desk.phone_of == desk.holder.person_id else PhoneInUse()
        if desk.filed_today >= A_DAY:
            raise TooManyAppeals(at)

    def file(
        self,
        told: Appeal,
        desk: Desk,
        *,
        by: Principal | None,
        at: datetime,
        proof: TransactWrite | None = None,
        key: RequestKey | None = None,
    ) -> Filed | None:
        """File an appeal that is possible; None where something has changed since it was looked at. AWS calls: 2."""
        if desk.holder is None:
            return None
        appeal_id, holder = self.new_id(at), desk.holder
        filed = self._filed(appeal_id)
        new = NewAppeal(
            appeal_id=appeal_id,
            told=told,
            holder=holder,
            id_masked=mask_id_number(told.numbers[0].identity),
            name_agrees=self.lookup.of("name", comparable(told.name.text)) == holder.name_hash,
            phone_hash=self.phone_hash(told.phone.text),
            phone_cipher=self.sealer.seal_together({"phone": told.phone.text}, holder.person_id),
            query_hash=self.query_hash(filed.query_code),
            scans=list(desk.scans.values()),
            filed_by=by,
        )
        return filed if self.store.file(new, desk, at=at, proof=proof, key=key) else None

    def phone_hash(self, phone: str) -> str:
        return self.lookup.of("phone", phone)

    def query_hash(self, code: str) -> str:
        return self.lookup.of("appeal query code", code)

    def _filed(self, appeal_id: str) -> Filed:
        digest = self.lookup.of("appeal", appeal_id).partition(".")[2]
        return Filed(appeal_id, query_code(digest))
