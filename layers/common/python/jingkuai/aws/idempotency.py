"""Idempotency keys: the same request sent twice creates one thing. The record is part of the creating transaction."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from jingkuai.aws import keys
from jingkuai.aws.clock import iso
from jingkuai.aws.tables import Item, Table, TransactWrite, put_item
from jingkuai.domain.problem import Kind, Problem

LIFETIME = timedelta(hours=24)
_FREE = "attribute_not_exists(pk) OR expires_at <= :now"


class IdempotencyKeyReused(Problem):
    """The key was used in the last 24 hours for another body; nothing was done."""

    kind = Kind.INVALID
    code = "idempotency_key_reused"
    title = "重复的请求标识"
    detail = "这个 Idempotency-Key 在 24 小时内已用于另一次内容不同的请求，本次没有处理。请换一个新的标识再提交。"


@dataclass(frozen=True, slots=True)
class RequestKey:
    """A caller's Idempotency-Key with what it stands for: digests only, of the key and of the body."""

    account_id: str
    key_digest: str
    body_digest: str

    def earlier_result(self, table: Table, *, now: datetime) -> str | None:
        """The id the first such request created, or None. Raises IdempotencyKeyReused. AWS calls: 1."""
        found = table.get(keys.idempotency_key(self.account_id, self.key_digest))
        if found is None or found["expires_at"] <= iso(now):
            return None
        if found["body_digest"] != self.body_digest:
            raise IdempotencyKeyReused()
        return str(found["result_id"])

    def record(self, table: Table, result_id: str, *, now: datetime) -> TransactWrite:
        """The write that remembers the result; its condition fails where the same key won a race."""
        item: Item = {
            **keys.idempotency_key(self.account_id, self.key_digest),
            "v": 1,
            "body_digest": self.body_digest,
            "result_id": result_id,
            "expires_at": iso(now + LIFETIME),
            "ttl": int((now + LIFETIME).timestamp()),
        }
        return put_item(table, item, condition=_FREE, values={":now": iso(now)})
