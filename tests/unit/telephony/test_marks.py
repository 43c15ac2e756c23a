"""What people note about a call."""

from dataclasses import replace
from datetime import timedelta

import pytest

from telephony.errors import WireError
from telephony.marks import MAX_NOTE_CHARACTERS, MAX_TAG_CHARACTERS, MAX_TAGS, MarkChanges, Marks, changed
from tests.examples import NOON

LATER = NOON + timedelta(hours=1)


def test_a_call_is_read_since_it_was_first_marked_as_read() -> None:
    read = changed(Marks(), MarkChanges(is_read=True), NOON)

    assert read == Marks(read_at=NOON, revision=1)
    assert changed(read, MarkChanges(is_read=True), LATER) is read
    assert changed(read, MarkChanges(is_read=False), LATER) == Marks(revision=2)


def test_what_is_not_changed_stays() -> None:
    marks = Marks(NOON, NOON, "call back", ("urgent",), 4)

    assert changed(marks, MarkChanges(), LATER) is marks
    assert changed(marks, MarkChanges(note=""), LATER) == replace(marks, note="", revision=5)
    assert changed(marks, MarkChanges(is_archived=False), LATER) == replace(marks, archived_at=None, revision=5)


def test_tags_are_kept_once_and_in_order() -> None:
    assert changed(Marks(), MarkChanges(tags=("b", "a", "b")), NOON).tags == ("a", "b")


@pytest.mark.parametrize(
    "changes",
    [
        MarkChanges(note="x" * (MAX_NOTE_CHARACTERS + 1)),
        MarkChanges(tags=tuple(str(number) for number in range(MAX_TAGS + 1))),
        MarkChanges(tags=("x" * (MAX_TAG_CHARACTERS + 1),)),
        MarkChanges(tags=("",)),
    ],
)
def test_what_is_longer_than_is_kept_is_refused(changes: MarkChanges) -> None:
    with pytest.raises(WireError):
        changed(Marks(), changes, NOON)
