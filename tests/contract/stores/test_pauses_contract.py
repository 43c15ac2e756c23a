"""What every PauseStore and OutgoingStore promises."""

from dataclasses import replace
from datetime import timedelta

import pytest

from telephony.calls import CallStatus
from telephony.errors import ConflictError, NotFoundError
from telephony.numbers import MailboxId
from telephony.outgoing import TooManyCallsError
from telephony.pauses import Pause
from tests.contract.stores.backends import NOW, AnyTable, any_call, any_mailbox, any_stream


def test_a_pause_is_shown_with_its_call_and_may_be_ended(table: AnyTable) -> None:
    call = any_call()
    table.calls.begin(call, None)
    table.transcripts.save([any_stream(call.sid)], [])
    pause = Pause(call.sid, 1, NOW + timedelta(seconds=1), "ada")
    table.pauses.begin(pause)
    assert table.calls.facts(call.sid).transcript.pauses == (pause,)
    assert table.transcripts.transcript(call.sid).pauses == (pause,)
    ended = replace(pause, ended_at=NOW + timedelta(seconds=2), is_recording_paused=True)
    table.pauses.change(replace(pause, is_recording_paused=True))
    table.pauses.change(ended)
    second = Pause(call.sid, 2, NOW + timedelta(seconds=3), "ada")
    table.pauses.begin(second)
    assert table.calls.facts(call.sid).transcript.pauses == (ended, second)


def test_a_pause_that_is_over_stays_so(table: AnyTable) -> None:
    call = any_call()
    ended = Pause(call.sid, 1, NOW, "ada", NOW + timedelta(seconds=2))
    table.pauses.begin(ended)
    table.pauses.change(replace(ended, ended_at=NOW + timedelta(seconds=9)))
    assert table.calls.facts(call.sid).transcript.pauses == (ended,)


def test_two_who_pause_at_once_make_one_pause(table: AnyTable) -> None:
    pause = Pause(any_call().sid, 1, NOW, "ada")
    table.pauses.begin(pause)
    with pytest.raises(ConflictError):
        table.pauses.begin(replace(pause, requested_by="grace"))


def test_a_pause_that_never_began_is_not_found(table: AnyTable) -> None:
    with pytest.raises(NotFoundError):
        table.pauses.change(Pause(any_call().sid, 1, NOW, "ada", NOW))


def test_the_end_of_a_call_ends_its_pause(table: AnyTable) -> None:
    call = any_call()
    table.calls.begin(call, None)
    table.transcripts.save([any_stream(call.sid)], [])
    table.pauses.begin(Pause(call.sid, 1, NOW + timedelta(seconds=1), "ada"))
    (goes_on,) = table.calls.facts(call.sid).transcript.paused
    table.calls.report(call.sid, CallStatus.COMPLETED, NOW + timedelta(seconds=5), 5)
    (over,) = table.calls.facts(call.sid).transcript.paused
    assert (goes_on.is_over, over.is_over) == (False, True)


def test_a_mailbox_may_ring_so_often_in_an_hour_and_again_in_the_next(table: AnyTable) -> None:
    mailbox_id: MailboxId = any_mailbox().id
    for _ in range(3):
        table.outgoing.count(mailbox_id, NOW, most=3)
    with pytest.raises(TooManyCallsError):
        table.outgoing.count(mailbox_id, NOW, most=3)
    table.outgoing.count(any_mailbox().id, NOW, most=3)
    table.outgoing.count(mailbox_id, NOW + timedelta(hours=1), most=3)
