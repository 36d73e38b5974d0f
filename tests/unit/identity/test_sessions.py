"""Refresh tokens turn over; an old one ends its family; of two at once exactly one wins."""

from datetime import datetime

import pytest

from identity.authorizer import Refused, allow
from identity.session_store import SessionStore
from identity.sessions import SessionEnded, Tokens, refresh
from identity.sign_in import BadCredentials
from identity.staff import open_staff
from jingkuai.aws.clock import iso
from jingkuai.aws.keys import account_key, session_key
from jingkuai.aws.tokens import verify
from tests.cloud import template

from .conftest import House


def told(house: House, tokens: Tokens) -> None:
    """Raises Refused where the authorizer does."""
    allow(f"Bearer {tokens.access_token}", store=house.sessions, keys=house.keys, clock=house.clock)


def turn(house: House, refresh_token: str) -> Tokens:
    return refresh(refresh_token, store=house.sessions, issuer=house.issuer, clock=house.clock)


def test_a_refresh_gives_new_tokens_for_three_calls(house: House) -> None:
    first = house.register()
    house.clock.pass_by(minutes=10)
    house.calls.clear()
    second = turn(house, first.refresh_token)
    assert house.calls == ["BatchGetItem", "UpdateItem", "Sign"]
    assert second.refresh_token != first.refresh_token
    before, after = (verify(one.access_token, house.keys, now=house.clock()) for one in (first, second))
    assert (after.sub, after.session) == (before.sub, before.session)
    assert after.exp == before.exp + 600
    assert turn(house, second.refresh_token).account.account_id == first.account.account_id


def test_an_old_refresh_token_ends_the_family(house: House) -> None:
    first = house.register()
    second = turn(house, first.refresh_token)
    with pytest.raises(SessionEnded):
        turn(house, first.refresh_token)
    with pytest.raises(SessionEnded):
        turn(house, second.refresh_token)
    assert house.items(house.identity, f"A#{first.account.account_id}")[0]["sk"] == "ACCOUNT"


def test_of_two_refreshes_at_once_exactly_one_wins_and_lives(house: House) -> None:
    tokens = house.register()
    _, family, _ = tokens.refresh_token.split(".")
    seen = house.sessions.account_and_session(tokens.account.account_id, family)

    class ReadBefore(SessionStore):
        def account_and_session(self, *_: str) -> object:  # type: ignore[override]
            return seen

    winner = turn(house, tokens.refresh_token)
    with pytest.raises(SessionEnded):
        refresh(
            tokens.refresh_token,
            store=ReadBefore(house.identity, house.registry),
            issuer=house.issuer,
            clock=house.clock,
        )
    turn(house, winner.refresh_token)


def test_another_family_is_not_touched(house: House) -> None:
    first = house.register()
    other = house.sign_in("19901327120")
    turn(house, first.refresh_token)
    with pytest.raises(SessionEnded):
        turn(house, first.refresh_token)
    turn(house, other.refresh_token)


def test_a_session_that_was_ended_refreshes_no_more(house: House) -> None:
    tokens = house.register()
    account_id, family, _ = tokens.refresh_token.split(".")
    house.calls.clear()
    house.sessions.end(account_id, family)
    assert house.calls == ["DeleteItem"]
    house.sessions.end(account_id, family)
    with pytest.raises(SessionEnded):
        turn(house, tokens.refresh_token)


@pytest.mark.parametrize("change", ["epoch = epoch + :one", "suspended = :one"])
def test_a_raised_epoch_and_a_suspension_bite_at_the_next_refresh(house: House, change: str) -> None:
    tokens = house.register()
    house.identity.update(account_key(tokens.account.account_id), f"SET {change}", values={":one": 1})
    with pytest.raises(SessionEnded):
        turn(house, tokens.refresh_token)


def changes_identity(house: House, tokens: Tokens, *, decided_at: datetime) -> None:
    """As `review.record_store` writes it when an approved identity change is applied."""
    house.identity.update(
        account_key(tokens.account.account_id),
        "SET kept_epoch = epoch, kept_since = :decided, epoch = epoch + :one",
        values={":one": 1, ":decided": iso(decided_at)},
    )


