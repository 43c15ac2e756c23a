"""A real streamer on loopback: whole calls, with every word accounted for."""

import asyncio
import base64
import logging
import re
import time
from collections.abc import AsyncIterator

import httpx
import pytest
import uvloop
from websockets.exceptions import InvalidStatus

from local.deepgram.stamp import stamp
from telephony.calls import CallSid
from telephony.coverage import Track
from telephony.credentials import DeepgramCredentials
from telephony.metrics import Metric
from telephony.streams import StreamEnd
from tests.fakes.secrets import FixedSecrets
from tests.unit.streamer.house import CALL_SID, LIMIT_S, OTHER_CALL_SID, House, serving, stamped, ticket, until

SILENCE = b"\xff"


@pytest.fixture
async def house(caplog: pytest.LogCaptureFixture) -> AsyncIterator[House]:
    async with serving(caplog) as made:
        yield made


async def test_every_word_of_a_call_is_stored_once_at_its_time_and_the_coverage_is_complete(house: House) -> None:
    house.table.tickets.issue(ticket())
    async with house.dial() as phone:
        await phone.start()
        await phone.speak(stamp(0, 120) + SILENCE * 8 * 730)
        await phone.stop()
        assert await phone.closed() == (1000, "")
    transcript = await house.written()
    assert house.words() == stamped(0, 120)
    assert transcript.is_complete
    assert transcript.coverage[0].received_ms == 12_730
    assert house.meter.total(Metric.COVERAGE_PERCENT) == 100
    assert house.meter.total(Metric.STREAM_STARTED) == 1
    assert house.meter.total(Metric.RECOGNISER_FAILED) == 0


async def test_both_tracks_are_written_each_in_its_own_time(house: House) -> None:
    house.table.tickets.issue(ticket())
    async with house.dial() as phone:
        await phone.start(tracks=("inbound", "outbound"))
        for at in range(30):
            await phone.speak(stamp(at, 1), from_ms=100 * at)
            await phone.speak(stamp(500 + at, 1), from_ms=100 * at, track="outbound")
        await phone.stop()
        await phone.closed()
    transcript = await house.written()
    assert house.words(track=Track.INBOUND) == stamped(0, 30)
    assert house.words(track=Track.OUTBOUND) == stamped(500, 30)
    assert [each.track for each in transcript.coverage] == [Track.INBOUND, Track.OUTBOUND]
    assert transcript.is_complete


async def test_calls_at_the_same_time_keep_their_words_apart(house: House) -> None:
    sids = [CallSid(f"CA{number:032}") for number in range(10)]

    async def call(number: int) -> None:
        house.table.tickets.issue(ticket(f"T{number}", call_sid=sids[number]))
        async with house.dial() as phone:
            await phone.start(f"T{number}", call_sid=sids[number])
            await phone.speak(stamp(1_000 * number, 25))
            await phone.stop()
            assert (await phone.closed())[0] == 1000

    async with asyncio.timeout(LIMIT_S), asyncio.TaskGroup() as tasks:
        for number in range(len(sids)):
            tasks.create_task(call(number))
    for number, sid in enumerate(sids):
        assert (await house.written(sid)).is_complete
        assert house.words(sid) == stamped(1_000 * number, 25)


def test_a_call_is_carried_whole_on_the_event_loop_of_production(caplog: pytest.LogCaptureFixture) -> None:
    async def call() -> None:
        async with serving(caplog) as house:
            house.table.tickets.issue(ticket())
            async with house.dial() as phone:
                await phone.start()
                await phone.speak(stamp(0, 40))
                await phone.stop()
                assert (await phone.closed())[0] == 1000
            assert (await house.written()).is_complete
            assert house.words() == stamped(0, 40)

    uvloop.run(call())


async def test_a_ping_is_answered(house: House) -> None:
    async with house.dial() as phone, asyncio.timeout(LIMIT_S):
        await (await phone.socket.ping())


async def test_lost_sound_moves_no_word_and_shows_as_missing(house: House) -> None:
    house.table.tickets.issue(ticket())
    async with house.dial() as phone:
        await phone.start()
        await phone.speak(stamp(0, 10))
        phone.sequence += 50
        await phone.speak(stamp(20, 10), from_ms=2_000)
        await phone.stop()
        await phone.closed()
    transcript = await house.written()
    assert house.words() == stamped(0, 10) + stamped(20, 10, from_ms=2_000)
    assert [(lost.start_ms, lost.end_ms) for lost in transcript.coverage[0].missing] == [(1_000, 2_000)]
    assert transcript.coverage[0].holes == ()
    assert house.meter.total(Metric.RECOGNISER_FAILED) == 0


