"""One-time codes and their limits as items of the Identity table.

A code's item lists the hashes of what was tried. To try is to append, on the condition that this was not tried before
and fewer than five were: so the right code opens once, and guesses sent at the same moment still count one by one.

An appeal's code opens several calls: the right one stands in the list too (`proven` says so, and that the list may be
one longer for it), and `used` ends it.
"""

import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from identity.one_time_codes import (
    MOST_TRIES,
    AddressLimit,
    OtpExhausted,
    OtpInvalid,
    PhoneLimit,
    ProvenPhone,
    Purpose,
)
from jingkuai.aws.keys import code_key, limit_key
from jingkuai.aws.tables import Cancelled, ConditionFailed, Item, Table, TransactWrite, put_item, transact, update_item

_TRY = "SET tried = list_append(tried, :this)"
_MAY_TRY = "expires_at > :now AND size(tried) < :most AND NOT contains(tried, :hash)"
_MAY_REPEAT = "expires_at > :now AND size(tried) < :most"
_TRIES_LEFT = "(size(tried) < :most OR (attribute_exists(proven) AND size(tried) = :most))"
_MAY_CHECK = f"expires_at > :now AND attribute_not_exists(used) AND {_TRIES_LEFT}"
_REPEATED = "again"  # a wrong code sent again is a try of its own, but its hash stands already
_DAY = timedelta(days=1)
_MILLISECOND = timedelta(milliseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class CodeStore:
    """Codes sent to phones, and what is remembered to limit them."""

    def __init__(self, identity: Table) -> None:
        self._identity = identity

    def limits(self, phone_hash: str, address_hash: str, a_minute: int) -> tuple[PhoneLimit, AddressLimit]:
        """What was sent to this phone and asked for from this address. AWS calls: 1."""
        phone_at, address_at = limit_key(phone_hash), limit_key(address_hash)
        found = self._identity.batch_get([phone_at, address_at])
        by_phone = found.get((phone_at["pk"], phone_at["sk"]), {})
        by_address = found.get((address_at["pk"], address_at["sk"]), {})
        full_at = _moment(by_address["full_at"]) if "full_at" in by_address else None
        return PhoneLimit(tuple(map(_moment, by_phone.get("sent", [])))), AddressLimit(a_minute, full_at)

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

    def spend(self, phone_hash: str, purpose: Purpose, code_hash: str, now: datetime) -> None:
        """Try a code, and use it up if it is the right one. Raises OtpInvalid, OtpExhausted. AWS calls: 1, refused up to 3."""
        at = code_key(phone_hash, purpose.value)
        try:
            item = self._identity.update(at, _TRY, condition=_MAY_TRY, values=_try(code_hash, now))
        except ConditionFailed:
            raise refusal(self._count_repeated(phone_hash, purpose, now), now) from None
        if not hmac.compare_digest(item["code_hash"], code_hash):
            raise refusal(item, now)

    def check(self, phone_hash: str, purpose: Purpose, code_hash: str, now: datetime) -> None:
        """Try a code without using it up; each wrong one counts, the right one may be tried again and again.

        Raises OtpInvalid, OtpExhausted. AWS calls: 2, refused up to 3.
        """
        at = code_key(phone_hash, purpose.value)
        try:
            condition = f"{_MAY_CHECK} AND NOT contains(tried, :hash)"
            item = self._identity.update(at, _TRY, condition=condition, values=_try(code_hash, now))
        except ConditionFailed:
            found = self._identity.get(at)
            if found is None or not still_opens(found, code_hash, now):
                counted = self._count_repeated(phone_hash, purpose, now, condition=_MAY_CHECK)
                raise refusal(counted, now) from None
            return
        if not hmac.compare_digest(item["code_hash"], code_hash):
            raise refusal(item, now)
        self._identity.update(at, "SET proven = :yes", values={":yes": True})

    def using_up(self, proven: ProvenPhone, now: datetime) -> TransactWrite:
        """The end of a code that was checked, in the transaction it was needed for: of two at once, one succeeds."""
        return update_item(
            self._identity,
            code_key(proven.phone_hash, proven.purpose.value),
            "SET used = :yes",
            condition="expires_at > :now AND code_hash = :hash AND attribute_not_exists(used)",
            values={":yes": True, ":now": int(now.timestamp()), ":hash": proven.code_hash},
        )

    def use_up(self, proven: ProvenPhone, now: datetime) -> None:
        """End a code that was checked, where nothing else is written; ended already, nothing changes. AWS calls: 1."""
        try:
            transact(self._identity.client, [self.using_up(proven, now)])
        except Cancelled:
            return

    def _count_repeated(
        self, phone_hash: str, purpose: Purpose, now: datetime, *, condition: str = _MAY_REPEAT
    ) -> Item | None:
        at = code_key(phone_hash, purpose.value)
        try:
            values = {":this": [_REPEATED], ":most": MOST_TRIES, ":now": int(now.timestamp())}
            return self._identity.update(at, _TRY, condition=condition, values=values)
        except ConditionFailed:
            return self._identity.get(at)

    def spending(self, phone_hash: str, purpose: Purpose, code_hash: str, now: datetime) -> TransactWrite:
        """The use of a code as part of a larger transaction, which fails if another request uses it first."""
        at = code_key(phone_hash, purpose.value)
        return update_item(
            self._identity, at, _TRY, condition=f"{_MAY_TRY} AND code_hash = :hash", values=_try(code_hash, now)
        )


def opens(item: Mapping[str, Any], code_hash: str, now: datetime) -> bool:
    """Whether this code would open at this moment; only `spend` or `spending` make sure that it does so once."""
    alive = item["expires_at"] > int(now.timestamp()) and len(item["tried"]) < MOST_TRIES
    return alive and hmac.compare_digest(item["code_hash"], code_hash) and code_hash not in item["tried"]


def still_opens(item: Mapping[str, Any], code_hash: str, now: datetime) -> bool:
    """Whether this is the code that was proven before, neither used up nor tried to death since."""
    alive = item["expires_at"] > int(now.timestamp()) and "used" not in item and _wrong_tries(item) < MOST_TRIES
    return alive and hmac.compare_digest(item["code_hash"], code_hash) and code_hash in item["tried"]


def refusal(item: Mapping[str, Any] | None, now: datetime) -> OtpInvalid | OtpExhausted:
    """Why a code did not open: all its tries were used, or anything else."""
    alive = item is not None and item["expires_at"] > int(now.timestamp())
    return OtpExhausted() if item is not None and alive and _wrong_tries(item) >= MOST_TRIES else OtpInvalid()


def _wrong_tries(item: Mapping[str, Any]) -> int:
    return len(item["tried"]) - (1 if "proven" in item else 0)


def _try(code_hash: str, now: datetime) -> Item:
    return {":this": [code_hash], ":hash": code_hash, ":most": MOST_TRIES, ":now": int(now.timestamp())}


def _milliseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // _MILLISECOND


def _milliseconds_of(span: timedelta) -> int:
    return span // _MILLISECOND


def _moment(milliseconds: int) -> datetime:
    return _EPOCH + milliseconds * _MILLISECOND
