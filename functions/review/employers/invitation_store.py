"""Invitations in the Registry table: hashes in keys, the phone sealed for the one message, a count for each day."""

from datetime import datetime, timedelta

from jingkuai.aws import keys
from jingkuai.aws.audit import change_item
from jingkuai.aws.clock import iso, parse_iso
from jingkuai.aws.ids import NewId
from jingkuai.aws.outbox import Entry, SendMessage, SendSms, outbox_item
from jingkuai.aws.tables import Cancelled, Item, Table, TransactWrite, put_item, transact, update_item
from jingkuai.domain.principal import Principal
from jingkuai.domain.problem import NotFound
from jingkuai.domain.workdays import today_in_shanghai
from review.employers.invitations import Guest, Standing, TooManyInvitations, text_for

_PHONE = "phone_cipher"
_KEPT_AFTERWARDS = timedelta(days=1)  # a count is of no use when its day is over
_TITLE = "单位邀请您登记"


class InvitationStore:
    """Whom units expect."""

    def __init__(self, registry: Table, new_id: NewId) -> None:
        self._registry = registry
        self._new_id = new_id

    @staticmethod
    def sealed_for(uscc: str) -> str:
        """In whose name a phone is sealed that nobody may hold yet: the unit's."""
        return keys.employer_key(uscc)["pk"]

    def standing(self, uscc: str, phone_hash: str) -> Standing:
        """What is there already, whoever holds the phone. Raises NotFound for a unit that is gone. AWS calls: 1."""
        unit_at, claim_at = keys.employer_key(uscc), keys.phone_claim_key(phone_hash)
        invitation_at = keys.joining_key(uscc, phone_hash)
        found = self._registry.batch_get([unit_at, claim_at, invitation_at])
        unit = found.get((unit_at["pk"], unit_at["sk"]))
        if unit is None:
            raise NotFound()
        claim = found.get((claim_at["pk"], claim_at["sk"]), {})
        earlier = found.get((invitation_at["pk"], invitation_at["sk"]), {})
        return Standing(
            unit_name=unit["name"],
            holder=claim.get("person_id"),
            invited_at=parse_iso(earlier["invited_at"]) if earlier else None,
            messaged_at=parse_iso(earlier["messaged_at"]) if earlier else None,
        )

    def save(
        self,
        guest: Guest,
        standing: Standing,
        cipher: bytes,
        *,
        until: datetime,
        most: int,
        by: Principal,
        at: datetime,
    ) -> bool:
        """Let the invitation stand until then, count it and send what is to be sent, together. False, and nothing done,
        where it is not as it was read. Raises TooManyInvitations. AWS calls: 1.
        """
        invitation_at = keys.joining_key(by.scope, guest.phone_hash)
        messages = standing.messages_again(at)
        item: Item = {
            **invitation_at,
            "v": 1,
            "name_hash": guest.name_hash,
            "invited_at": iso(at),
            "messaged_at": iso(at if messages or standing.messaged_at is None else standing.messaged_at),
            "expires_at": iso(until),
            "ttl": int(until.timestamp()),
            _PHONE: cipher,
        }
        as_read = "invited_at = :read" if standing.invited_at else "attribute_not_exists(pk)"
        values = {":read": iso(standing.invited_at)} if standing.invited_at else None
        promised = self._notifications(by.scope, invitation_at, standing) if messages else []
        writes = [
            put_item(self._registry, item, condition=as_read, values=values),
            *([self._counted(by.scope, most, at)] if messages else []),
            put_item(self._registry, self._audited(by, standing, at)),
            *(put_item(self._registry, outbox_item(one, at=at, new_id=self._new_id)) for one in promised),
        ]
        try:
            transact(self._registry.client, writes)
        except Cancelled as cancelled:
            if messages and cancelled.failed(1) and not cancelled.failed(0):
                raise TooManyInvitations(most, at) from cancelled
            return False
        return True

    def _counted(self, uscc: str, most: int, at: datetime) -> TransactWrite:
        """One more of the day's messages, as long as there are any left."""
        return update_item(
            self._registry,
            keys.joining_count_key(uscc, today_in_shanghai(at).isoformat()),
            "SET v = :one, #ttl = :gone ADD sent :one",
            condition="attribute_not_exists(sent) OR sent < :most",
            values={":one": 1, ":most": most, ":gone": int((at + timedelta(days=1) + _KEPT_AFTERWARDS).timestamp())},
            names={"#ttl": "ttl"},
        )

    def _notifications(self, uscc: str, invitation_at: keys.Key, standing: Standing) -> list[Entry]:
        text = text_for(standing.unit_name)
        sealed_at = {"pk": invitation_at["pk"], "sk": invitation_at["sk"], "member": _PHONE}
        sent: list[Entry] = [SendSms(self.sealed_for(uscc), text, sealed_at)]
        return [*sent, SendMessage(standing.holder, _TITLE, text)] if standing.holder else sent

    def _audited(self, by: Principal, standing: Standing, at: datetime) -> Item:
        """Under the unit; whom it was for is a hash in the invitation's key, and stays there."""
        return change_item(
            by.scope,
            action="employer.renewed_invitation" if standing.invited_at else "employer.invited",
            by=by,
            at=at,
            new_id=self._new_id,
        )