async def test_a_pause_that_twilio_did_not_send_is_silence_and_nothing_is_missing(house: House) -> None:
    house.table.tickets.issue(ticket())
    async with house.dial() as phone:
        await phone.start()
        await phone.speak(stamp(0, 10))
        await phone.speak(stamp(20, 10), from_ms=2_000)
        await phone.stop()
        await phone.closed()
    transcript = await house.written()
    assert house.words() == stamped(0, 10) + stamped(20, 10, from_ms=2_000)
    assert transcript.coverage[0].is_complete


async def test_a_lost_socket_loses_no_word_that_came(house: House) -> None:
    house.table.tickets.issue(ticket())
    async with house.dial() as phone:
        await phone.start()
        await phone.speak(stamp(0, 20))
        await until(lambda: house.table.state.streams)
        phone.socket.transport.abort()
    transcript = await house.written()
    assert house.words() == stamped(0, 20)
    assert transcript.is_cut_short
    assert [each.end for each in house.table.state.streams.values()] == [StreamEnd.LOST]


async def test_a_close_frame_without_a_code_is_answered(house: House) -> None:
    house.table.tickets.issue(ticket())
    async with house.dial() as phone:
        await phone.start()
        await phone.speak(stamp(0, 10))
        phone.socket.transport.write(b"\x88\x80" + bytes(4))  # masked, and empty
        assert (await phone.closed())[0] == 1000
    await house.written()
    assert house.words() == stamped(0, 10)


async def test_messages_in_many_frames_are_put_together(house: House) -> None:
    house.table.tickets.issue(ticket())
    async with house.dial() as phone:
        await phone.start()
        payload = base64.b64encode(stamp(0, 1)[:160]).decode()
        media = {"track": "inbound", "chunk": "1", "timestamp": "0", "payload": payload}
        text = phone.text("media", media=media)
        await phone.socket.send([text[:1], text[1:50], "", text[50:]])
        await phone.socket.send(["", phone.text("weather")])
        await phone.speak(stamp(0, 10)[160:], from_ms=20)
        await phone.stop()
        assert (await phone.closed())[0] == 1000
    transcript = await house.written()
    assert house.words() == stamped(0, 10)
    assert transcript.is_complete


async def test_a_call_goes_on_without_a_recogniser_and_shows_a_hole(caplog: pytest.LogCaptureFixture) -> None:
    secrets = FixedSecrets(deepgram_credentials=DeepgramCredentials("not the key"))
    async with serving(caplog, secrets=secrets) as house:
        house.table.tickets.issue(ticket())
        async with house.dial() as phone:
            await phone.start()
            await phone.speak(stamp(0, 10))
            await phone.stop()
            await phone.closed()
        transcript = await house.written()
    assert transcript.coverage[0].transcribed_ms == 0
    assert house.meter.total(Metric.RECOGNISER_FAILED) == 1
    stream = next(iter(house.table.state.streams.values()))
    assert stream.trouble == "inbound: the recogniser refused with 401 Invalid credentials."


async def test_each_socket_hears_from_us_now_and_then_and_the_number_of_streams_is_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG, "websockets.client")  # the client's own account of the frames it got

    def pings() -> int:
        return sum(record.getMessage().startswith("< PING") for record in caplog.records)

    async with serving(caplog, beat_s=0.05) as house:
        await until(lambda: (Metric.ACTIVE_STREAMS, 0) in house.meter.values)
        house.table.tickets.issue(ticket())
        async with house.dial() as phone:
            await phone.start()
            await until(lambda: pings() >= 2)
            await until(lambda: house.meter.values.count((Metric.ACTIVE_STREAMS, 1)) >= 3)
            await phone.stop()
        await house.written()


async def test_health_says_that_it_can_serve(house: House) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.get(f"http://127.0.0.1:{house.port}/healthz")
    held, late, _ = answer.text.split("\n")
    assert (answer.status_code, held) == (200, "ok streams=0 tasks=0 sound=0 waiting=0")
    assert re.fullmatch(r"late_ms=\d+\.\d", late)


async def test_health_says_how_late_the_loop_came_round(house: House) -> None:
    async def late_ms() -> float:
        async with httpx.AsyncClient(trust_env=False) as client:
            text = (await client.get(f"http://127.0.0.1:{house.port}/healthz")).text
        return float(text.rpartition("late_ms=")[2])

    async with asyncio.timeout(LIMIT_S):
        while await late_ms() < 250:
            until = time.monotonic() + 0.4
            while time.monotonic() < until:
                pass  # holds up the loop, which is the streamer's too
        while await late_ms() >= 250:
            pass


async def test_health_says_what_is_held_and_that_nothing_is_in_the_end(house: House) -> None:
    house.table.tickets.issue(ticket())

    async def held() -> dict[str, int]:
        async with httpx.AsyncClient(trust_env=False) as client:
            health = (await client.get(f"http://127.0.0.1:{house.port}/healthz")).text
        words = health.partition("\n")[0].split()[1:]
        return {name: int(count) for name, count in (word.split("=") for word in words)}

    async with house.dial() as phone:
        await phone.start()
        await phone.speak(stamp(0, 20))
        async with asyncio.timeout(LIMIT_S):
            while not (found := await held())["sound"]:
                pass
        assert (found["streams"], found["tasks"] > 0) == (1, True)
        await phone.stop()
        await phone.closed()
    await house.written()
    async with asyncio.timeout(LIMIT_S):
        while any((await held()).values()):
            pass


