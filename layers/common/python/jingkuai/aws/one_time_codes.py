"""Uses of one-time codes: the items of the codes that were sent, in the Identity table.

A code's item lists the hashes of what was tried. To try is to append, on the condition that this was not tried before
and fewer than five were: so the right code opens once, and guesses sent at the same moment still count one by one.

An appeal's code opens several calls: the right one stands in the list too (`proven` says so, and that the list may be
one longer for it), and `used` ends it.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from jingkuai.aws.clock import Clock
from jingkuai.aws.keys import code_key
from jingkuai.aws.lookup import LookupKey
from jingkuai.aws.tables import Cancelled, ConditionFailed, Item, Table, TransactWrite, transact, update_item
from jingkuai.domain.one_time_code import MOST_TRIES, OtpExhausted, OtpInvalid, Purpose
from jingkuai.domain.phone import MainlandPhone
from jingkuai.domain.typed_text import compact

_TRY = "SET tried = list_append(tried, :this)"
_MAY_TRY = "expires_at > :now AND size(tried) < :most AND NOT contains(tried, :hash)"
_MAY_REPEAT = "expires_at > :now AND size(tried) < :most"
_TRIES_LEFT = "(size(tried) < :most OR (attribute_exists(proven) AND size(tried) = :most))"
_MAY_CHECK = f"expires_at > :now AND attribute_not_exists(used) AND {_TRIES_LEFT}"
_REPEATED = "again"  # a wrong code sent again is a try of its own, but its hash stands already


@dataclass(frozen=True, slots=True)
class ProvenPhone:
    """A phone whose code was right and is not used up yet."""

    phone_hash: str
    purpose: Purpose
    code_hash: str


class SentCodes:
    """The codes that were sent, to be tried and used up."""

    def __init__(self, identity: Table) -> None:
        self._identity = identity

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


def spend_code(
    phone: MainlandPhone, purpose: Purpose, code: str, *, store: SentCodes, lookup: LookupKey, clock: Clock
) -> None:
    """Use a code up. Of two uses at once exactly one succeeds; each wrong one counts, whatever comes at the same time.

    Raises OtpInvalid, OtpExhausted. AWS calls: 1 (a wrong code sent again, or none there to be used: up to 3).
    """
    phone_hash = lookup.of("phone", phone.text)
    store.spend(phone_hash, purpose, code_hash(phone_hash, purpose, code, lookup), clock())


def spend_own_code(
    phone_hash: str, purpose: Purpose, code: str, *, store: SentCodes, lookup: LookupKey, clock: Clock
) -> None:
    """Use up a code that was sent to an account's own phone, of which its hash says enough: nothing has to be opened.

    Raises OtpInvalid, OtpExhausted. AWS calls: 1 (a wrong code sent again, or none there to be used: up to 3).
    """
    store.spend(phone_hash, purpose, code_hash(phone_hash, purpose, code, lookup), clock())


def verify_code(
    phone: MainlandPhone, purpose: Purpose, code: str, *, store: SentCodes, lookup: LookupKey, clock: Clock
) -> ProvenPhone:
    """Prove a phone without using the code up: for all calls of one appeal but the last, whose transaction ends the code.

    Each wrong code counts as with `spend_code`. What was proven goes to `SentCodes.using_up`.
    Raises OtpInvalid, OtpExhausted. AWS calls: 2 (refused: up to 3).
    """
    phone_hash = lookup.of("phone", phone.text)
    proven = ProvenPhone(phone_hash, purpose, code_hash(phone_hash, purpose, code, lookup))
    store.check(proven.phone_hash, purpose, proven.code_hash, clock())
    return proven


def code_hash(phone_hash: str, purpose: Purpose, code: str, lookup: LookupKey) -> str:
    """What is stored of a code: a hash under a key that the table does not hold, as six digits alone are soon tried out.

    Of the phone its hash goes into it, so that a code is checked where the phone itself lies sealed.
    """
    return lookup.of("otp", f"{phone_hash}\x1f{purpose.value}\x1f{compact(code)}")


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
