"""One-time codes as they are sent, and what limits the sending, as items of the Identity table."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from identity.account_rules import CodeLimit
from identity.code_limits import AddressLimit, PhoneLimit
from jingkuai.aws.keys import code_key, limit_key
from jingkuai.aws.one_time_codes import SentCodes
from jingkuai.aws.tables import Cancelled, Item, TransactWrite, put_item, transact, update_item
from jingkuai.domain.one_time_code import Purpose

_DAY = timedelta(days=1)
_MILLISECOND = timedelta(milliseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class CodeStore(SentCodes):
    """Codes sent to phones, and what is remembered to limit them."""

    def limits(
        self, phone_hash: str, address_hash: str, per_phone: Sequence[CodeLimit], a_minute: int
    ) -> tuple[PhoneLimit, AddressLimit]:
        """What was sent to this phone and asked for from this address. AWS calls: 1."""
        phone_at, address_at = limit_key(phone_hash), limit_key(address_hash)
        found = self._identity.batch_get([phone_at, address_at])
        by_phone = found.get((phone_at["pk"], phone_at["sk"]), {})
        by_address = found.get((address_at["pk"], address_at["sk"]), {})
        full_at = _moment(by_address["full_at"]) if "full_at" in by_address else None
        return PhoneLimit(per_phone, tuple(map(_moment, by_phone.get("sent", [])))), AddressLimit(a_minute, full_at)

    def save_code(
        self,
        phone_hash: str,
        address_hash: str,
        purpose: Purpose,
        code_hash: str,
        by_phone: PhoneLimit,
        by_address: AddressLimit,
        now: datetime,
    ) -> bool:
        """The new code and its count against both limits, together; False when a limit moved since it was read. AWS calls: 1."""
        code = {
            **code_key(phone_hash, purpose.value),
            "v": 1,
            "code_hash": code_hash,
            "tried": [],
            "expires_at": int((now + purpose.lifetime).timestamp()),
        }
        writes = [self._count_phone(phone_hash, by_phone, now), self._count_address(address_hash, by_address, now)]
        try:
            transact(self._identity.client, [*writes, put_item(self._identity, code)])
        except Cancelled:
            return False
        return True

    def _count_phone(self, phone_hash: str, limit: PhoneLimit, now: datetime) -> TransactWrite:
        sent = [_milliseconds(at) for at in limit.with_one(now).sent]
        item = {
            **limit_key(phone_hash),
            "v": 1,
            "sent": sent,
            "last": sent[-1],
            "expires_at": int((now + _DAY).timestamp()),
        }
        if not limit.sent:
            return put_item(self._identity, item, condition="attribute_not_exists(pk)")
        return put_item(
            self._identity,
            item,
            condition="#last = :seen",
            names={"#last": "last"},
            values={":seen": _milliseconds(limit.sent[-1])},
        )

    def _count_address(self, address_hash: str, limit: AddressLimit, now: datetime) -> TransactWrite:
        """Take one token. While the bucket is not full this is an addition, so that others' requests do not stand in the way."""
        step, at = _milliseconds_of(limit.interval), _milliseconds(now)
        values: Item = {":v": 1, ":gone": int((now + _DAY).timestamp())}
        if limit.full_at is None or limit.full_at <= now:
            return update_item(
                self._identity,
                limit_key(address_hash),
                "SET v = :v, expires_at = :gone, full_at = :next",
                condition="attribute_not_exists(full_at) OR full_at <= :now",
                values={**values, ":next": at + step, ":now": at},
            )
        return update_item(
            self._identity,
            limit_key(address_hash),
            "SET v = :v, expires_at = :gone, full_at = full_at + :step",
            condition="full_at <= :latest",
            values={**values, ":step": step, ":latest": at + _milliseconds_of(timedelta(minutes=1)) - step},
        )


def _milliseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // _MILLISECOND


def _milliseconds_of(span: timedelta) -> int:
    return span // _MILLISECOND


def _moment(milliseconds: int) -> datetime:
    return _EPOCH + milliseconds * _MILLISECOND
