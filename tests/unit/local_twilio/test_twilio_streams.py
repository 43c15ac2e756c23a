"""What the product's WebSocket server sees of a call."""

import base64
import re
from typing import Any

import pytest

from local.twilio.caller import Caller, Person
from local.twilio.events import CallerSpeaking, StreamFailed, StreamStarted, StreamStopped
from local.twilio.faults import Faults
from local.twilio.line import Track
from local.twilio.mulaw import FRAME_SAMPLES, SILENCE, wav
from local.twilio.quirks import Quirks
from tests.unit.local_twilio.product import ACCOUNT, CALLER, OWN, SPEECH, Reply, Stream, Studio, studio

RECORD = '<Record playBeep="false"/>'


def twiml(url: str, *, track: str = "both_tracks", after: str = RECORD, parameters: str = "", extra: str = "") -> str:
    return (
        f'<Response><Start><Stream name="tx" url="{url}" track="{track}" {extra}>{parameters}</Stream></Start>'
        f'<Pause length="2"/>{after}</Response>'
    )


def laid_out(media: list[dict[str, Any]]) -> bytes:
    """Put each frame where its timestamp says."""
    track = Track()
    ends_ms = max(track.lay(int(frame["timestamp"]), base64.b64decode(frame["payload"])) for frame in media)
    return track.hear(0, ends_ms)


async def streamed(on: Studio, xml: str) -> Stream:
    on.voice(xml)
    await on.call()
    return on.media.streams[0]


async def test_a_stream_begins_with_connected_and_start_as_documented() -> None:
    async with studio() as on:
        parameters = '<Parameter name="ticket" value="one-time"/>'
        stream = await streamed(on, twiml(on.media.url, parameters=parameters))
        (call_sid,) = on.twilio.calls
    connected, start = stream.messages[:2]
    assert connected == {"event": "connected", "protocol": "Call", "version": "1.0.0"}
    assert re.fullmatch(r"MZ[0-9a-f]{32}", start["streamSid"])
    assert start == {
        "event": "start",
        "sequenceNumber": "1",
        "streamSid": start["streamSid"],
        "start": {
            "accountSid": ACCOUNT.sid,
            "streamSid": start["streamSid"],
            "callSid": call_sid,
            "tracks": ["inbound", "outbound"],
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8_000, "channels": 1},
            "customParameters": {"ticket": "one-time"},
        },
    }


async def test_a_call_whose_document_ends_with_the_start_of_a_stream_is_hung_up_at_once() -> None:
    async with studio() as on:
        on.voice(f'<Response><Start><Stream url="{on.media.url}" track="both_tracks"/></Start></Response>')
        call = await on.call(Caller(number=CALLER, speech=SPEECH))
    assert call.is_over
    assert call.duration_s <= 1
    assert not any(isinstance(event, CallerSpeaking) for event in call.events)
    assert not any(stream.is_live for stream in call.streams)
    assert sum(len(stream.media("inbound")) for stream in on.media.streams) < 50


async def test_every_numeral_of_a_frame_is_a_string_and_the_numbers_have_no_gap() -> None:
    async with studio() as on:
        stream = await streamed(on, twiml(on.media.url))
    frames = [message for message in stream.messages if message["event"] == "media"]
    assert set(frames[0]) == {"event", "sequenceNumber", "media", "streamSid"}
    assert set(frames[0]["media"]) == {"track", "chunk", "timestamp", "payload"}
    assert all(type(value) is str for frame in frames for value in frame["media"].values())
    assert [m["sequenceNumber"] for m in stream.messages[1:]] == [str(n + 1) for n in range(len(stream.messages) - 1)]
    assert [frame["media"]["chunk"] for frame in frames] == [str(n + 1) for n in range(len(frames))]
    assert all(len(base64.b64decode(frame["media"]["payload"])) == FRAME_SAMPLES for frame in frames)


async def test_both_tracks_alternate_with_equal_timestamps_20_ms_apart() -> None:
    async with studio() as on:
        stream = await streamed(on, twiml(on.media.url))
    inbound, outbound = stream.media("inbound"), stream.media("outbound")
    expected = [str(20 * n) for n in range(len(inbound))]
    assert [m["timestamp"] for m in inbound] == [m["timestamp"] for m in outbound] == expected
    tracks = [m["media"]["track"] for m in stream.messages if m["event"] == "media"]
    assert tracks == ["outbound", "inbound"] * len(inbound)


async def test_the_callers_speech_comes_back_byte_for_byte_amid_silence() -> None:
    async with studio() as on:
        stream = await streamed(on, twiml(on.media.url))
    sound = laid_out(stream.media("inbound"))
    before, spoken, after = sound.partition(SPEECH)
    assert spoken == SPEECH
    assert set(before) | set(after) == set(SILENCE)
    assert len(before) > 8 * 1_000, "the pause before the recording is streamed too"


