"""The cursor of a search goes on with it, and with nothing else."""

import base64
import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.errors import WireError
from telephony.numbers import MailboxId
from telephony.places import Place, before, place_of
from telephony.search_cursor import read, write
from tests import examples

MAILBOX_ID = MailboxId("front-desk")
PLACE = place_of(examples.NOON, examples.CALL_SID)
ASKED = ("roof ", "", "", "")
CURSOR = write(MAILBOX_ID, ASKED, PLACE)


def _packed(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def _unpacked(cursor: str) -> list[str]:
    texts: list[str] = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    return texts


@pytest.mark.parametrize("place", [PLACE, before(PLACE)])
def test_a_cursor_leads_to_where_its_answer_ended(place: Place) -> None:
    assert read(write(MAILBOX_ID, ASKED, place), MAILBOX_ID, ASKED) == place


@pytest.mark.parametrize("asked", [("roof", "", "", ""), ("", "roof ", "", ""), ("roof ", "", "2026", ""), ()])
def test_a_cursor_goes_on_with_no_other_query(asked: tuple[str, ...]) -> None:
    with pytest.raises(WireError, match="not one of this search's"):
        read(CURSOR, MAILBOX_ID, asked)


def test_a_cursor_goes_on_in_no_other_mailbox() -> None:
    with pytest.raises(WireError, match="not one of this search's"):
        read(CURSOR, MailboxId("vault"), ASKED)


@pytest.mark.parametrize("place", ["", "~", "2026-03-02T12:00:00.000000Z", f"{PLACE}~~", f" {PLACE}", "CALL"])
def test_a_cursor_with_a_made_up_place_is_refused(place: str) -> None:
    mailbox, digest, _ = _unpacked(CURSOR)
    with pytest.raises(WireError):
        read(_packed([mailbox, digest, place]), MAILBOX_ID, ASKED)


@pytest.mark.parametrize(
    "cursor",
    ["", "A", "nonsense!", "ünïcode", "A" * 5_000, _packed({}), _packed(["a", "b"]), _packed(["a", "b", 3])],
)
def test_what_is_no_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(WireError, match="not one of ours"):
        read(cursor, MAILBOX_ID, ASKED)


def test_a_cursor_of_a_thousand_brackets_is_refused() -> None:
    with pytest.raises(WireError):
        read(base64.urlsafe_b64encode(b"[" * 700).decode(), MAILBOX_ID, ASKED)


@given(st.text() | st.binary(max_size=60).map(lambda each: base64.urlsafe_b64encode(each).decode()))
def test_whatever_is_sent_as_a_cursor_is_refused_and_nothing_breaks(cursor: str) -> None:
    with contextlib.suppress(WireError):
        read(cursor, MAILBOX_ID, ASKED)
