"""What every ErasureStore promises, and what an erased call's other stores promise."""

import secrets
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from telephony.calls import Call, CallSid, CallStatus
from telephony.deliveries import Channel, Delivery, DeliveryId, DeliveryState
from telephony.erasure import Belongings, Tombstone, buried
from telephony.errors import ConflictError, HeldError, NotFoundError
from telephony.repairs import next_attempt
from tests.contract.stores.backends import (
    NOW,
    AnyTable,
    any_call,
    any_call_sid,
    any_recording,
    any_stream,
    any_ticket,
    any_utterance,
)

DAY = timedelta(days=1)
PATIENCE_S = 10


def _told(call_sid: CallSid, channel: Channel, reference: str = "") -> Delivery:
    delivery = DeliveryId(call_sid, channel, "+14155550111" if channel is Channel.SMS else "praxis")
    return Delivery(delivery, DeliveryState.SENT, NOW, reference=reference)


def _full_call(table: AnyTable) -> Call:
    """Let a call have everything that a call can have: ten items, one of them a link's other end."""
    call = any_call()
    table.calls.begin(call, None)
    stream = any_stream(call.sid, 1_000)
    table.transcripts.save([stream], [any_utterance(call.sid, 0), any_utterance(call.sid, 5_000)])
    recording = any_recording(call.sid)
    table.recordings.report(recording)
    table.repairs.begin(next_attempt(call.sid, recording.sid, None, NOW))
    for told in (_told(call.sid, Channel.SMS, "SM1"), _told(call.sid, Channel.EMAIL, "m-1")):
        table.deliveries.claim(told.id, NOW)
        table.deliveries.finish(told)
    table.links.link(call.sid, DAY, NOW)
    return call


def test_a_buried_call_is_not_there_and_cannot_come_back(table: AnyTable) -> None:
    call = _full_call(table)
    table.erasure.bury(buried(call.sid, call.mailbox_id, NOW))
    late = any_recording(call.sid)
    table.calls.begin(call, None)
    table.calls.begin(call, any_ticket(call.sid))
    table.recordings.report(late)
    facts = table.calls.facts(call.sid)
    assert (facts.call, facts.recordings, facts.transcript.utterances, facts.is_erased) == (None, (), (), True)
    with pytest.raises(NotFoundError):
        table.calls.get(call.sid)
    assert late.sid not in table.erasure.belongings(call.sid).recordings
    assert table.calls.page(call.mailbox_id, 10, None).calls == ()


def test_a_call_that_never_was_can_be_buried_and_then_not_begin(table: AnyTable) -> None:
    call = any_call()
    for _ in range(2):
        table.erasure.bury(buried(call.sid, call.mailbox_id, NOW))
    table.calls.begin(call, None)
    assert table.calls.facts(call.sid).is_erased
    assert table.erasure.remains(call.sid) == 0


def test_what_is_known_of_copies_elsewhere_is_known_after_the_call_was_buried(table: AnyTable) -> None:
    call = _full_call(table)
    (recording,) = table.calls.facts(call.sid).recordings
    for _ in range(2):
        assert table.erasure.belongings(call.sid) == Belongings(
            (recording.sid,), (_told(call.sid, Channel.SMS, "SM1"),)
        )
        table.erasure.bury(buried(call.sid, call.mailbox_id, NOW))


def test_an_sms_that_was_sent_again_is_two_copies(table: AnyTable) -> None:
    call = _full_call(table)
    sms = _told(call.sid, Channel.SMS, "SM2")
    table.deliveries.ask_again(sms.id, NOW)
    table.deliveries.claim(sms.id, NOW)
    assert [each.messages for each in table.erasure.belongings(call.sid).sms] == [("SM1",)]
    table.deliveries.finish(sms)
    assert [each.messages for each in table.erasure.belongings(call.sid).sms] == [("SM1", "SM2")]


def test_everything_of_a_call_is_removed_and_counted_and_nothing_of_another(table: AnyTable) -> None:
    call, other = _full_call(table), _full_call(table)
    before = table.calls.facts(other.sid)
    table.erasure.bury(buried(call.sid, call.mailbox_id, NOW))
    token = table.links.link(other.sid, DAY, NOW)
    assert table.erasure.unlink(call.sid) == 1
    assert table.erasure.remains(call.sid) == 9
    assert table.erasure.remove(call.sid, is_all=True) == 9
    assert table.erasure.remains(call.sid) == 0
    assert (table.erasure.unlink(call.sid), table.erasure.remove(call.sid, is_all=True)) == (0, 0)
    assert table.calls.facts(other.sid) == before
    assert table.links.call_of(token, NOW) == other.sid
    assert table.calls.facts(call.sid).is_erased


