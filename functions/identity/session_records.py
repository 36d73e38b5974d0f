"""A session as it stands (会话): what the authorizer compares at every request, so nothing here is slow to load."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from identity.accounts import Account
from jingkuai.aws.ids import moment_of
from jingkuai.domain.principal import UNNAMED, OwnNames


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