async def test_the_other_persons_speech_is_the_outbound_track() -> None:
    async with studio() as on:
        on.twilio.people["+15005550010"] = Person(answers_after_s=0.5, speech=SPEECH, hangs_up_after_s=2)
        stream = await streamed(on, twiml(on.media.url, after="<Dial>+15005550010</Dial>"))
    assert SPEECH in laid_out(stream.media("outbound"))


async def test_what_is_played_to_the_caller_is_the_outbound_track() -> None:
    async with studio() as on:
        on.webhooks.on("/greeting.wav", Reply(wav(SPEECH), content_type="audio/x-wav"))
        stream = await streamed(on, twiml(on.media.url, after=f"<Play>/greeting.wav</Play>{RECORD}"))
    assert SPEECH in laid_out(stream.media("outbound"))


async def test_a_stream_ends_with_stop_at_the_hang_up() -> None:
    async with studio() as on:
        stream = await streamed(on, twiml(on.media.url))
        (call_sid,) = on.twilio.calls
        stopped = [event for event in on.twilio.events if isinstance(event, StreamStopped)]
    last = stream.messages[-1]
    assert last["event"] == "stop"
    assert last["stop"] == {"accountSid": ACCOUNT.sid, "callSid": call_sid}
    assert last["sequenceNumber"] == str(len(stream.messages) - 1)
    assert stopped[0].frames == len(stream.messages) - 3


async def test_the_upgrade_is_signed_as_the_url_stands_in_the_twiml() -> None:
    async with studio() as on:
        stream = await streamed(on, twiml(on.media.url))
        assert stream.headers["x-twilio-signature"] == ACCOUNT.sign(on.media.url)
    assert "sec-websocket-protocol" not in stream.headers


async def test_quirks_change_signature_chunks_timestamps_and_silence() -> None:
    quirks = Quirks(
        allow_insecure_streams=True,
        sign_stream_with_slash=True,
        per_track_chunks=True,
        first_timestamp_ms=57,
        silent_outbound_frames=False,
        offer_subprotocol=True,
    )
    async with studio(quirks=quirks) as on:
        stream = await streamed(on, twiml(on.media.url, after=f"<Say>Well, hello there</Say>{RECORD}"))
        assert stream.headers["x-twilio-signature"] == ACCOUNT.sign(on.media.url + "/")
    inbound, outbound = stream.media("inbound"), stream.media("outbound")
    assert stream.headers["sec-websocket-protocol"] == "audio.twilio.com"
    assert inbound[0]["timestamp"] == "57"
    assert [m["chunk"] for m in inbound[:3]] == [m["chunk"] for m in outbound[:3]] == ["1", "2", "3"]
    assert 0 < len(outbound) < len(inbound)


