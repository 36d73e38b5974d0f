"""Refresh tokens turn over; an old one ends its family; of two at once exactly one wins."""

import pytest

from identity.session_store import SessionStore
from identity.sessions import SessionEnded, Tokens, refresh
from identity.sign_in import BadCredentials
from identity.staff import open_staff
from jingkuai.aws.keys import account_key, session_key
from jingkuai.aws.tokens import verify
from tests.cloud import template

from .conftest import House


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
    assert (after.sub, after.session, after.person_id) == (before.sub, before.session, before.person_id)
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
        refresh(tokens.refresh_token, store=ReadBefore(house.identity), issuer=house.issuer, clock=house.clock)
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
