"""Both sides of a conversation, streamed on two tracks: a fault of either's way loses no word of any."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import httpx
import pytest
import pytest_asyncio

from local.aws.resources import aws_session
from local.deepgram.faults import Faults as Deepgram
from local.deepgram.stamp import DAMAGED, stamp
from local.house import MAILBOX, OUR_NUMBER, House, Plan, open_house
from local.twilio.call import Call
from local.twilio.caller import Caller, Cue, Person
from local.twilio.events import CallAnswered
from local.twilio.faults import Faults as Twilio
from local.twilio.mulaw import SAMPLES_PER_MS, SILENCE
from telephony.aws.clients import CONFIG
from telephony.aws.stores import Stores
from telephony.calls import CallSid
from telephony.coverage import Track
from telephony.numbers import E164, Number, NumberMode
from telephony.streams import TICKET_LIFETIME, Ticket, TicketId, TicketPurpose
from telephony.transcripts import Rung
from tests.e2e.conftest import SPEED
from tests.e2e.faults import acts, report
from tests.e2e.faults.conftest import SETTINGS
from tests.e2e.faults.leftovers import left
from tests.e2e.faults.rows import MID_CALL_MS
from tests.e2e.faults.words import (
    Json,
    describe,
    misplaced_words,
    start_of,
    undeclared_words,
    words_of,
    wrong_words,
)

if TYPE_CHECKING:  # the stubs are not needed to run
    from mypy_boto3_dynamodb import DynamoDBClient

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(90)]

PERSON: Final = E164("+14155550177")
RINGS_FIRST: Final = Number(OUR_NUMBER, MAILBOX.id, NumberMode.RING_FIRST, ring_target=PERSON, ring_seconds=20)
WORDS: Final = 200
CALLER_FIRST: Final = 1_000
PERSON_FIRST: Final = 50_000
QUIET_MS: Final = 10_000
"""Before either speaks: time for the stream to begin."""
APART_MS: Final = 3_350
"""By how much the person speaks later than the caller."""
LIMIT_S: Final = 20


@dataclass(frozen=True, slots=True)
class Line:
    """A house whose number rings a person, and what is needed to stream both tracks."""

    house: House
    api: httpx.AsyncClient
    stores: Stores
    table: "DynamoDBClient"

    async def talk(self) -> Json:
        """Have two people speak at the same time, and return the transcript once it has ended."""
        twilio = self.house.twilio
        caller = Caller(
            number="+14155550123",
            speech=stamp(CALLER_FIRST, WORDS) + SILENCE * (2 * APART_MS * SAMPLES_PER_MS),
            speaks_on=Cue.ANSWER,
            pause_ms=QUIET_MS,
        )
        quiet = SILENCE * ((QUIET_MS + APART_MS) * SAMPLES_PER_MS)
        twilio.people[PERSON] = Person(answers_after_s=1, speech=quiet + stamp(PERSON_FIRST, WORDS))
        async with asyncio.timeout(LIMIT_S):
            events = twilio.subscribe()
            call = await twilio.ring(caller, to=OUR_NUMBER)
            async for event in events:
                if isinstance(event, CallAnswered) and event.call_sid == call.sid:
                    break
            await self._stream(call)
            await call.ended()
            transcript = await self._transcript(call)
            while True:
                if not await self._left(call):
                    return transcript
                await asyncio.sleep(0.05)

    async def _left(self, call: Call) -> tuple[str, ...]:
        detail: Json = (await self.api.get(f"/api/calls/{call.sid}")).json()
        return await left(self.house, self.api, self.table, call, detail["status"])

    async def _stream(self, call: Call) -> None:
        ticket = Ticket(
            id=TicketId(secrets.token_hex(16)),
            purpose=TicketPurpose.MEDIA,
            call_sid=CallSid(call.sid),
            mailbox_id=MAILBOX.id,
            expires_at=datetime.now(UTC) + TICKET_LIFETIME,
            tracks=(Track.INBOUND, Track.OUTBOUND),
        )
        await asyncio.to_thread(self.stores.tickets.issue, ticket)
        form = {
            "Url": self.house.environment["MEDIA_URL"],
            "Track": "both_tracks",
            "Parameter1.Name": "ticket",
            "Parameter1.Value": ticket.id,
        }
        await acts.start_stream(self.house, call, form)

    async def _transcript(self, call: Call) -> Json:
        while True:
            answer = await self.api.get(f"/api/calls/{call.sid}/transcript")
            if answer.status_code == httpx.codes.OK and (found := answer.json())["is_ended"]:
                transcript: Json = found
                return transcript
            await asyncio.sleep(0.05)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def line() -> AsyncIterator[Line]:
    plan = Plan(recogniser="stamped", speed=SPEED, number=RINGS_FIRST, settings=SETTINGS)
    async with open_house(plan) as house:
        client = aws_session().client("dynamodb", endpoint_url=house.aws_endpoint, config=CONFIG)
        stores = Stores.of(client, house.resources.table_name)
        headers = {"Authorization": f"Bearer {house.token}"}
        async with httpx.AsyncClient(base_url=house.origin, headers=headers, timeout=10) as api:
            yield Line(house, api, stores, client)
        client.close()


def note(fault: str, transcript: Json) -> None:
    """Put what came of *fault* in the report."""
    wrong = [
        wrong_words([each for each in words_of(transcript, track) if each["text"] != DAMAGED], first, WORDS)
        for track, first in (("inbound", CALLER_FIRST), ("outbound", PERSON_FIRST))
    ]
    line = report.Line(
        part="Both tracks of a conversation",
        place=[*DEEPGRAM, *TWILIO, *GAPS].index(fault),
        fault=fault,
        wrong=sum(wrong),
        words=2 * WORDS,
        coverage=describe(transcript["coverage"]),
        rung=transcript["rung"],
        messages="nobody to tell",
    )
    report.write(line)


def check(transcript: Json, rungs: tuple[Rung, ...] = (Rung.LIVE,)) -> None:
    """Assert that both tracks have every word once, at its time, and at the right distance from the other's."""
    assert transcript["rung"] in rungs
    heard = {track: words_of(transcript, track) for track in ("inbound", "outbound")}
    wrong = wrong_words(heard["inbound"], CALLER_FIRST, WORDS) + wrong_words(heard["outbound"], PERSON_FIRST, WORDS)
    begins = start_of(heard["inbound"], CALLER_FIRST, WORDS), start_of(heard["outbound"], PERSON_FIRST, WORDS)
    assert None not in begins
    # On a machine that falls behind, the first words may be said before the stream has begun: those are nobody's loss.
    assert min(begin or 0 for begin in begins) >= 0, "the stream began after the first word"
    if wrong and transcript["is_complete"]:
        report.condemn("both tracks")
    assert wrong == 0
    apart_ms = (begins[1] or 0) - (begins[0] or 0)
    assert apart_ms == pytest.approx(APART_MS, abs=10 * SPEED)  # both begin when the simulator comes to it
    assert describe(transcript["coverage"]) == "complete"
    assert transcript["is_complete"]


