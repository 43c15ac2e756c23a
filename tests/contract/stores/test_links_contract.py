"""What every LinkStore promises."""

from datetime import timedelta

import pytest

from telephony.errors import NotFoundError
from tests.contract.stores.backends import NOW, AnyTable, any_call_sid

WEEK = timedelta(days=7)


def test_a_link_leads_to_its_call(table: AnyTable) -> None:
    one, other = any_call_sid(), any_call_sid()
    tokens = {sid: table.links.link(sid, WEEK, NOW) for sid in (one, other)}
    assert {sid: table.links.call_of(token, NOW) for sid, token in tokens.items()} == {one: one, other: other}


def test_a_call_keeps_its_link_for_as_long_as_it_lives(table: AnyTable) -> None:
    sid = any_call_sid()
    token = table.links.link(sid, WEEK, NOW)
    assert table.links.link(sid, WEEK, NOW + WEEK - timedelta(seconds=1)) == token
    assert table.links.link(sid, WEEK, NOW + WEEK) != token


def test_a_link_leads_nowhere_when_its_lifetime_is_over(table: AnyTable) -> None:
    token = table.links.link(any_call_sid(), WEEK, NOW)
    with pytest.raises(NotFoundError):
        table.links.call_of(token, NOW + WEEK)


def test_a_link_cannot_be_guessed(table: AnyTable) -> None:
    assert len(table.links.link(any_call_sid(), WEEK, NOW)) >= 22  # 128 bits in base64


@pytest.mark.parametrize("token", ["", "nobody-made-it", "x" * 5_000, "ü", "\ud800", "a/../b"])
def test_a_token_that_is_not_ours_leads_nowhere(table: AnyTable, token: str) -> None:
    with pytest.raises(NotFoundError):
        table.links.call_of(token, NOW)