def test_a_link_of_an_erased_call_leads_nowhere(table: AnyTable) -> None:
    call = _full_call(table)
    token = table.links.link(call.sid, DAY, NOW)
    table.erasure.unlink(call.sid)
    with pytest.raises(NotFoundError):
        table.links.call_of(token, NOW)


def test_what_says_where_copies_are_can_stay_until_the_end(table: AnyTable) -> None:
    call = _full_call(table)
    known = table.erasure.belongings(call.sid)
    table.erasure.bury(buried(call.sid, call.mailbox_id, NOW))
    table.erasure.unlink(call.sid)
    table.erasure.remove(call.sid, is_all=False)
    assert table.transcripts.transcript(call.sid).utterances == ()
    assert table.erasure.belongings(call.sid) == known
    assert table.erasure.remains(call.sid) == 4  # the call, its recording, and two who were told


def test_what_was_written_blindly_afterwards_is_seen_and_removed(table: AnyTable) -> None:
    call = _full_call(table)
    table.erasure.bury(buried(call.sid, call.mailbox_id, NOW))
    table.erasure.remove(call.sid, is_all=True)
    table.transcripts.save([any_stream(call.sid)], [any_utterance(call.sid, 9_000)])
    assert table.calls.facts(call.sid).transcript.utterances == ()
    assert table.erasure.remains(call.sid) > 0
    assert table.erasure.remove(call.sid, is_all=True) == 2
    assert table.erasure.remains(call.sid) == 0


def test_more_items_than_one_request_takes_are_removed(table: AnyTable) -> None:
    call_sid = any_call_sid()
    table.transcripts.save([], [any_utterance(call_sid, at) for at in range(0, 60_000, 1_000)])
    assert table.erasure.remove(call_sid, is_all=True) == 60
    assert table.erasure.remains(call_sid) == 0


def test_a_legal_hold_keeps_a_call_from_being_buried_until_it_is_released(table: AnyTable) -> None:
    call = _full_call(table)
    for at in (NOW, NOW + DAY):
        table.erasure.hold(call.sid, at)
    assert table.calls.get(call.sid) == replace(call, held_at=NOW)
    with pytest.raises(HeldError):
        table.erasure.bury(buried(call.sid, call.mailbox_id, NOW))
    table.calls.report(call.sid, CallStatus.COMPLETED, NOW, 3)
    assert table.calls.get(call.sid).held_at == NOW
    for _ in range(2):
        table.erasure.release(call.sid)
    assert table.calls.get(call.sid).held_at is None
    table.erasure.bury(buried(call.sid, call.mailbox_id, NOW))
    with pytest.raises(ConflictError, match="erased"):
        table.erasure.hold(call.sid, NOW)


def test_what_is_not_there_can_be_neither_held_nor_released(table: AnyTable) -> None:
    for act in (lambda sid: table.erasure.hold(sid, NOW), table.erasure.release):
        with pytest.raises(NotFoundError):
            act(any_call_sid())


def _long_ago() -> datetime:
    return datetime(1900, 1, 1, tzinfo=UTC) + timedelta(seconds=secrets.randbelow(10**9))


def _eventually(table: AnyTable, expected: list[Tombstone], before: datetime, among: list[Tombstone]) -> None:
    """Check which of *among* are to be looked at; an index may be behind its table."""
    give_up_at_s = time.monotonic() + PATIENCE_S
    sids = {each.call_sid for each in among}
    while True:
        found = [each for each in table.erasure.to_look_at(before, 1_000) if each.call_sid in sids]
        if found == expected or time.monotonic() > give_up_at_s:
            assert found == expected
            return


def test_tombstones_are_looked_at_in_their_time_and_then_no_more(table: AnyTable) -> None:
    at = _long_ago()
    first, second = graves = [buried(any_call_sid(), any_call().mailbox_id, at + place * DAY) for place in range(2)]
    for grave in graves:
        table.erasure.bury(grave)
    _eventually(table, [first], at + DAY, graves)
    later = replace(first, look_at=at + 3 * DAY)
    table.erasure.looked_at(later)
    _eventually(table, [second, later], at + 4 * DAY, graves)
    table.erasure.looked_at(replace(later, look_at=None))
    _eventually(table, [second], at + 4 * DAY, graves)
    table.erasure.looked_at(buried(any_call_sid(), first.mailbox_id, at))  # it is gone, and stays so
    _eventually(table, [second], at + 4 * DAY, graves)
