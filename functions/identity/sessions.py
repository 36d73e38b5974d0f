"""Sessions (会话): a sign-in and its chain of refresh tokens, of which only the newest opens anything.

A family is one item; ending it is removing the item. Access tokens name their family, so they end with it.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from identity.account_rules import SessionRules
from identity.accounts import Account
from identity.session_records import Session
from identity.session_store import SessionStore
from jingkuai.aws.clock import Clock
from jingkuai.aws.ids import NewId
from jingkuai.aws.signing import Signer
from jingkuai.aws.tokens import LIFETIME_SECONDS, Claims, issue
from jingkuai.domain.principal import UNNAMED, OwnNames
from jingkuai.domain.problem import Unauthenticated

RandomBytes = Callable[[int], bytes]
_SECRET_BYTES = 32


class SessionEnded(Unauthenticated):
    """The refresh token is none of ours, was used before, or its session is over: which of these is never said."""

    title = "登录已结束"
    detail = "登录已经结束，或者在别处被退出。请重新登录，已保存的内容不会丢失。"


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a sign-in or a refresh hands out."""

    access_token: str
    refresh_token: str
    expires_in: int
    account: Account


@dataclass(frozen=True, slots=True)
class Issuer:
    """Opens sessions, turns their refresh tokens over and signs access tokens."""

    signer: Signer
    new_id: NewId
    random: RandomBytes
    rules: SessionRules

    def open(self, account: Account, now: datetime, *, own: OwnNames = UNNAMED) -> tuple[Session, str]:
        """A new family and its first refresh token; the caller stores the session. AWS calls: 0."""
        family, secret = self.new_id(now), self.random(_SECRET_BYTES)
        session = Session(
            account_id=account.account_id,
            family=family,
            refresh_hash=_hash(secret),
            generation=1,
            epoch=account.epoch,
            expires_at=now + self.rules.lifetime,
            idle_seconds=int(self.rules.idle_of(account.role).total_seconds()),
            noted_every_seconds=int(self.rules.noted_every.total_seconds()),
            last_seen_at=now,
            person_id=account.person_id,
            own=own,
        )
        return session, _refresh_token(session, secret)

    def turned_over(self, session: Session, account: Account) -> tuple[Session, str]:
        """The family with its next refresh token, under the rules in force by now; the caller stores it. AWS calls: 0."""
        secret = self.random(_SECRET_BYTES)
        following = replace(
            session,
            refresh_hash=_hash(secret),
            generation=session.generation + 1,
            idle_seconds=int(self.rules.idle_of(account.role).total_seconds()),
            noted_every_seconds=int(self.rules.noted_every.total_seconds()),
        )
        return following, _refresh_token(following, secret)

    def tokens(self, account: Account, session: Session, refresh_token: str, now: datetime) -> Tokens:
        """The answer to the client, with an access token that never outlives its session. AWS calls: 1 (signature)."""
        lifetime = min(LIFETIME_SECONDS, int((session.expires_at - now).total_seconds()))
        issued = int(now.timestamp())
        claims = Claims(
            sub=account.account_id,
            role=account.role.value,
            scope=account.scope,
            session=session.family,
            epoch=account.epoch,
            name_masked=account.name_masked,
            iat=issued,
            exp=issued + lifetime,
        )
        return Tokens(issue(claims, self.signer), refresh_token, lifetime, account)


def refresh(refresh_token: str, *, store: SessionStore, issuer: Issuer, clock: Clock) -> Tokens:
    """New tokens for the newest refresh token of a family.

    Raises SessionEnded for any other; an older one of a living family was copied, so it ends the whole family. Of two
    at once exactly one wins: the other met the family as it was, so nothing says it was copied, and nothing is ended.
    Raises AccountFrozen while a bureau looks into an appeal about the account. AWS calls: 3.
    """
    account_id, family, secret = _parts(refresh_token)
    now = clock()
    account, session = store.account_and_session(account_id, family)
    if account is None or session is None or not session.is_alive(account, now):
        raise SessionEnded()
    account.require_unfrozen()
    if not hmac.compare_digest(session.refresh_hash, _hash(secret)):
        store.end(account_id, family)
        raise SessionEnded()
    following, next_token = issuer.turned_over(session, account)
    if not store.turn_over(session, following, now):
        raise SessionEnded()
    return issuer.tokens(account, following, next_token, now)


def _hash(secret: bytes) -> str:
    # 256 random bits need no key and no slow hash
    return hashlib.sha256(secret).hexdigest()


def _refresh_token(session: Session, secret: bytes) -> str:
    return ".".join((session.account_id, session.family, base64.urlsafe_b64encode(secret).rstrip(b"=").decode()))


def _parts(refresh_token: str) -> tuple[str, str, bytes]:
    try:
        account_id, family, secret = refresh_token.split(".")
        return account_id, family, base64.urlsafe_b64decode(secret + "=" * (-len(secret) % 4))
    except ValueError as malformed:  # binascii.Error is one
        raise SessionEnded() from malformed