async def test_the_status_callback_tells_of_start_and_stop() -> None:
    async with studio() as on:
        extra = f'statusCallback="{on.webhooks.base_url}/stream"'
        stream = await streamed(on, twiml(on.media.url, extra=extra))
        received = on.webhooks.at("/stream")
    assert [r.form["StreamEvent"] for r in received] == ["stream-started", "stream-stopped"]
    assert all(r.is_signed for r in received)
    assert set(received[0].form) == {"AccountSid", "CallSid", "StreamSid", "StreamName", "StreamEvent", "Timestamp"}
    assert received[0].form["StreamName"] == "tx"
    assert received[0].form["StreamSid"] == stream.messages[1]["streamSid"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", received[0].form["Timestamp"])


@pytest.mark.parametrize(
    ("url", "track", "code"),
    [
        ("{}?ticket=1", "inbound_track", 31_920),
        ("http://127.0.0.1/media", "inbound_track", 31_922),
        ("wss:///media", "inbound_track", 31_923),
        ("{}", "all_tracks", 31_941),
        ("ws://127.0.0.1:1/media", "inbound_track", 31_902),
    ],
)
async def test_a_stream_that_cannot_be_opened_is_reported_and_the_call_goes_on(url: str, track: str, code: int) -> None:
    async with studio() as on:
        extra = f'statusCallback="{on.webhooks.base_url}/stream"'
        on.voice(twiml(url.format(on.media.url), track=track, extra=extra))
        call = await on.call()
        (received,) = on.webhooks.at("/stream")
        assert on.media.streams == []
    assert received.form["StreamEvent"] == "stream-error"
    assert received.form["StreamError"].startswith(str(code))
    assert code in on.codes()
    assert call.status == "completed"
    assert len(on.twilio.recordings) == 1


async def test_an_insecure_stream_is_refused_unless_allowed() -> None:
    async with studio(quirks=Quirks()) as on:
        on.voice(twiml(on.media.url))
        await on.call()
        assert on.codes() == [31_922]


@pytest.mark.parametrize("status", [403, 302])
async def test_any_answer_but_101_is_a_handshake_error(status: int) -> None:
    async with studio() as on:
        on.media.refuses_with = status
        on.media.redirects_to = on.media.url
        on.voice(twiml(on.media.url))
        await on.call()
        assert on.codes() == [31_920]


async def test_frames_of_an_open_stream_reach_to_the_hang_up_and_not_beyond() -> None:
    async with studio() as on:
        stream = await streamed(on, twiml(on.media.url, after='<Record playBeep="false" trim="do-not-trim"/>'))
        (recording,) = on.twilio.recordings.values()
    sound, end = laid_out(stream.media("inbound")), recording.audio
    assert end[:-FRAME_SAMPLES] in sound
    assert sound.index(SPEECH) + len(end) - FRAME_SAMPLES <= len(sound) <= sound.index(SPEECH) + len(end)


async def test_a_server_that_closes_ends_the_stream_for_good_and_not_the_call() -> None:
    async with studio() as on:
        on.media.closes_after = 10
        on.voice(twiml(on.media.url))
        call = await on.call()
        assert on.codes() == [31_921]
        assert len(on.media.streams) == 1
        assert call.status == "completed"


async def test_a_connection_that_breaks_is_a_broken_pipe() -> None:
    async with studio() as on:
        on.media.aborts_after = 10
        on.voice(twiml(on.media.url))
        await on.call()
        assert on.codes() == [31_903]


async def test_a_server_that_talks_back_is_cut_off_and_binary_is_only_warned_of() -> None:
    async with studio() as on:
        on.media.says = [b"1", b"2", '{"event":"clear"}']
        on.voice(twiml(on.media.url))
        await on.call()
        assert on.codes() == [31_950, 31_924]


async def test_a_server_that_stops_reading_is_given_up() -> None:
    quirks = Quirks(allow_insecure_streams=True, stream_stall_s=0.3, stream_open_timeout_s=0.3)
    async with studio(speed=2_000, quirks=quirks) as on:
        on.media.reads = False
        on.voice(twiml(on.media.url, after='<Pause length="3600"/>'))
        call = await on.twilio.ring(Caller(number=CALLER), to=OWN)
        async for event in on.twilio.subscribe():
            if isinstance(event, StreamFailed):
                assert event.code == 31_901
                break
        call.line.hang_up(on.twilio.clock.now_ms())
        await on.twilio.settled()


async def test_stop_ends_the_stream_of_that_name_while_the_call_goes_on() -> None:
    stop = f'<Stop><Stream name="tx"/></Stop><Pause length="3"/>{RECORD}'
    async with studio() as on:
        stream = await streamed(on, twiml(on.media.url, after=stop))
    assert stream.messages[-1]["event"] == "stop"
    assert SPEECH not in laid_out(stream.media("inbound"))


async def test_a_name_is_used_once_in_a_call() -> None:
    async with studio() as on:
        again = f'<Start><Stream name="tx" url="{on.media.url}"/></Start>{RECORD}'
        on.voice(twiml(on.media.url, after=again))
        await on.call()
        assert len(on.media.streams) == 1
        assert on.codes() == [12_200]


async def test_a_call_streams_four_tracks_at_most() -> None:
    async with studio() as on:
        streams = "".join(f'<Start><Stream url="{on.media.url}" track="both_tracks"/></Start>' for _ in range(2))
        on.voice(twiml(on.media.url, after=streams + RECORD))
        await on.call()
        started = [event for event in on.twilio.events if isinstance(event, StreamStarted)]
        assert len(started) == 2
        assert on.codes() == [12_200]


async def test_frames_can_be_dropped_repeated_and_swapped_on_the_way() -> None:
    faults = Faults(drop_frames=range(5, 8), repeat_frames=[10], swap_frames=[20], skip_stop=True)
    async with studio(faults=faults) as on:
        stream = await streamed(on, twiml(on.media.url, track="inbound_track"))
    chunks = [int(m["chunk"]) for m in stream.media("inbound")]
    assert chunks[:24] == [1, 2, 3, 4, 5, 9, 10, 11, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 22, 21, 23, 24, 25, 26]
    assert stream.messages[-1]["event"] == "media"


async def test_a_frame_can_be_late_by_several_and_others_come_before_the_start() -> None:
    async with studio(faults=Faults(swap_frames=[4, 10], swap_distance=2, early_frames=3)) as on:
        stream = await streamed(on, twiml(on.media.url, track="inbound_track"))
    assert [message["event"] for message in stream.messages[:6]] == ["connected", *["media"] * 3, "start", "media"]
    chunks = [int(m["chunk"]) for m in stream.media("inbound")]
    assert chunks[:14] == [1, 2, 3, 4, 6, 7, 5, 8, 9, 10, 12, 13, 11, 14]


async def test_the_socket_can_be_lost_in_the_middle() -> None:
    async with studio(faults=Faults(lose_socket_at=10)) as on:
        stream = await streamed(on, twiml(on.media.url, track="inbound_track"))
        errors = [each.code for each in on.twilio.events if isinstance(each, StreamFailed)]
    assert len(stream.media("inbound")) <= 10
    assert stream.messages[-1]["event"] != "stop"
    assert errors == [31_903]
