"""Nouns as items of the table, and back."""

from collections.abc import Iterable

from telephony.aws.attributes import Fields, Item, Value
from telephony.aws.item_keys import call_sid_of, keys, sid_after
from telephony.aws.ledger_items import ledger_from, ledger_values
from telephony.aws.mailbox_items import listening_from, listening_values
from telephony.aws.marks_items import marks_from, marks_values
from telephony.aws.table import (
    ARCHIVE_PARTITION_KEY,
    ARCHIVE_SORT_KEY,
    CALL,
    DELIVERY,
    MAILBOX,
    PARTITION_KEY,
    RECORDING,
    SORT_KEY,
    STREAM,
    TICKET,
    TTL,
    UTTERANCE,
    key,
)
from telephony.calls import Call, CallSid, CallStage, CallStatus, Direction, VoicemailKind
from telephony.coverage import Coverage, Interval, Track
from telephony.deliveries import Attempt, Channel, Delivery, DeliveryId, DeliveryState
from telephony.numbers import E164, MailboxId
from telephony.places import place_of
from telephony.recordings import Recording, RecordingSid, RecordingStatus
from telephony.streams import MediaStream, StreamEnd, StreamSid, StreamState, Ticket, TicketId, TicketPurpose
from telephony.transcripts import Rung, Utterance, Word

DAY_S = 24 * 60 * 60
"""How long a ticket outlives itself, so that an operator can still see why it was refused."""

_START_DIGITS = 9


def call_item(call: Call) -> Item:
    """Write a call; its ranks stand beside its words so that conditions can compare them."""
    return {
        **keys(key(CALL, call.sid), CALL, CALL),
        ARCHIVE_PARTITION_KEY: key(MAILBOX, call.mailbox_id),
        ARCHIVE_SORT_KEY: place_of(call.started_at, call.sid),
        "mailbox_id": call.mailbox_id,
        "number": call.number,
        "caller": call.caller,
        "started_at": call.started_at,
        "direction": call.direction.value,
        "ended_at": call.ended_at,
        "duration_s": call.duration_s,
        "voicemail_kind": None if call.kind is None else call.kind.value,
        **marks_values(call.marks),
        "held_at": call.held_at,
        "imported": int(call.is_imported) or None,
        "quiet": int(call.is_quiet) or None,
        **status_values(call.status),
        **stage_values(call.stage),
    }


def status_values(status: CallStatus) -> Item:
    """Write a status with its rank."""
    return {"status": status.value, "status_rank": status.rank}


def stage_values(stage: CallStage) -> Item:
    """Write a stage with its rank."""
    return {"stage": stage.value, "stage_rank": stage.rank}


def call_from(fields: Fields) -> Call:
    """Read a call."""
    kind = fields.maybe_text("voicemail_kind")
    return Call(
        sid=call_sid_of(fields),
        mailbox_id=MailboxId(fields.text("mailbox_id")),
        number=E164(fields.text("number")),
        caller=fields.text("caller"),
        started_at=fields.at("started_at"),
        status=CallStatus(fields.text("status")),
        direction=Direction(fields.text("direction")),
        stage=CallStage(fields.text("stage")),
        ended_at=fields.maybe_at("ended_at"),
        duration_s=fields.maybe_count("duration_s"),
        kind=None if kind is None else VoicemailKind(kind),
        marks=marks_from(fields),
        held_at=fields.maybe_at("held_at"),
        is_imported=bool(fields.maybe_count("imported")),
        is_quiet=bool(fields.maybe_count("quiet")),
    )


def stream_item(stream: MediaStream) -> Item:
    """Write a media stream."""
    return {
        **keys(key(CALL, stream.call_sid), key(STREAM, stream.sid), STREAM),
        "started_at": stream.started_at,
        "state": stream.state.value,
        "end": None if stream.end is None else stream.end.value,
        "ended_at": stream.ended_at,
        "trouble": stream.trouble,
        "coverage": [_coverage_values(each) for each in stream.coverage],
        "ledger": [ledger_values(each) for each in stream.ledger],
        "reconnects": stream.reconnects,
    }


def stream_from(fields: Fields) -> MediaStream:
    """Read a media stream."""
    end = fields.maybe_text("end")
    return MediaStream(
        sid=StreamSid(sid_after(STREAM, fields.text(SORT_KEY))),
        call_sid=call_sid_of(fields),
        started_at=fields.at("started_at"),
        coverage=tuple(_coverage_from(each) for each in fields.each("coverage")),
        state=StreamState(fields.text("state")),
        end=None if end is None else StreamEnd(end),
        ended_at=fields.maybe_at("ended_at"),
        trouble=fields.text("trouble"),
        ledger=tuple(ledger_from(each) for each in fields.each("ledger")) if "ledger" in fields.values else (),
        reconnects=fields.maybe_count("reconnects") or 0,
    )


def utterance_item(said: Utterance) -> Item:
    """Write an utterance; a word is a list of its text, start, end and confidence."""
    words: list[Value] = [[word.text, word.start_ms, word.end_ms, word.confidence] for word in said.words]
    # What a repair puts in must not overwrite what was heard live, nor what another attempt has put in.
    place = [f"{said.start_ms:0{_START_DIGITS}}", *([said.repaired_by] if said.repaired_by else [])]
    if said.number:  # nor what one stream has heard what another one has, or it itself at the same time
        place += [said.stream_sid, str(said.number)]
    return {
        **keys(key(CALL, said.call_sid), key(UTTERANCE, said.track, *place), UTTERANCE),
        "track": said.track.value,
        "start_ms": said.start_ms,
        "end_ms": said.end_ms,
        "rung": said.rung.value,
        "repaired_by": said.repaired_by or None,
        "stream_sid": said.stream_sid or None,
        "number": said.number or None,
        "words": words,
    }


