"""What a decision on an appeal does to the account it is about (争议账号), as writes of the decision's own transaction.

The only place where the bureaus' API writes to the Identity table: it freezes an account and lets it go, nothing else.
"""

from jingkuai.aws import keys
from jingkuai.aws.tables import Table, TransactWrite, delete_item, update_item
from review.case import Disputed
from review.review_task import ReviewTask


class Disputes:
    """The account and the number of an appeal's task."""

    def __init__(self, registry: Table, identity: Table) -> None:
        self._registry = registry
        self._identity = identity

    def freeze(self, task: ReviewTask, *, bureau: str | None = None) -> TransactWrite:
        """Nobody signs in or changes anything until the appeal is decided; whom to ask is the bureau at work."""
        return update_item(
            self._identity,
            keys.account_key(task.person_id),
            "SET frozen_by = :bureau",
            condition="attribute_exists(pk)",
            values={":bureau": bureau or task.owner},
        )

    def thaw(self, task: ReviewTask) -> TransactWrite:
        """The account is its holder's again."""
        return update_item(
            self._identity, keys.account_key(task.person_id), "REMOVE frozen_by", condition="attribute_exists(pk)"
        )

    def release_number(self, task: ReviewTask, disputed: Disputed) -> TransactWrite:
        """Another appeal about the number may be filed."""
        return delete_item(
            self._registry,
            keys.open_appeal_key(disputed.id_hash),
            condition="appeal_id = :appeal",
            values={":appeal": task.filing.subject_id},
        )
