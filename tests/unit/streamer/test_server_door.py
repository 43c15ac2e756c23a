"""The streamer's door: who is let in, and what becomes of those who break the protocol."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from local.deepgram.stamp import stamp
from telephony.calls import CallSid
from telephony.coverage import Track
from telephony.credentials import TwilioCredentials
from telephony.errors import TicketError
from telephony.metrics import Metric
from telephony.streams import StreamEnd, Ticket, TicketId, TicketPurpose
from tests.fakes.secrets import ACCOUNT_SID, AUTH_TOKEN, FixedSecrets
from tests.fakes.table import MemoryTable
from tests.unit.streamer.house import LIMIT_S, MEDIA_URL, OTHER_CALL_SID, House, serving, sign, stamped, ticket, until


@pytest.fixture
async def house(caplog: pytest.LogCaptureFixture) -> AsyncIterator[House]:
    async with serving(caplog) as made:
        yield made


@dataclass
class SlowTickets:
    """Tickets of a table that answers when it is let, or fails.

    Attributes:
        fault: raised instead of an answer, once.
    """

    table: MemoryTable
    fault: Exception | None = None
    is_asked: threading.Event = field(default_factory=threading.Event)
    may_answer: threading.Event = field(default_factory=threading.Event)

    def issue(self, ticket: Ticket) -> None:
        self.table.tickets.issue(ticket)

    def claim(self, ticket_id: TicketId, purpose: TicketPurpose, call_sid: CallSid | None, now: datetime) -> Ticket:
        self.is_asked.set()
        assert self.may_answer.wait(LIMIT_S)
        if self.fault is not None:
            fault, self.fault = self.fault, None
            raise fault
        return self.table.tickets.claim(ticket_id, purpose, call_sid, now)


@pytest.mark.parametrize("url", [MEDIA_URL, f"{MEDIA_URL}/"], ids=["as given", "with a trailing slash"])
async def test_a_stream_signed_over_the_address_is_let_in(house: House, url: str) -> None:
    house.table.tickets.issue(ticket())
    async with house.dial(signature=sign(url)) as phone:
        await phone.start()
        await phone.stop()
        assert (await phone.closed())[0] == 1000


@pytest.mark.parametrize(
    "signature",
    [None, "forged", sign(token="another token"), sign("wss://elsewhere.example.test/media"), "\xff"],
    ids=["missing", "forged", "another token", "another address", "not ASCII"],
)
async def test_a_stream_without_a_good_signature_is_refused_and_counted(house: House, signature: str | None) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with house.dial(signature=signature):
            pass
    assert refused.value.response.status_code == 403
    assert house.meter.total(Metric.STREAM_REFUSED) == 1
    assert {"event": "stream-refused", "why": "signature", "log_level": "warning"} in house.logs


async def test_a_request_that_is_no_upgrade_leaves_no_stream_behind(house: House) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.get(f"http://127.0.0.1:{house.port}/media", headers={"X-Twilio-Signature": sign()})
    assert answer.status_code == 400
    assert house.meter.total(Metric.STREAM_REFUSED) == house.meter.total(Metric.ACTIVE_STREAMS) == 0


async def test_during_a_rotation_the_token_before_is_good_as_well(caplog: pytest.LogCaptureFixture) -> None:
    tokens = ("new token", AUTH_TOKEN)
    secrets = FixedSecrets(TwilioCredentials(ACCOUNT_SID, tokens, ACCOUNT_SID, "new token"))
    async with serving(caplog, secrets=secrets) as house:
        for number, token in enumerate(tokens):
            house.table.tickets.issue(ticket(f"T{number}"))
            async with house.dial(signature=sign(token=token)) as phone:
                await phone.start(f"T{number}")
                await phone.stop()
                assert (await phone.closed())[0] == 1000


@pytest.mark.parametrize(
    ("ticket_id", "reason"),
    [
        (None, "ticket missing"),
        ("nobody's", "ticket unknown"),
        ("used", "ticket used"),
        ("expired", "ticket expired"),
        ("another call's", "ticket wrong-call"),
        ("a viewer's", "ticket unknown"),
        ("other tracks", "the ticket is for other tracks"),
    ],
)
async def test_a_stream_without_a_good_ticket_is_closed_and_nothing_is_stored(
    house: House, ticket_id: str | None, reason: str
) -> None:
    used = ticket("used")
    for each in (
        used,
        ticket("expired", lifetime=timedelta(seconds=-1)),
        ticket("another call's", call_sid=OTHER_CALL_SID),
        ticket("a viewer's", purpose=TicketPurpose.CAPTIONS),
        ticket("other tracks", tracks=(Track.OUTBOUND,)),
    ):
        house.table.tickets.issue(each)
    house.table.tickets.claim(used.id, TicketPurpose.MEDIA, used.call_sid, used.expires_at - timedelta(seconds=30))
    async with house.dial() as phone:
        await phone.start(ticket_id)
        assert await phone.closed() == (1008, reason)
    assert (house.table.state.streams, house.table.state.utterances) == ({}, {})
    assert house.meter.total(Metric.STREAM_REFUSED) == 1


async def test_a_ticket_for_no_track_is_taken_and_its_stream_closed_and_nothing_is_stored(house: House) -> None:
    looking = ticket("looking", tracks=())
    house.table.tickets.issue(looking)
    async with house.dial() as phone:
        await phone.start("looking")
        await phone.speak(stamp(0, 1))
        assert (await phone.closed())[0] == 1000
    with pytest.raises(TicketError, match="used"):
        house.table.tickets.claim(
            looking.id, TicketPurpose.MEDIA, looking.call_sid, looking.expires_at - timedelta(seconds=30)
        )
    assert (house.table.state.streams, house.table.state.utterances) == ({}, {})
    assert house.meter.total(Metric.STREAM_STARTED) == house.meter.total(Metric.STREAM_REFUSED) == 0


async def test_a_ticket_admits_one_stream_of_two(house: House) -> None:
    house.table.tickets.issue(ticket())
    async with house.dial() as first, house.dial() as second:
        await first.start()
        await until(lambda: house.table.state.streams)
        await second.start()
        assert await second.closed() == (1008, "ticket used")
        await first.speak(stamp(0, 10))
        await first.stop()
        assert (await first.closed())[0] == 1000
    await house.written()
    assert house.words() == stamped(0, 10)


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("this is not JSON", "not a Media Streams message: JSONDecodeError"),
        ('["event","media"]', "not a Media Streams message: TypeError"),
        (
            '{"event":"media","sequenceNumber":"9","media":{"track":"inbound","timestamp":"0","payload":"!"}}',
            "not a Media Streams message: ValueError",
        ),
        (
            '{"event":"media","sequenceNumber":"9","media":{"track":"outbound","timestamp":"0","payload":""}}',
            "a track that was not announced",
        ),
        (
            '{"event":"media","sequenceNumber":"9","media":{"track":"inbound","timestamp":"31536000000","payload":""}}',
            "a chunk jumps 31535999000 ms ahead",
        ),
        (
            '{"event":"media","sequenceNumber":"9","media":{"track":"inbound","timestamp":"' + "9" * 4_300 + '"}}',
            "not a Media Streams message: ValueError",
        ),
        (b"\x00\x01\x02", "a binary message"),
    ],
    ids=["not JSON", "a list", "base64 that isn't", "unannounced track", "next year", "endless time", "binary"],
)
async def test_what_breaks_the_protocol_ends_the_stream_and_keeps_the_words_before_it(
    house: House, message: str | bytes, reason: str
) -> None:
    house.table.tickets.issue(ticket())
    async with house.dial() as phone:
        await phone.start()
        await phone.speak(stamp(0, 10))
        await until(lambda: house.table.state.streams)
        await phone.socket.send(message)
        assert await phone.closed() == (1008, reason)
    await house.written()
    assert house.words() == stamped(0, 10)
    assert [each.end for each in house.table.state.streams.values()] == [StreamEnd.REFUSED]
    assert house.meter.total(Metric.STREAM_REFUSED) == 1


async def test_an_event_that_twilio_may_have_added_is_ignored(house: House) -> None:
    house.table.tickets.issue(ticket())
    async with house.dial() as phone:
        await phone.start()
        await phone.say("weather", weather={"sky": "blue"})
        await phone.say("mark", mark={"name": "m"})
        await phone.speak(stamp(0, 10))
        await phone.stop()
        assert (await phone.closed())[0] == 1000
    assert (await house.written()).is_complete


async def test_a_frame_of_ten_megabytes_is_not_read(caplog: pytest.LogCaptureFixture) -> None:
    async with serving(caplog) as house:
        house.expected_errors.add("MESSAGE_TOO_BIG")  # the WebSocket library's own line
        house.table.tickets.issue(ticket())
        async with house.dial() as phone:
            await phone.start()
            await phone.speak(stamp(0, 10))
            await until(lambda: house.table.state.streams)
            with suppress(ConnectionClosed):
                await phone.socket.send("5" * (10 * 1024 * 1024))
            assert (await phone.closed())[0] != 1000
        assert (await house.written()).is_cut_short
        assert house.words() == stamped(0, 10)


async def test_a_message_of_many_frames_is_not_read_beyond_the_bound(house: House) -> None:
    house.table.tickets.issue(ticket())
    async with house.dial() as phone:
        await phone.start()
        await until(lambda: house.table.state.streams)
        await phone.socket.send(["5" * 40_000, "5" * 40_000, "5" * 40_000])
        assert await phone.closed() == (1008, "a message is too long")


async def test_a_call_that_stops_before_its_ticket_was_looked_up_is_written_whole(
    caplog: pytest.LogCaptureFixture,
) -> None:
    table = MemoryTable()
    tickets = SlowTickets(table)
    tickets.issue(ticket())
    async with serving(caplog, table=table, tickets=tickets) as house:
        async with house.dial() as phone:
            await phone.start()
            await asyncio.to_thread(tickets.is_asked.wait, LIMIT_S)
            await phone.speak(stamp(0, 30))
            await phone.stop()
            await phone.socket.close()
            assert table.state.streams == {}
            tickets.may_answer.set()
        assert (await house.written()).is_complete
        assert house.words() == stamped(0, 30)


async def test_a_stream_that_breaks_the_protocol_while_its_ticket_is_looked_up_leaves_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    table = MemoryTable()
    tickets = SlowTickets(table)
    tickets.issue(ticket())
    async with serving(caplog, table=table, tickets=tickets) as house, house.dial() as phone:
        await phone.start()
        await asyncio.to_thread(tickets.is_asked.wait, LIMIT_S)
        await phone.socket.send("not JSON")
        assert (await phone.closed())[0] == 1008
        tickets.may_answer.set()
        await until(lambda: table.state.used_tickets)
    assert house.table.state.streams == {}
    assert house.deepgram.open_streams == 0
    assert house.meter.total(Metric.STREAM_STARTED) == 0


async def test_a_table_that_is_down_closes_the_stream_and_says_why_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    async with serving(caplog) as house:
        house.expected_errors.add("ticket-not-checked")
        house.table.is_down = True
        async with house.dial() as phone:
            await phone.start()
            assert await phone.closed() == (1008, "the ticket can't be checked now")
        house.table.is_down = False


async def test_a_fault_of_ours_in_one_call_leaves_the_others_alone(caplog: pytest.LogCaptureFixture) -> None:
    table = MemoryTable()
    tickets = SlowTickets(table, fault=RuntimeError("a bug"))
    tickets.may_answer.set()
    tickets.issue(ticket("T1"))
    tickets.issue(ticket("T2", call_sid=OTHER_CALL_SID))
    async with serving(caplog, table=table, tickets=tickets) as house:
        house.expected_errors.add("ticket-not-checked")
        async with house.dial() as unlucky, house.dial() as lucky:
            await unlucky.start("T1")
            assert await unlucky.closed() == (1008, "an internal error")
            await lucky.start("T2", call_sid=OTHER_CALL_SID)
            await lucky.speak(stamp(0, 10))
            await lucky.stop()
            assert (await lucky.closed())[0] == 1000
            await house.written(OTHER_CALL_SID)
            assert house.words(OTHER_CALL_SID) == stamped(0, 10)