def utterance_from(fields: Fields) -> Utterance:
    """Read an utterance."""
    return Utterance(
        call_sid=call_sid_of(fields),
        track=Track(fields.text("track")),
        start_ms=fields.count("start_ms"),
        end_ms=fields.count("end_ms"),
        words=tuple(
            Word(text["S"], int(start["N"]), int(end["N"]), float(confidence["N"]))
            for text, start, end, confidence in fields.rows("words")
        ),
        rung=Rung(fields.text("rung")),
        repaired_by=fields.maybe_text("repaired_by") or "",
        stream_sid=StreamSid(fields.maybe_text("stream_sid") or ""),
        number=fields.maybe_count("number") or 0,
    )


def recording_item(recording: Recording) -> Item:
    """Write a recording."""
    return {
        **keys(key(CALL, recording.call_sid), key(RECORDING, recording.sid), RECORDING),
        "status": recording.status.value,
        "status_rank": recording.status.rank,
        "duration_ms": recording.duration_ms,
        "reported_at": recording.reported_at,
        "stored_key": recording.stored_key,
        "trouble": recording.trouble,
    }


def recording_from(fields: Fields) -> Recording:
    """Read a recording."""
    return Recording(
        sid=RecordingSid(sid_after(RECORDING, fields.text(SORT_KEY))),
        call_sid=call_sid_of(fields),
        status=RecordingStatus(fields.text("status")),
        duration_ms=fields.count("duration_ms"),
        reported_at=fields.at("reported_at"),
        stored_key=fields.maybe_text("stored_key"),
        trouble=fields.text("trouble"),
    )


def delivery_item(delivery: Delivery) -> Item:
    """Write a delivery."""
    return {
        **keys(key(CALL, delivery.id.call_sid), delivery_sort_key(delivery.id), DELIVERY),
        "channel": delivery.id.channel.value,
        "recipient": delivery.id.recipient,
        "state": delivery.state.value,
        "changed_at": delivery.changed_at,
        "reference": delivery.reference,
        "trouble": delivery.trouble,
        "asked_at": delivery.asked_at,
        "earlier": list(delivery.earlier),
        "attempts": attempt_values(delivery.attempts),
    }


def attempt_values(attempts: Iterable[Attempt]) -> list[Value]:
    """Write what was set out to be sent."""
    return [{"sender": each.sender, "marker": each.marker, "at": each.at} for each in attempts]


def delivery_sort_key(delivery: DeliveryId) -> str:
    """Return the sort key of a delivery."""
    return key(DELIVERY, delivery.channel, delivery.recipient)


def delivery_from(fields: Fields) -> Delivery:
    """Read a delivery."""
    return Delivery(
        id=DeliveryId(call_sid_of(fields), Channel(fields.text("channel")), fields.text("recipient")),
        state=DeliveryState(fields.text("state")),
        changed_at=fields.at("changed_at"),
        reference=fields.text("reference"),
        trouble=fields.text("trouble"),
        asked_at=fields.maybe_at("asked_at"),
        earlier=fields.maybe_texts("earlier"),
        attempts=tuple(
            Attempt(E164(each.text("sender")), each.text("marker"), each.at("at"))
            for each in fields.maybe_each("attempts")
        ),
    )


def ticket_item(ticket: Ticket) -> Item:
    """Write a ticket."""
    return {
        **keys(key(TICKET, ticket.id), TICKET, TICKET),
        TTL: int(ticket.expires_at.timestamp()) + DAY_S,
        "purpose": ticket.purpose.value,
        "call_sid": ticket.call_sid,
        "mailbox_id": ticket.mailbox_id,
        "expires_at": ticket.expires_at,
        "listening": listening_values(ticket.listening),
        "tracks": [track.value for track in ticket.tracks],
    }


def ticket_from(fields: Fields) -> Ticket:
    """Read a ticket."""
    return Ticket(
        id=TicketId(sid_after(TICKET, fields.text(PARTITION_KEY))),
        purpose=TicketPurpose(fields.text("purpose")),
        call_sid=CallSid(fields.text("call_sid")),
        mailbox_id=MailboxId(fields.text("mailbox_id")),
        expires_at=fields.at("expires_at"),
        listening=listening_from(fields.fields("listening")),
        tracks=tuple(Track(each) for each in fields.texts("tracks")),
    )


def _coverage_values(coverage: Coverage) -> Item:
    return {
        "track": coverage.track.value,
        "received_ms": coverage.received_ms,
        "missing": interval_values(coverage.missing),
        "transcribed": interval_values(coverage.transcribed),
    }


def _coverage_from(fields: Fields) -> Coverage:
    return Coverage(
        track=Track(fields.text("track")),
        received_ms=fields.count("received_ms"),
        missing=intervals_from(fields, "missing"),
        transcribed=intervals_from(fields, "transcribed"),
    )


def interval_values(intervals: tuple[Interval, ...]) -> list[Value]:
    """Write intervals; each is a list of its start and end."""
    return [[each.start_ms, each.end_ms] for each in intervals]


def intervals_from(fields: Fields, name: str) -> tuple[Interval, ...]:
    """Read intervals."""
    return tuple(Interval(int(start["N"]), int(end["N"])) for start, end in fields.rows(name))
