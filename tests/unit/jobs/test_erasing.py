"""An erasure removes a call wherever something of it is, proves it, and can be broken off anywhere."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from functions.jobs import erasing
from functions.jobs.erasing import Eraser
from functions.jobs.ports import JobsPorts
from telephony.calls import CallSid
from telephony.deliveries import Attempt, Channel, Delivery, DeliveryId, DeliveryState
from telephony.errors import HeldError, UpstreamError
from telephony.jobs import JobKind, JobState
from telephony.keeping import Keeping
from telephony.numbers import E164
from telephony.recordings import RecordingSid, audio_key
from tests import examples
from tests.fakes.search import MemorySearch
from tests.unit.jobs.world import World

EVERYWHERE = ["table", "sound", "Twilio's recording", "Twilio's SMS", "link", "index"]
DOWN = UpstreamError("twilio", "503", retryable=True)


@pytest.fixture
def world() -> World:
    world = World()
    world.has_mailbox()
    return world


def test_nothing_of_an_erased_call_is_anywhere_and_it_is_counted(world: World) -> None:
    sid, other = world.has_call(1), world.has_call(2)
    assert world.traces(sid) == EVERYWHERE
    erased = world.eraser().erase(sid, examples.MAILBOX.id)
    assert world.traces(sid) == []
    assert world.traces(other) == EVERYWHERE
    assert erased.is_proved
    assert erased.counts == {
        "table_items": 6,
        "links": 1,
        "audio_versions": 1,
        "twilio_recordings": 1,
        "twilio_messages": 1,
        "search_postings": 6,
    }


def test_erasing_again_removes_nothing_more_and_is_proved_too(world: World) -> None:
    sid = world.has_call()
    world.eraser().erase(sid, examples.MAILBOX.id)
    again = world.eraser().erase(sid, examples.MAILBOX.id)
    assert again.is_proved
    assert not any(again.counts.values())


def test_a_copy_made_before_its_call_was_known_is_erased_too(world: World) -> None:
    sid = world.has_call()
    world.audio.put(audio_key(sid, RecordingSid("RE" + "9" * 32), None), b"RIFF", "audio/wav")
    assert world.eraser().erase(sid, examples.MAILBOX.id).counts["audio_versions"] == 2
    assert world.traces(sid) == []


def test_a_recording_that_only_twilio_knows_of_is_erased(world: World) -> None:
    sid = world.has_call()
    world.table.state.recordings.clear()
    assert world.eraser().erase(sid, examples.MAILBOX.id).counts["twilio_recordings"] == 1
    assert world.traces(sid) == []


def test_a_call_on_legal_hold_is_not_touched(world: World) -> None:
    sid = world.has_call()
    world.table.erasure.hold(sid, examples.NOON)
    with pytest.raises(HeldError):
        world.eraser().erase(sid, examples.MAILBOX.id)
    assert world.traces(sid) == EVERYWHERE
    assert world.table.calls.get(sid).sid == sid


def test_a_mailbox_on_legal_hold_keeps_all_of_its_calls(world: World) -> None:
    sid = world.has_call()
    world.has_mailbox(Keeping(is_on_hold=True))
    with pytest.raises(HeldError):
        world.eraser().erase(sid, examples.MAILBOX.id)
    assert world.traces(sid) == EVERYWHERE


def test_calls_of_a_mailbox_that_is_gone_can_be_erased(world: World) -> None:
    sid = world.has_call()
    world.table.state.mailboxes.clear()
    assert world.eraser().erase(sid, examples.MAILBOX.id).is_proved


def test_when_twilio_does_not_erase_everything_else_goes_and_what_is_left_is_named(world: World) -> None:
    sid = world.has_call()
    world.twilio.refusals = [DOWN]
    erased = world.eraser().erase(sid, examples.MAILBOX.id)
    assert erased.left == (f"Twilio's recording RE{1:032x}: Twilio answered 503.",)
    assert world.traces(sid) == ["table", "Twilio's recording"]
    assert world.table.calls.facts(sid).call is None
    assert world.table.state.utterances == {}
    assert world.eraser().erase(sid, examples.MAILBOX.id).is_proved
    assert world.traces(sid) == []


def test_every_sms_that_was_sent_again_is_erased(world: World) -> None:
    sid = world.has_call()
    (sms,) = [each for each in world.table.calls.facts(sid).deliveries if each.id.channel is Channel.SMS]
    world.table.deliveries.ask_again(sms.id, examples.NOON)
    world.table.deliveries.claim(sms.id, examples.NOON)
    world.table.deliveries.finish(replace(sms, reference="SM-again"))
    world.twilio.messages.add("SM-again")
    assert world.eraser().erase(sid, examples.MAILBOX.id).counts["twilio_messages"] == 2
    assert world.twilio.messages == set()


def test_an_sms_that_twilio_has_still_is_no_proof_and_not_forgotten(world: World) -> None:
    sid = world.has_call()
    (message,) = world.twilio.messages

    class Keeping(type(world.twilio)):  # type: ignore[misc] # the fake's own class
        def erase_message(self, message_sid: str) -> bool:
            return bool(message_sid)

    keeping = Keeping(world.twilio.source, world.twilio.calls, world.twilio.messages)
    erased = Eraser(replace(world.ports(), twilio_copies=keeping)).erase(sid, examples.MAILBOX.id)
    assert erased.left == (f"Twilio's SMS {message}: it is there still",)
    assert world.traces(sid) == ["table", "Twilio's SMS"]
    assert world.eraser().erase(sid, examples.MAILBOX.id).is_proved
    assert world.traces(sid) == []


def _lost_sms(world: World, sid: CallSid, *, trouble: str = "timeout") -> DeliveryId:
    """Let there be an SMS that Twilio took, and whose SID never reached us, and another that tells of another call."""
    told = DeliveryId(sid, Channel.SMS, "+15005550177")
    world.table.deliveries.claim(told, examples.NOON, Attempt(examples.NUMBER, "listen/token", examples.NOON))
    world.table.deliveries.finish(Delivery(told, DeliveryState.FAILED, examples.NOON, trouble=trouble))
    between, at = (E164(told.recipient), examples.NUMBER), examples.NOON + timedelta(seconds=1)
    world.twilio.lost = {"SM-lost": (between, "https://x/listen/token", at), "SM-other": (between, "listen/other", at)}
    world.twilio.messages |= set(world.twilio.lost)
    return told


def test_an_sms_whose_sid_never_reached_us_is_found_and_erased(world: World) -> None:
    sid = world.has_call()
    _lost_sms(world, sid)
    erased = world.eraser().erase(sid, examples.MAILBOX.id)
    assert (erased.left, erased.counts["twilio_messages"]) == ((), 2)
    assert (world.traces(sid), world.twilio.messages) == ([], {"SM-other"})


def test_while_twilio_cannot_say_whether_it_has_such_an_sms_there_is_no_proof(world: World) -> None:
    sid = world.has_call()
    _lost_sms(world, sid)
    world.table.state.recordings.clear()
    world.twilio.calls.made.clear()
    world.twilio.refusals = [DOWN]
    erased = world.eraser().erase(sid, examples.MAILBOX.id)
    assert erased.left == ("Twilio could not say whether it has an SMS whose SID it never gave: Twilio answered 503.",)
    assert "SM-lost" in world.twilio.messages
    assert world.eraser().erase(sid, examples.MAILBOX.id).is_proved
    assert world.twilio.messages == {"SM-other"}


def _sms_being_sent(world: World, sid: CallSid) -> DeliveryId:
    """Have the lost SMS of a call asked for again, and somebody set out to send it."""
    told, now = _lost_sms(world, sid), world.clock.now()
    world.table.deliveries.ask_again(told, now)
    world.table.deliveries.claim(told, now, Attempt(examples.NUMBER, "listen/token", now))
    return told


def test_an_erasure_waits_for_an_sms_that_is_being_sent(world: World) -> None:
    sid = world.has_call()
    told = _sms_being_sent(world, sid)
    erased = world.eraser().erase(sid, examples.MAILBOX.id)
    assert erased.left == (erasing.SENDING,)
    assert world.table.state.utterances == {}

    world.twilio.messages.add("SM-late")
    world.table.deliveries.finish(Delivery(told, DeliveryState.SENT, world.clock.now(), reference="SM-late"))
    assert world.eraser().erase(sid, examples.MAILBOX.id).is_proved
    assert world.twilio.messages == {"SM-other"}


def test_who_died_over_an_sms_keeps_a_call_from_being_erased_no_longer_than_its_lease(world: World) -> None:
    sid = world.has_call()
    told = _sms_being_sent(world, sid)
    between = (E164(told.recipient), examples.NUMBER)
    world.twilio.lost["SM-late"] = (between, "listen/token", world.clock.now())
    world.twilio.messages.add("SM-late")
    job = world.run(world.ask(JobKind.ERASE_CALL, call_sid=sid))
    assert (job.state, job.left) == (JobState.DONE, ())
    assert world.twilio.messages == {"SM-other"}


def test_when_twilio_cannot_be_asked_it_is_not_taken_for_proof(world: World) -> None:
    sid = world.has_call()
    world.twilio.calls.trouble = DOWN
    erased = world.eraser().erase(sid, examples.MAILBOX.id)
    assert erased.left == ("Twilio could not say which recordings it has: Twilio answered 503.",)
    assert world.traces(sid) == ["table"]


@dataclass
class _Meddler(MemorySearch):
    """Does something the moment the search index is told to forget."""

    meddle: Any

    def forget(self, call_sid: CallSid) -> int:
        self.meddle(call_sid)
        return 0


def test_what_comes_while_a_call_is_erased_is_seen(world: World) -> None:
    sid = world.has_call()
    said = replace(examples.utterance("late words", 9_000), call_sid=sid)

    class Late(type(world.table.erasure)):  # type: ignore[misc] # the fake's own class
        def remove(self, call_sid: CallSid, *, is_all: bool) -> int:
            gone: int = super().remove(call_sid, is_all=is_all)
            world.table.transcripts.save([], [said])
            world.audio.put(audio_key(sid, RecordingSid("RE" + "8" * 32), examples.MAILBOX.id), b"RIFF", "audio/wav")
            return gone

    ports = replace(world.ports(), erasure=Late(world.table.state))
    erased = Eraser(ports).erase(sid, examples.MAILBOX.id)
    assert [each.partition(" ")[0] for each in erased.left] == ["1", "1"]
    assert world.eraser().erase(sid, examples.MAILBOX.id).is_proved


def test_a_recording_that_twilio_says_it_still_has_is_named(world: World) -> None:
    sid = world.has_call()
    still = list(world.twilio.calls.made)

    def meddle(_: CallSid) -> None:
        world.twilio.calls.made = still

    erased = Eraser(replace(world.ports(), index=_Meddler(meddle))).erase(sid, examples.MAILBOX.id)
    assert erased.left == (f"Twilio's recording RE{1:032x}: it is there again",)


def test_when_twilio_cannot_be_asked_again_there_is_no_proof(world: World) -> None:
    sid = world.has_call()

    def meddle(_: CallSid) -> None:
        world.twilio.calls.trouble = DOWN

    erased = Eraser(replace(world.ports(), index=_Meddler(meddle))).erase(sid, examples.MAILBOX.id)
    assert erased.left == ("Twilio could not say whether it has recordings: Twilio answered 503.",)


class DeathError(Exception):
    """The process died."""


class _Mortal:
    """A port whose owner dies before or after its n-th use, counted over all ports."""

    def __init__(self, port: object, countdown: Iterator[int], *, dies_after: bool) -> None:
        self._port, self._countdown, self._dies_after = port, countdown, dies_after

    def __getattr__(self, name: str) -> object:
        act = getattr(self._port, name)

        def acting(*args: object, **kwargs: object) -> object:
            is_last = next(self._countdown) == 0
            if is_last and not self._dies_after:
                raise DeathError
            answer = act(*args, **kwargs)
            if is_last:
                raise DeathError
            return answer

        return acting


def _mortal(ports: JobsPorts, uses: int, *, dies_after: bool) -> JobsPorts:
    countdown = iter(range(uses, -1_000, -1))
    names = ("directory", "erasure", "twilio_calls", "twilio_copies", "sound", "index")
    mortals: Any = {name: _Mortal(getattr(ports, name), countdown, dies_after=dies_after) for name in names}
    return replace(ports, **mortals)


@pytest.mark.parametrize("dies_after", [False, True])
@pytest.mark.parametrize("uses", range(16))
def test_whoever_dies_over_an_erasure_leaves_it_to_be_finished(world: World, uses: int, *, dies_after: bool) -> None:
    sid = world.has_call()
    with suppress(DeathError):
        Eraser(_mortal(world.ports(), uses, dies_after=dies_after)).erase(sid, examples.MAILBOX.id)
    world.clock.advance(timedelta(minutes=1))
    assert world.eraser().erase(sid, examples.MAILBOX.id).is_proved
    assert world.traces(sid) == []
