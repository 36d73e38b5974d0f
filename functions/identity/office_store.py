"""Offices as items: one small partition, read as a whole by whoever shows them."""

from datetime import datetime

from identity.office_form import OfficeForm
from jingkuai.aws import keys
from jingkuai.aws.audit import change_item
from jingkuai.aws.clock import iso
from jingkuai.aws.ids import NewId
from jingkuai.aws.tables import Table, put_item, transact
from jingkuai.domain.principal import Principal


class OfficeStore:
    """The offices in the Registry table."""

    def __init__(self, registry: Table, new_id: NewId) -> None:
        self._registry = registry
        self._new_id = new_id

    def save(self, code: str, office: OfficeForm, *, by: Principal, at: datetime) -> None:
        """Write an office, audited under its region with all of it: none of it is personal. AWS calls: 1."""
        shown = {"name": office.name, "phone": office.phone, "address": office.address}
        entry = change_item(
            code, action="office.entered", by=by, at=at, new_id=self._new_id, region_code=code, details=shown
        )
        item = {**keys.office_key(code), "v": 1, **shown, "updated_at": iso(at)}
        transact(self._registry.client, [put_item(self._registry, item), put_item(self._registry, entry)])