DEEPGRAM: Final = {
    "no fault": Deepgram(),
    "opens 3 s late": Deepgram(open_late_ms=round(3_000 / SPEED)),
    "429 three times": Deepgram(refuse_handshakes=3, refuse_status=429),
    "closes with 1011 mid-word": Deepgram(close_after_ms=MID_CALL_MS, cuts=2),
    "closes one track with 1000": Deepgram(close_after_ms=MID_CALL_MS, close_code=1000, cuts=1),
    "RST mid-send": Deepgram(reset_after_ms=MID_CALL_MS, cuts=2),
    "goes silent mid-call": Deepgram(silent_after_ms=MID_CALL_MS, cuts=1),
    "repeats results": Deepgram(repeat_results=2),
    "finals 5 s late": Deepgram(finals_late_ms=round(5_000 / SPEED)),
    "drops five times in a call": Deepgram(close_after_ms=8_050, cuts=5),
}


RUNGS: Final = {
    "429 three times": (Rung.LIVE, Rung.REPLAYED),
    "closes with 1011 mid-word": (Rung.REPLAYED,),
    "closes one track with 1000": (Rung.REPLAYED,),
    "RST mid-send": (Rung.REPLAYED,),
    "goes silent mid-call": (Rung.REPLAYED,),
    "drops five times in a call": (Rung.REPLAYED,),
}
"""On which the transcript may be where that is not the first."""

TWILIO: Final = {
    "media before start": Twilio(early_frames=5),
    "chunks repeated": Twilio(repeat_frames=range(400, 2_400, 75)),
    "chunks out of order": Twilio(swap_frames=range(400, 2_400, 75), swap_distance=2),
}
GAPS: Final = {
    "gap of 400 ms": (range(1_600, 1_640), ("inbound", "outbound")),
    "gap of 400 ms of one track": (range(1_601, 1_641, 2), ("inbound",)),
}
"""Frames that never arrive, those of the tracks taking turns and `outbound` being first, and whose they are."""


@pytest.mark.parametrize("fault", DEEPGRAM)
async def test_a_fault_of_the_recogniser_loses_no_word_of_either_track(line: Line, fault: str) -> None:
    await line.house.deepgram.order(DEEPGRAM[fault])
    try:
        transcript = await line.talk()
        assert (await line.house.deepgram.state()).open_streams == 0
    finally:
        await line.house.deepgram.order(Deepgram())
    note(fault, transcript)
    check(transcript, RUNGS.get(fault, (Rung.LIVE,)))


@pytest.mark.parametrize("fault", TWILIO)
async def test_a_fault_of_the_way_loses_no_word_of_either_track(line: Line, fault: str) -> None:
    line.house.twilio.faults = TWILIO[fault]
    try:
        transcript = await line.talk()
    finally:
        line.house.twilio.faults = Twilio()
    note(fault, transcript)
    check(transcript)


@pytest.mark.parametrize("fault", GAPS)
async def test_sound_that_never_came_is_declared_of_its_track_and_moves_no_word(line: Line, fault: str) -> None:
    frames, tracks = GAPS[fault]
    line.house.twilio.faults = Twilio(drop_frames=frames)
    try:
        transcript = await line.talk()
    finally:
        line.house.twilio.faults = Twilio()
    note(fault, transcript)
    missing = {each["track"]: each["missing"] for each in transcript["coverage"]}
    for track, first in (("inbound", CALLER_FIRST), ("outbound", PERSON_FIRST)):
        words = [each for each in words_of(transcript, track) if each["text"] != DAMAGED]
        if track not in tracks:
            assert (missing[track], wrong_words(words, first, WORDS)) == ([], 0)
            continue
        (gap,) = missing[track]
        assert gap["end_ms"] - gap["start_ms"] == 400
        assert (
            misplaced_words(words, first, WORDS),
            undeclared_words(words, [{"holes": [], "missing": [gap]}], first, WORDS),
        ) == (0, 0)
        assert 4 <= WORDS - len(words) <= 5
    assert not transcript["is_complete"]
