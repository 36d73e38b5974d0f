"""Cursors are good for one caller and one query; an Idempotency-Key stands for one body."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jingkuai.aws.idempotency import LIFETIME, IdempotencyKeyReused, RequestKey
from jingkuai.aws.lookup import LookupKey
from jingkuai.aws.tables import Cancelled, transact
from jingkuai.web.paging import BadCursor, Cursors
from tests.cloud import Cloud
from tests.conftest import NOON

KEY = LookupKey(b"secret")
START = {"pk": "P#1", "sk": "SUB#2"}


def cursors(account: str = "a", query: str = "/me/submissions") -> Cursors:
    return Cursors(KEY, account_id=account, query=query)


def test_a_cursor_leads_on_and_the_last_page_has_none() -> None:
    page = cursors().page(["x"], START)
    assert cursors().read(page.next_cursor) == START
    assert cursors().page(["x"], None).next_cursor is None
    assert cursors().read(None) is None


@pytest.mark.parametrize("other", [cursors(account="b"), cursors(query="/review/tasks")])
def test_anothers_cursor_is_refused(other: Cursors) -> None:
    with pytest.raises(BadCursor):
        cursors().read(other.page([], START).next_cursor)


@given(st.text(min_size=1))
def test_no_text_that_was_not_given_is_taken(text: str) -> None:
    with pytest.raises(BadCursor):
        cursors().read(text)


REQUEST = RequestKey("a-1", "key", "body")


def test_a_key_stands_for_one_body_for_a_day(cloud: Cloud) -> None:
    assert REQUEST.earlier_result(cloud.registry, now=NOON) is None
    transact(cloud.registry.client, [REQUEST.record(cloud.registry, "s-1", now=NOON)])
    assert REQUEST.earlier_result(cloud.registry, now=NOON) == "s-1"
    with pytest.raises(IdempotencyKeyReused):
        replace(REQUEST, body_digest="other").earlier_result(cloud.registry, now=NOON)
    assert replace(REQUEST, account_id="a-2").earlier_result(cloud.registry, now=NOON) is None
    assert REQUEST.earlier_result(cloud.registry, now=NOON + LIFETIME) is None


def test_of_two_first_uses_one_wins_and_an_old_one_gives_way(cloud: Cloud) -> None:
    write = REQUEST.record(cloud.registry, "s-1", now=NOON)
    transact(cloud.registry.client, [write])
    with pytest.raises(Cancelled):
        transact(cloud.registry.client, [REQUEST.record(cloud.registry, "s-2", now=NOON + timedelta(hours=1))])
    transact(cloud.registry.client, [REQUEST.record(cloud.registry, "s-3", now=NOON + LIFETIME)])
