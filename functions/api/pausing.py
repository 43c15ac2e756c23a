"""Pausing a call, and going on: what is asked of Twilio, in which order, and what is written down when."""

from dataclasses import replace
from typing import Final

from functions.api.auth import Subject
from functions.api.ports import ApiPorts
from telephony.calls import Call
from telephony.coverage import Track
from telephony.errors import ConflictError, UpstreamError
from telephony.mailboxes import Listening
from telephony.pauses import MAX_PAUSES, Pause, open_pause
from telephony.ports.control import StreamOrder
from telephony.streams import TICKET_LIFETIME, StreamState, Ticket, TicketId, TicketPurpose
from telephony.voicemail import CallFacts
from telephony.wire.control import stream_name

MAX_STREAMS: Final = 4
"""So many tracks of a call Twilio streams at a time."""


def pause(ports: ApiPorts, call: Call, facts: CallFacts, who: Subject) -> Pause:
    """Have nothing of the call heard from now on. Doing it again makes sure of it.

    The beginning is written down before anything is asked of Twilio: what was said meanwhile is left out, and a pause
    that failed halfway is still known. Raises: ConflictError, UpstreamError.
    """
    if call.status.is_final:
        raise ConflictError("the call is over")
    paused = open_pause(facts.transcript.pauses) or _begin(ports, call, facts, who)
    live = facts.open_streams[:MAX_STREAMS]
    for stream in dict.fromkeys((stream_name(paused.number - 1), *live)):
        ports.control.stop_stream(call.sid, stream)
    is_held = ports.control.pause_recording(call.sid)
    paused = replace(paused, is_recording_paused=is_held)
    ports.pauses.change(paused)
    return paused


def resume(ports: ApiPorts, call: Call, facts: CallFacts) -> Pause:
    """Have the call heard again. Doing it again changes nothing. Raises: ConflictError, UpstreamError."""
    paused = open_pause(facts.transcript.pauses)
    if paused is None:
        if facts.transcript.pauses:
            return facts.transcript.pauses[-1]
        raise ConflictError("the call is not paused")
    if call.status.is_final:
        raise ConflictError("the call is over")
    if ports.has_streamer:
        _listen(ports, call, facts, paused)
    ports.control.resume_recording(call.sid)
    paused = replace(paused, ended_at=ports.clock.now())
    ports.pauses.change(paused)
    return paused


def _begin(ports: ApiPorts, call: Call, facts: CallFacts, who: Subject) -> Pause:
    number = len(facts.transcript.pauses) + 1
    if number > MAX_PAUSES:
        raise ConflictError(f"the call was paused {MAX_PAUSES} times")
    begun = Pause(call.sid, number, ports.clock.now(), who)
    ports.pauses.begin(begun)
    return begun


def _listen(ports: ApiPorts, call: Call, facts: CallFacts, paused: Pause) -> None:
    """Start the next stream, unless an earlier try has: Twilio refuses a second one of its name."""
    ticket = Ticket(
        id=TicketId(ports.new_id()),
        purpose=TicketPurpose.MEDIA,
        call_sid=call.sid,
        mailbox_id=call.mailbox_id,
        expires_at=ports.clock.now() + TICKET_LIFETIME,
        listening=Listening() if facts.mailbox is None else facts.mailbox.listening,
        tracks=_tracks(facts),
    )
    ports.tickets.issue(ticket)
    try:
        ports.control.start_stream(call.sid, StreamOrder(stream_name(paused.number), ticket))
    except UpstreamError as exc:
        if exc.retryable or not _is_heard_since(facts, paused):
            raise


def _is_heard_since(facts: CallFacts, paused: Pause) -> bool:
    streams = facts.transcript.streams
    return any(each.started_at >= paused.started_at and each.state is StreamState.OPEN for each in streams)


def _tracks(facts: CallFacts) -> tuple[Track, ...]:
    """Return the tracks that the call's streams have brought so far."""
    known = dict.fromkeys(each.track for stream in facts.transcript.streams for each in stream.coverage)
    return tuple(known) or (Track.INBOUND,)