async def test_another_path_leads_nowhere(house: House) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with house.dial("/elsewhere"):
            pass
    assert refused.value.response.status_code == 404


async def test_one_stream_too_many_is_turned_away_and_its_ticket_stays_good(caplog: pytest.LogCaptureFixture) -> None:
    async with serving(caplog, max_streams=1) as house:
        house.table.tickets.issue(ticket("T1"))
        house.table.tickets.issue(ticket("T2", call_sid=OTHER_CALL_SID))
        async with house.dial() as first:
            await first.start()
            with pytest.raises(InvalidStatus) as refused:
                async with house.dial():
                    pass
            assert refused.value.response.status_code == 503
            assert house.meter.total(Metric.STREAM_REFUSED) == 1
            await first.stop()
            await first.closed()
        async with house.dial() as second:
            await second.start("T2", call_sid=OTHER_CALL_SID)
            await second.stop()
            assert (await second.closed())[0] == 1000


async def test_told_to_stop_it_takes_no_new_call_and_writes_all_of_the_one_it_has(house: House) -> None:
    house.table.tickets.issue(ticket())
    async with house.dial() as phone:
        await phone.start()
        await phone.speak(stamp(0, 20))
        house.streamer.stop()
        await until(lambda: any(each["event"] == "draining" for each in house.logs))
        with pytest.raises((InvalidStatus, OSError)):
            async with house.dial():
                pass
        assert not house.running.done()
        await phone.speak(stamp(20, 20), from_ms=2_000)
        await phone.stop()
        assert (await phone.closed())[0] == 1000
    async with asyncio.timeout(LIMIT_S):
        await house.running
    assert house.words() == stamped(0, 40)
    assert house.transcript().is_complete


async def test_a_call_that_outlasts_the_drain_is_cut_short_with_all_its_words(caplog: pytest.LogCaptureFixture) -> None:
    async with serving(caplog, drain_s=0.2) as house:
        house.table.tickets.issue(ticket())
        async with house.dial() as phone:
            await phone.start()
            await phone.speak(stamp(0, 20))
            await until(lambda: house.table.state.streams)
            house.streamer.stop()
            async with asyncio.timeout(LIMIT_S):
                await house.running
            assert house.words() == stamped(0, 20)
            assert house.transcript().is_cut_short
            assert house.transcript(CALL_SID).coverage[0].holes == ()


async def test_told_to_stop_again_it_ends_at_once_and_writes_down_what_there_is(house: House) -> None:
    house.table.tickets.issue(ticket())
    async with house.dial() as phone:
        await phone.start()
        await phone.speak(stamp(0, 60))
        await until(house.words)
        house.streamer.stop()
        house.streamer.stop()
        async with asyncio.timeout(LIMIT_S):
            await house.running
    stream = next(iter(house.table.state.streams.values()))
    assert (stream.end, stream.trouble) == (StreamEnd.LOST, "the task was stopped")
    assert house.transcript().is_cut_short
    covered = stream.coverage[0].transcribed[-1].end_ms
    assert house.words() == [each for each in stamped(0, 60) if each[2] <= covered]


async def test_a_second_stream_of_a_call_loses_and_overwrites_nothing_of_the_first(house: House) -> None:
    for number, spoken in enumerate((0, 500), start=1):
        house.table.tickets.issue(ticket(f"T{number}"))
        async with house.dial() as phone:
            await phone.start(f"T{number}", stream_sid=f"MZ{number}")
            await phone.speak(stamp(spoken, 20))
            await phone.stop()
            assert (await phone.closed())[0] == 1000
    await until(lambda: len(house.table.state.streams) == 2 and not house.has_open_stream)
    first, second = house.transcript().streams
    apart_ms = round((second.started_at - first.started_at).total_seconds() * 1_000 - 0.5)
    heard = {text: start_ms for text, start_ms, _ in house.words()}
    kept = [each for each in stamped(500, 20, from_ms=apart_ms) if each[2] - 50 > 2_002]
    for text, start_ms, _ in [*stamped(0, 20), *kept]:
        assert abs(heard[text] - start_ms) <= 1


async def test_streams_that_come_and_go_leave_nothing_behind(house: House) -> None:
    for number in range(5):
        house.table.tickets.issue(ticket(f"T{number}"))
        async with house.dial() as phone:
            await phone.start(f"T{number}")
            await phone.stop()
            await phone.closed()
    active = [value for metric, value in house.meter.values if metric is Metric.ACTIVE_STREAMS]
    assert active == [0, *([1, 0] * 5)]
    await until(lambda: house.deepgram.open_streams == 0)
