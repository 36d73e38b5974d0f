"""Tries at a password, counted before it is looked at: on the account they are about, or on an item of a name nobody has."""

from dataclasses import dataclass
from datetime import datetime

from identity.account_rules import LockRules
from identity.lockout import NOBODYS, AccountLocked, Tally, Way, tally_of
from jingkuai.aws import keys
from jingkuai.aws.clock import iso
from jingkuai.aws.keys import Key
from jingkuai.aws.tables import ConditionFailed, Item, Table

_LOST_RACES = 3  # of tries that find the same lock over at the same moment


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try, counted: the how-manieth in a row it is until it is taken back, and the item it was counted on."""

    key: Key
    tally: Tally
    number: int
    item: Item
    after_lock: bool = False


class AttemptStore:
    """Counts tries in the Identity table."""

    def __init__(self, identity: Table) -> None:
        self._identity = identity

    def begin(self, account_id: str, way: Way, *, now: datetime, rules: LockRules) -> Attempt | None:
        """Count a try at an account and read it; None where there is none.

        Raises AccountLocked where as many as are allowed stand, or are under way. AWS calls: 1, where failures of before
        are to be forgotten up to 3, refused 2.
        """
        return self._begun(keys.account_key(account_id), tally_of(way), "attribute_exists(pk) AND ", now, rules)

    def begin_for_nobody(self, limit_hash: str, *, now: datetime, rules: LockRules) -> Attempt:
        """Count a try under a name that leads to no account. Raises AccountLocked. AWS calls: as for an account."""
        begun = self._begun(keys.limit_key(limit_hash), NOBODYS, "", now, rules)
        if begun is None:  # it was cleaned up while it was looked at, again and again
            raise AccountLocked(now + rules.locked_for, now)
        return begun

    def _begun(self, key: Key, tally: Tally, only_if: str, now: datetime, rules: LockRules) -> Attempt | None:
        for _ in range(_LOST_RACES):
            try:
                return self._counted(key, tally, only_if, now, rules)
            except ConditionFailed:
                item = self._identity.get(key)
            if item is None:
                continue
            tally.failures(item).require_unlocked(now, rules.most_failures)
            try:
                return self._anew(key, tally, now, rules)
            except ConditionFailed:
                continue
        if item is None:
            return None
        raise AccountLocked(now + rules.locked_for, now)

    def take_back(self, attempt: Attempt) -> None:
        """The password was right, although nothing came of it; forgotten since, nothing happens. AWS calls: 1."""
        try:
            self._identity.update(
                attempt.key,
                "SET #count = #count - :one",
                condition="#count >= :one",
                values={":one": 1},
                names={"#count": attempt.tally.count},
            )
        except ConditionFailed:
            return

    def _counted(self, key: Key, tally: Tally, only_if: str, now: datetime, rules: LockRules) -> Attempt:
        until = iso(now + rules.locked_for)
        # `before` is read ahead of what takes the place of `until`, in one write
        also, more = _kept(tally, now, rules)
        item = self._identity.update(
            key,
            "SET #count = if_not_exists(#count, :none) + :one, #before = if_not_exists(#until, :until), "
            f"#until = :until{also}",
            condition=f"{only_if}(attribute_not_exists(#count) OR #count < :most)",
            values={":none": 0, ":one": 1, ":until": until, ":most": rules.most_failures, **more},
            names=_names(tally),
        )
        number = int(item[tally.count])
        if number > 1 and str(item[tally.before]) <= iso(now):  # the ones before are so old that they count no more
            number = self._first_again(key, tally, number, until)
        return Attempt(key, tally, number, item)

    def _first_again(self, key: Key, tally: Tally, counted: int, until: str) -> int:
        try:
            self._identity.update(
                key,
                "SET #count = :one",
                condition="#count = :counted AND #until = :until",
                values={":one": 1, ":counted": counted, ":until": until},
                names={"#count": tally.count, "#until": tally.until},
            )
        except ConditionFailed:  # another try at the same moment: it stays too many rather than too few
            return counted
        return 1

    def _anew(self, key: Key, tally: Tally, now: datetime, rules: LockRules) -> Attempt:
        """The first try after a lock."""
        also, more = _kept(tally, now, rules)
        item = self._identity.update(
            key,
            f"SET #count = :one, #until = :until{also} REMOVE #before",
            condition="#count >= :most AND #until <= :now",
            values={
                ":one": 1,
                ":until": iso(now + rules.locked_for),
                ":most": rules.most_failures,
                ":now": iso(now),
                **more,
            },
            names=_names(tally),
        )
        return Attempt(key, tally, 1, item, after_lock=True)


def _names(tally: Tally) -> dict[str, str]:
    return {"#count": tally.count, "#until": tally.until, "#before": tally.before}


def _kept(tally: Tally, now: datetime, rules: LockRules) -> tuple[str, Item]:
    """What else is written on an item that is there for nothing but its count: until when it is kept."""
    if tally is not NOBODYS:
        return "", {}
    return ", v = :one, expires_at = :gone", {":gone": int((now + rules.locked_for).timestamp())}
