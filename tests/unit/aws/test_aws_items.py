"""Every field of every noun survives the table."""

from collections.abc import Callable
from dataclasses import MISSING, fields, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.aws import consents, items, mailbox_items
from telephony.aws.attributes import Fields, Item, encode_item
from telephony.aws.repair_items import repair_from, repair_item
from telephony.calls import Call, CallSid, CallStage, CallStatus, Direction, VoicemailKind
from telephony.consent import Consent, ConsentProof, ConsentStep
from telephony.coverage import Coverage, Interval, Track
from telephony.deliveries import Attempt, Channel, Delivery, DeliveryId, DeliveryState
from telephony.keeping import Keeping
from telephony.ledger import Ledger
from telephony.mailboxes import Listening, Mailbox, Redaction
from telephony.marks import Marks
from telephony.numbers import E164, MailboxId, Number, NumberMode
from telephony.phrases import PhraseDigest
from telephony.places import timestamp
from telephony.recordings import Recording, RecordingSid, RecordingStatus
from telephony.repairs import OffsetSource, Repair, RepairState
from telephony.streams import (
    NO_STREAM,
    MediaStream,
    StreamEnd,
    StreamSid,
    StreamState,
    Ticket,
    TicketId,
    TicketPurpose,
)
from telephony.transcripts import Rung, Utterance, Word

NOW = datetime(2026, 3, 2, 9, 30, 0, 123_456, tzinfo=UTC)
SID, PRAXIS = CallSid("CA" + "0a" * 16), MailboxId("praxis#ü")
LISTENING = Listening("de-AT", "nova-2", ("Grün", "x"), (Redaction.NUMBERS,))
MAILBOX = Mailbox(
    PRAXIS,
    "Grün",
    "Grüß Gott",
    LISTENING,
    (E164("+431"),),
    ("a@x.org",),
    ("user",),
    60,
    "Europe/Vienna",
    keeping=Keeping(30, True),
    voice="aura-2-lara-de",
    spoken=frozenset({PhraseDigest("0f" * 32), PhraseDigest("1f" * 32)}),
    consent=Consent("Wir zeichnen auf.", must_agree=True, wait_s=3, refusal="Ade.", ring=E164("+434")),
    outgoing_greeting="Wir rufen an.",
)
PROOF = ConsentProof(SID, ConsentStep.AGREED, NOW, "Wir zeichnen auf. ☎", "/twilio/consented", "1")
NUMBER = Number(E164("+432"), PRAXIS, NumberMode.RING_FIRST, E164("+433"), 30)
CALL = Call(
    SID,
    PRAXIS,
    E164("+432"),
    "",
    NOW,
    CallStatus.BUSY,
    Direction.OUTBOUND,
    CallStage.ANSWERED,
    NOW,
    0,
    VoicemailKind.MISSED,
    Marks(NOW, NOW, "Grüße", ("a", "ü"), 2),
    NOW,
    True,
    True,
)
COVERAGE = (
    Coverage(Track.INBOUND, 900, (Interval(0, 20), Interval(40, 60)), (Interval(60, 900),)),
    Coverage(Track.OUTBOUND),
)
LEDGERS = (Ledger(Track.INBOUND, 45, 1, 2, 900, 40, -23.5, 0.001, 0.25), Ledger(Track.OUTBOUND))
STREAM = MediaStream(
    StreamSid("MZ1"), SID, NOW, COVERAGE, StreamState.ENDED, StreamEnd.REFUSED, NOW, "trouble", LEDGERS, 3
)
WORDS = (Word("“Grüße”,", 20, 90, 0.1 + 0.2), Word("", 90, 90, 1.0))
UTTERANCE = Utterance(
    SID, Track.OUTBOUND, 123_456_789, 123_456_999, WORDS, Rung.BACKFILLED, "RE1.2", StreamSid("MZ1"), 7
)
RECORDING = Recording(RecordingSid("RE1"), SID, RecordingStatus.ABSENT, 7, NOW, "recordings/a.wav", "trouble")
DELIVERY = Delivery(
    DeliveryId(SID, Channel.EMAIL, "a#b"),
    DeliveryState.FAILED,
    NOW,
    "reference",
    "21610",
    NOW,
    ("SM1", "SM2"),
    (Attempt(E164("+15005550006"), "ein „Zeichen“", NOW), Attempt(E164("+15005550007"), "#", NOW)),
)
REPAIR = Repair(
    RecordingSid("RE1"),
    SID,
    RepairState.WAITING,
    3,
    NOW,
    StreamSid("MZ1"),
    Track.OUTBOUND,
    -20,
    OffsetSource.END,
    9_000,
    (Interval(0, 20), Interval(40, 60)),
    "trouble",
)
TICKET = Ticket(TicketId("t"), TicketPurpose.CAPTIONS, SID, PRAXIS, NOW, LISTENING, (Track.OUTBOUND, Track.INBOUND))