def test_a_change_of_identity_ends_what_was_opened_before_its_decision_and_nothing_later(house: House) -> None:
    before = house.register()
    house.clock.pass_by(minutes=1)
    decided_at = house.clock()
    at_once = house.sign_in("19901327120")  # at the very moment of the decision
    house.clock.pass_by(minutes=1)
    between = house.sign_in("19901327120")
    changes_identity(house, before, decided_at=decided_at)
    after = house.sign_in("19901327120")
    with pytest.raises(SessionEnded):
        turn(house, before.refresh_token)
    with pytest.raises(Refused):
        told(house, before)
    for tokens in (at_once, between, after):
        told(house, tokens)
        again = turn(house, tokens.refresh_token)
        told(house, again)
        told(house, turn(house, again.refresh_token))


@pytest.mark.parametrize("kind", ["a reset", "a second change"])
def test_whatever_ends_sessions_next_ends_those_that_were_kept(house: House, kind: str) -> None:
    first = house.register()
    house.clock.pass_by(minutes=1)
    decided_at = house.clock()
    kept = house.sign_in("19901327120")
    changes_identity(house, first, decided_at=decided_at)
    kept = turn(house, kept.refresh_token)  # its access token is of the epoch after, its session of the one before
    told(house, kept)
    house.clock.pass_by(minutes=1)
    if kind == "a reset":
        house.identity.update(account_key(first.account.account_id), "SET epoch = epoch + :one", values={":one": 1})
    else:
        changes_identity(house, first, decided_at=house.clock())
    with pytest.raises(Refused):
        told(house, kept)
    with pytest.raises(SessionEnded):
        turn(house, kept.refresh_token)


def test_a_reset_between_decision_and_change_keeps_nothing_from_before_the_reset(house: House) -> None:
    first = house.register()
    house.clock.pass_by(minutes=1)
    decided_at = house.clock()
    reset_away = house.sign_in("19901327120")
    house.identity.update(account_key(first.account.account_id), "SET epoch = epoch + :one", values={":one": 1})
    kept = house.sign_in("19901327120")
    changes_identity(house, first, decided_at=decided_at)
    told(house, kept)
    with pytest.raises(Refused):
        told(house, reset_away)


def test_an_idle_session_ends_and_one_in_use_lasts_twelve_hours(house: House) -> None:
    idle, used = house.register(), house.sign_in("19901327120")
    account_id, family, _ = used.refresh_token.split(".")
    token = used.refresh_token
    for _ in range(11):
        house.clock.pass_by(minutes=60)
        session = house.sessions.account_and_session(account_id, family)[1]
        assert session is not None
        house.sessions.note_seen(session, house.clock())
        token = turn(house, token).refresh_token
    with pytest.raises(SessionEnded):
        turn(house, idle.refresh_token)
    house.clock.pass_by(minutes=50)
    session = house.sessions.account_and_session(account_id, family)[1]
    assert session is not None
    house.sessions.note_seen(session, house.clock())
    last = turn(house, token)
    assert last.expires_in == 600, "no access token outlives its session"
    house.clock.pass_by(minutes=10)
    with pytest.raises(SessionEnded):
        turn(house, last.refresh_token)


@pytest.mark.parametrize("token", ["", "a", "a.b", "a.b.c", "a.b.c.d", "é.ü.ß", "..", "a.b.!!!"])
def test_what_is_no_refresh_token_is_refused(house: House, token: str) -> None:
    with pytest.raises(SessionEnded):
        turn(house, token)


def test_what_has_ended_is_cleaned_up_by_the_table_itself(house: House) -> None:
    """Sessions, codes, limits and links name their end in the member that the table's time-to-live reads, in seconds."""
    house.register()
    with pytest.raises(BadCredentials):
        house.sign_in("nobody")
    open_staff(house.staff_form(), house.desk())
    cleaned = template()["Resources"]["Identity"]["Properties"]["TimeToLiveSpecification"]["AttributeName"]
    passing = [
        one for one in house.items(house.identity) if one["sk"].startswith("S#") or one["pk"][:4] in ("OTP#", "INV#")
    ] + house.items(house.identity, "RL#")
    assert {one["pk"].partition("#")[0] for one in passing} == {"A", "OTP", "INV", "RL"}
    later = int(house.clock().timestamp())
    assert all(later < one[cleaned] < later + 90_000 for one in passing)


def test_the_secret_itself_is_not_stored(house: House) -> None:
    tokens = house.register()
    account_id, family, secret = tokens.refresh_token.split(".")
    item = house.identity.get(session_key(account_id, family))
    assert secret not in repr(item)
