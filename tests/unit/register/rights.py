"""Somebody with an approved record and all that is held on them, and what they may ask of the registry about themselves."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from typing import Any
from zipfile import ZipFile

from jingkuai.aws import clients, keys
from jingkuai.aws.audit import look_item
from jingkuai.aws.ids import uuid7
from jingkuai.aws.lookup import lookup_key
from jingkuai.aws.one_time_codes import SentCodes, code_hash
from jingkuai.aws.sealing import Sealer
from jingkuai.aws.settings import settings
from jingkuai.aws.tables import Item
from jingkuai.domain.one_time_code import Purpose
from jingkuai.domain.principal import Principal, Role
from register import deactivation, export_making, exports, revealing
from register.deactivation_store import DeactivationStore
from register.export_making import Made
from register.export_store import ExportStore
from register.exports import Export
from register.held_store import HeldStore
from register.revealing import Revealed
from register.rights_store import RightsStore
from tests.cloud import Cloud
from tests.unit.register import people
from tests.unit.register.desk import Desk

ID_NUMBER = "429004196505317038"
REVIEWER = Principal("01990000-0000-7000-8000-00000000000a", Role.REVIEWER, "420106", None, "王*", "session")
CODE = "123456"


class Rights:
    """The person's desk, and what follows from what they ask."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.desk = Desk(cloud)
        self.me = people.principal()
        self.sealer = Sealer(clients.kms(), settings().data_key_id)
        self.store = RightsStore(cloud.registry, uuid7)
        self.codes = SentCodes(cloud.identity)
        self.exports = ExportStore(cloud.registry, uuid7)
        self.held = HeldStore(cloud.registry, self.desk.drafts)
        self.leaving = DeactivationStore(cloud.registry, cloud.identity, uuid7)
        self.id_hash = lookup_key().of("id:18", ID_NUMBER)
        self.phone_hash = lookup_key().of("phone", people.PHONE)
        self._settle_in()

    def _settle_in(self) -> None:
        cipher = self.sealer.seal_together({"id_number": ID_NUMBER, "phone": people.PHONE}, people.PERSON)
        sections = people.payload()
        sections["contact"].pop("phone")
        people.register(
            self.cloud.registry,
            status="active",
            version=1,
            region_code=sections.pop("region_code"),
            sections=sections,
            id_hash=self.id_hash,
            id_cipher=cipher,
            phone_cipher=cipher,
            consent={"version": "1", "at": "2026-11-24T03:00:00.000Z"},
            **keys.index(1, keys.people("420106"), "2026-11-24#p"),
            **keys.index(2, keys.by_name("k1.name"), "420106#p"),
            **keys.index(3, keys.members("91420106MA4KABCD9R"), "p"),
        )
        claim = {"v": 1, "person_id": people.PERSON, "name_hmac": "k1.name", "approved": True, "uscc": "x"}
        self.cloud.registry.put({**keys.id_claim_key(self.id_hash), **claim})
        self.cloud.registry.put({**keys.phone_claim_key(self.phone_hash), "v": 1, "person_id": people.PERSON})
        self.cloud.identity.put({**keys.account_key(people.PERSON), "v": 1, "epoch": 1})

    # --- codes

    def send_code(self, phone: str = people.PHONE, code: str = CODE) -> None:
        phone_hash = lookup_key().of("phone", phone)
        gone = int((self.desk.now + timedelta(minutes=5)).timestamp())
        hashed = code_hash(phone_hash, Purpose.CONFIRM, code, lookup_key())
        at = keys.code_key(phone_hash, Purpose.CONFIRM.value)
        self.cloud.identity.put({**at, "v": 1, "code_hash": hashed, "tried": [], "expires_at": gone})

    # --- what the person asks

    def reveal(self, otp: str = CODE) -> Revealed:
        return revealing.reveal(
            otp,
            by=self.me,
            store=self.store,
            codes=self.codes,
            sealer=self.sealer,
            lookup=lookup_key(),
            clock=self.desk.clock,
        )

    def request(self) -> Export:
        return exports.request(by=self.me, store=self.exports, clock=self.desk.clock, new_id=uuid7)

    def export(self) -> Export | None:
        return exports.own_export(by=self.me, store=self.exports, clock=self.desk.clock)

    def deactivate(self, otp: str = CODE) -> None:
        deactivation.deactivate(
            otp,
            by=self.me,
            store=self.leaving,
            codes=self.codes,
            lookup=lookup_key(),
            clock=self.desk.clock,
        )

    # --- what the workflow does

    def make(self, export: Export, attempt: int = 1) -> Made:
        return export_making.make(
            people.PERSON,
            f"{export.export_id}.{attempt}",
            exports=self.exports,
            held=self.held,
            files=self.desk.files,
            bucket=self.cloud.records,
            sealer=self.sealer,
            clock=self.desk.clock,
        )

    def park(self, export: Export, subject: dict[str, str] | None = None) -> None:
        export_making.park(
            subject or dict(keys.export_key(people.PERSON)),  # type: ignore[arg-type]
            execution=f"{export.export_id}.1",
            failure="PrepareExport: Broken",
            exports=self.exports,
            clock=self.desk.clock,
        )

    # --- what is there

    def archive(self, export: Export) -> ZipFile:
        content = self.desk.files.get(self.cloud.records, export.file_key)
        assert content is not None
        return ZipFile(io.BytesIO(content))

    def data(self, export: Export) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.archive(export).read("data.json"))
        return found

    def account(self) -> Item:
        found = self.cloud.identity.get(keys.account_key(people.PERSON))
        assert found is not None
        return found

    def look(self, by: Principal = REVIEWER, purpose: str = "审核") -> None:
        self.desk.now += timedelta(milliseconds=1)
        self.cloud.registry.put(
            look_item(people.PERSON, purpose=purpose, by=by, at=self.desk.now, new_id=uuid7, region_code="420106")
        )