NOUNS: list[tuple[Any, Item, Callable[[Fields], object]]] = [
    (MAILBOX, mailbox_items.mailbox_item(MAILBOX, [NUMBER]), mailbox_items.mailbox_from),
    (NUMBER, mailbox_items.number_item(NUMBER, MAILBOX), mailbox_items.number_from),
    (CALL, items.call_item(CALL), items.call_from),
    (STREAM, items.stream_item(STREAM), items.stream_from),
    (UTTERANCE, items.utterance_item(UTTERANCE), items.utterance_from),
    (RECORDING, items.recording_item(RECORDING), items.recording_from),
    (DELIVERY, items.delivery_item(DELIVERY), items.delivery_from),
    (REPAIR, repair_item(REPAIR), repair_from),
    (TICKET, items.ticket_item(TICKET), items.ticket_from),
    (PROOF, consents.proof_item(PROOF), consents.proof_from),
]


@pytest.mark.parametrize(("noun", "item", "read"), NOUNS, ids=[type(noun).__name__ for noun, *_ in NOUNS])
def test_every_field_is_written_and_read(noun: Any, item: Item, read: Callable[[Fields], object]) -> None:  # noqa: ANN401 - any noun
    left_to_default = [each.name for each in fields(noun) if getattr(noun, each.name) == each.default is not MISSING]
    assert left_to_default == []
    assert read(Fields(encode_item(item))) == noun


def test_keys_are_those_of_the_table_and_sort_by_time() -> None:
    item = items.utterance_item(replace(UTTERANCE, repaired_by="", number=0))
    assert (item["pk"], item["sk"], item["kind"]) == (f"CALL#{SID}", "UTT#outbound#123456789", "UTT")
    repaired = items.utterance_item(replace(UTTERANCE, number=0))
    assert repaired["sk"] == "UTT#outbound#123456789#RE1.2"
    heard = items.utterance_item(replace(UTTERANCE, repaired_by=""))
    assert heard["sk"] == "UTT#outbound#123456789#MZ1#7"
    archive = items.call_item(CALL)
    assert (archive["gsi1pk"], archive["gsi1sk"]) == (f"MAILBOX#{PRAXIS}", f"2026-03-02T09:30:00.123456Z#{SID}")


_TIMES = st.datetimes(
    min_value=datetime(2000, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone itself
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=-11)), timezone(timedelta(hours=5, minutes=30))]),
    max_value=datetime(2199, 1, 1),  # noqa: DTZ001
)


def test_what_was_written_before_streams_were_told_apart_is_still_read() -> None:
    old_stream = {
        name: value for name, value in items.stream_item(STREAM).items() if name not in {"ledger", "reconnects"}
    }
    assert items.stream_from(Fields(encode_item(old_stream))) == replace(STREAM, ledger=(), reconnects=0)
    new = {"repaired_by", "stream_sid", "number"}
    old_words = {name: value for name, value in items.utterance_item(UTTERANCE).items() if name not in new}
    expected = replace(UTTERANCE, repaired_by="", stream_sid=NO_STREAM, number=0)
    assert items.utterance_from(Fields(encode_item(old_words))) == expected


@given(_TIMES, _TIMES)
def test_times_sort_as_text_and_come_back(one: datetime, other: datetime) -> None:
    assert (one < other) == (timestamp(one) < timestamp(other))
    assert len(timestamp(one)) == 27
    assert Fields(encode_item({"at": one})).at("at") == one
