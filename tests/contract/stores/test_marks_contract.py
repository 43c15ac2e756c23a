"""What every CallStore promises of what is noted about a call."""

from dataclasses import replace

import pytest

from telephony.calls import CallStatus, VoicemailKind
from telephony.errors import ConflictError, NotFoundError
from telephony.marks import Marks
from tests.contract.stores.backends import NOW, AnyTable, any_call, any_call_sid

MARKED = Marks(NOW, NOW, "Rückruf ☎", ("dringend", "ü"), 1)


def test_marks_are_there_with_the_call_and_leave_it_as_it_is(table: AnyTable) -> None:
    call = any_call()
    table.calls.begin(call, None)
    table.calls.mark(call.sid, MARKED)
    assert table.calls.get(call.sid) == replace(call, marks=MARKED)
    cleared = Marks(revision=2)
    table.calls.mark(call.sid, cleared)
    assert table.calls.get(call.sid) == replace(call, marks=cleared)


def test_a_repeat_changes_nothing(table: AnyTable) -> None:
    call = any_call()
    table.calls.begin(call, None)
    for _ in range(3):
        table.calls.mark(call.sid, MARKED)
    assert table.calls.get(call.sid).marks == MARKED


@pytest.mark.parametrize("revision", [1, 3])
def test_of_two_who_mark_a_call_at_once_the_second_is_told(table: AnyTable, revision: int) -> None:
    call = any_call()
    table.calls.begin(call, None)
    table.calls.mark(call.sid, MARKED)
    with pytest.raises(ConflictError):
        table.calls.mark(call.sid, Marks(note="mine", revision=revision))
    assert table.calls.get(call.sid).marks == MARKED


def test_what_the_caller_left_is_written_over_what_was_known_and_nothing_else(table: AnyTable) -> None:
    call = any_call()
    table.calls.begin(call, None)
    table.calls.note_kind(call.sid, VoicemailKind.UNREAD, None)
    table.calls.note_kind(call.sid, VoicemailKind.MISSED, None)
    assert table.calls.get(call.sid) == replace(call, kind=VoicemailKind.UNREAD)
    table.calls.note_kind(call.sid, VoicemailKind.MESSAGE, VoicemailKind.UNREAD)
    table.calls.note_kind(call.sid, VoicemailKind.MISSED, VoicemailKind.UNREAD)
    assert table.calls.get(call.sid).kind is VoicemailKind.MESSAGE


def test_what_is_noted_outlives_what_twilio_reports(table: AnyTable) -> None:
    call = any_call()
    table.calls.begin(call, None)
    table.calls.mark(call.sid, MARKED)
    table.calls.note_kind(call.sid, VoicemailKind.MESSAGE, None)
    table.calls.begin(call, None)
    table.calls.report(call.sid, CallStatus.COMPLETED, NOW, 3)
    stored = table.calls.get(call.sid)
    assert (stored.marks, stored.kind, stored.status) == (MARKED, VoicemailKind.MESSAGE, CallStatus.COMPLETED)


def test_a_call_that_is_not_there_is_not_found(table: AnyTable) -> None:
    with pytest.raises(NotFoundError):
        table.calls.mark(any_call_sid(), MARKED)
    with pytest.raises(NotFoundError):
        table.calls.mark(any_call_sid(), replace(MARKED, revision=2))
    for known in (None, VoicemailKind.MISSED):
        with pytest.raises(NotFoundError):
            table.calls.note_kind(any_call_sid(), VoicemailKind.MESSAGE, known)
