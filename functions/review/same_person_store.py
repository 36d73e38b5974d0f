"""Verdicts on two records as items: one under each of the two, written together, so that both sides read the same."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from jingkuai.aws import keys, open_lock
from jingkuai.aws.audit import change_item
from jingkuai.aws.ids import NewId
from jingkuai.aws.tables import Cancelled, Item, Table, TransactWrite, check_item, put_item, transact, update_item
from jingkuai.domain.principal import Principal, scope_of
from jingkuai.domain.problem import NotFound
from jingkuai.domain.submission import SubmissionKind
from review.own_case import not_their_own
from review.same_person import MOST_VERDICTS, JudgedPair, OutOfReach, OwnRecord, StandsAlready, Verdict


@dataclass(frozen=True, slots=True)
class OpenRegistration:
    """A first registration under way, and the bureau it was filed with."""

    submission_id: str
    region_code: str


class SamePersonStore:
    """The verdicts in the Registry table."""

    def __init__(self, registry: Table, new_id: NewId) -> None:
        self._registry = registry
        self._new_id = new_id

    def save(
        self,
        person_id: str,
        other_id: str,
        verdict: Verdict,
        *,
        by: Principal,
        at: datetime,
        registration: OpenRegistration | None = None,
    ) -> None:
        """Write a verdict under both, audited under both, or nothing.

        Raises OutOfReach where the caller's region does not keep the first record (with `registration`: where that is no
        longer open), NotFound where there is no other, StandsAlready, OwnRecord for
        whoever has become one of the two a moment ago. AWS calls: 1.
        """
        reach = self._registering(person_id, registration) if registration else self._kept_in_reach(person_id, by)
        writes = [
            reach,
            check_item(self._registry, keys.person_key(other_id), "attribute_exists(pk)"),
            self._said(person_id, other_id, verdict),
            self._said(other_id, person_id, verdict),
            *(
                self._audit(one, other, verdict, by, at)
                for one, other in ((person_id, other_id), (other_id, person_id))
            ),
        ]
        checks = not_their_own(self._registry, by.own, person_id, other_id)
        try:
            transact(self._registry.client, [*writes, *checks])
        except Cancelled as cancelled:
            if cancelled.failed(0):
                raise OutOfReach() from cancelled
            if cancelled.failed(1):
                raise NotFound() from cancelled
            if cancelled.failed(2):
                raise StandsAlready() from cancelled
            if cancelled.failed(*range(len(writes), len(writes) + len(checks))):
                raise OwnRecord() from cancelled
            raise

    def pair(self, person_id: str, other_id: str) -> JudgedPair | None:
        """What was said of these two. AWS calls: 1."""
        item = self._registry.get(keys.same_person_key(person_id, other_id))
        return pair_of(item) if item else None

    def open_registration(self, person_id: str) -> OpenRegistration | None:
        """The registration under way of somebody without a record. AWS calls: 2, 1 where there is none."""
        person = self._registry.get(keys.person_key(person_id)) or {}
        submission_id = person.get("open", {}).get(SubmissionKind.REGISTRATION.value)
        if submission_id is None:
            return None
        submission = self._registry.get(keys.submission_key(person_id, submission_id))
        return OpenRegistration(submission_id, submission["region_code"]) if submission else None

    def _kept_in_reach(self, person_id: str, by: Principal) -> TransactWrite:
        return check_item(
            self._registry,
            keys.person_key(person_id),
            "begins_with(region_code, :scope)",
            values={":scope": scope_of(by.scope)},
        )

    def _registering(self, person_id: str, registration: OpenRegistration) -> TransactWrite:
        return check_item(
            self._registry,
            keys.person_key(person_id),
            open_lock.HELD,
            values={":submission": registration.submission_id},
            names=open_lock.names(SubmissionKind.REGISTRATION),
        )

    def _said(self, of: str, other: str, verdict: Verdict) -> TransactWrite:
        """The verdict on one side: it stands in the place of another one, and behind it, as long as the list has room."""
        entry = {
            "same": verdict.same,
            "reason": verdict.reason,
            "by": verdict.by,
            "bureau": verdict.bureau,
            "at": verdict.at,
        }
        return update_item(
            self._registry,
            keys.same_person_key(of, other),
            "SET v = :one, person_id = :of, other_person_id = :other, same = :same, "
            "verdicts = list_append(if_not_exists(verdicts, :none), :entry)",
            condition="attribute_not_exists(pk) OR (same <> :same AND size(verdicts) < :most)",
            values={
                ":one": 1,
                ":of": of,
                ":other": other,
                ":same": verdict.same,
                ":none": [],
                ":entry": [entry],
                ":most": MOST_VERDICTS,
            },
        )

    def _audit(self, of: str, other: str, verdict: Verdict, by: Principal, at: datetime) -> TransactWrite:
        entry = change_item(
            of,
            action="same_person.judged",
            by=by,
            at=at,
            new_id=self._new_id,
            region_code=verdict.bureau,
            details={"other_person_id": other, "same": verdict.same},
        )
        return put_item(self._registry, entry)


def pair_of(item: Mapping[str, Any]) -> JudgedPair:
    """The verdicts of an item."""
    return JudgedPair(item["person_id"], item["other_person_id"], tuple(Verdict(**one) for one in item["verdicts"]))


def is_same(item: Item | None) -> bool | None:
    """What stands of two, None where nothing was said."""
    return item["same"] if item else None
