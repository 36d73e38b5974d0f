"""A bureau's own reasons for a return: one item of each bureau that has any."""

from datetime import datetime

from jingkuai.aws import keys
from jingkuai.aws.audit import change_item
from jingkuai.aws.clock import iso
from jingkuai.aws.ids import NewId
from jingkuai.aws.tables import Cancelled, Item, Table, put_item, transact, update_item
from jingkuai.domain.principal import Principal
from jingkuai.domain.problem import Conflict
from review.return_reasons import ReasonList


class ReasonStore:
    """The lists in the Registry table."""

    def __init__(self, registry: Table, new_id: NewId) -> None:
        self._registry = registry
        self._new_id = new_id

    def reasons(self, region_code: str) -> ReasonList:
        """A bureau's list. AWS calls: 1."""
        item = self._registry.get(keys.reasons_key(region_code))
        return ReasonList(own_reasons(item), item["version"]) if item else ReasonList()

    def keep(self, region_code: str, kept: ReasonList, *, by: Principal, at: datetime) -> ReasonList:
        """Write the list that follows the version before it, audited. Raises Conflict. AWS calls: 1."""
        before = kept.version - 1
        as_read = "version = :before" if before else "attribute_not_exists(pk)"
        after = update_item(
            self._registry,
            keys.reasons_key(region_code),
            "SET v = :one, reasons = :own, version = :version, updated_at = :at",
            condition=f"{as_read} OR (version = :version AND reasons = :own)",  # the same request again
            values={
                ":one": 1,
                ":own": list(kept.own),
                ":version": kept.version,
                ":at": iso(at),
                **({":before": before} if before else {}),
            },
        )
        audit = change_item(
            region_code,
            action="return_reasons.kept",
            by=by,
            at=at,
            new_id=self._new_id,
            region_code=region_code,
            details={"version": kept.version, "reasons": list(kept.own)},
        )
        try:
            transact(self._registry.client, [after, put_item(self._registry, audit)])
        except Cancelled as cancelled:
            if cancelled.failed(0):
                raise Conflict() from cancelled
            raise
        return kept


def own_reasons(item: Item | None) -> tuple[str, ...]:
    """The texts of a bureau's item, none where it has none."""
    return tuple(item["reasons"]) if item else ()
