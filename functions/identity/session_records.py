"""A session as it stands (会话): what the authorizer compares at every request, so nothing here is slow to load."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from identity.accounts import Account
from jingkuai.aws.ids import moment_of
from jingkuai.aws.keys import Key, id_claim_key, phone_claim_key


@dataclass(frozen=True, slots=True)
class OwnNames:
    """Keyed hashes of an ID number and a phone, by which staff are recognised as somebody of the record (回避)."""

    id_hashes: tuple[str, ...] = ()
    phone_hash: str | None = None

    @property
    def claims(self) -> tuple[Key, ...]:
        """Where the record says whose these are; the first that is there counts."""
        numbers = tuple(id_claim_key(one) for one in self.id_hashes)
        return (*numbers, phone_claim_key(self.phone_hash)) if self.phone_hash else numbers


UNNAMED = OwnNames()  # whoever is no staff, or staff whose number and phone nobody has entered


@dataclass(frozen=True, slots=True)
class Session:
    """One session family. It carries the rules that hold for it, so that whoever checks it needs none.

    `person_id` is set for an accountant; who a member of staff is in the record is asked with `own`, at every request anew.
    """

    account_id: str
    family: str
    refresh_hash: str
    generation: int
    epoch: int
    expires_at: datetime
    idle_seconds: int
    noted_every_seconds: int
    last_seen_at: datetime
    person_id: str | None
    own: OwnNames = UNNAMED

    @property
    def opened_at(self) -> datetime:
        """When somebody signed in: the family's id says it."""
        return moment_of(self.family)

    def is_alive(self, account: Account, now: datetime) -> bool:
        """Whether the session still stands for this account: neither over, nor idle, nor of an epoch that was ended."""
        if account.suspended or not account.counts(self.epoch, opened_at=self.opened_at):
            return False
        return now < self.expires_at and now - self.last_seen_at <= timedelta(seconds=self.idle_seconds)

    def is_due_for_a_note(self, now: datetime) -> bool:
        """Whether its last use was written down so long ago that this one is to be."""
        return now - self.last_seen_at >= timedelta(seconds=self.noted_every_seconds)
