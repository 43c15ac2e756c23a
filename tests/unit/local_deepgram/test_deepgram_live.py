"""A live stream, frame by frame, with the deterministic recogniser."""

import asyncio
import json
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from websockets.asyncio.client import connect

from local.deepgram.audio import MULAW_TO_LINEAR
from local.deepgram.server import DeepgramServer
from local.deepgram.settings import Settings
from local.deepgram.stamp import DAMAGED, StampedRecogniser, stamp, word
from tests.unit.local_deepgram.line import KEY, SILENCE, alternative, dial, finals, results, text, windows

S = 8_000  # bytes of a second of mu-law
INTERIMS = {"interim_results": "true"}


def words(first: int, count: int) -> str:
    return " ".join(word(number) for number in range(first, first + count))


async def test_a_result_has_its_fields_in_the_order_of_the_wire(server: DeepgramServer) -> None:
    async with dial(server) as line:
        request_id = line.socket.response.headers["dg-request-id"] if line.socket.response else ""
        await line.send(stamp(1, 3))
        messages = await line.finish()
    result, metadata = messages
    assert list(result) == [
        *("type", "channel_index", "duration", "start", "is_final", "speech_final", "channel", "metadata"),
        "from_finalize",
    ]
    assert list(alternative(result)) == ["transcript", "confidence", "words"]
    assert alternative(result)["words"][1] == {
        "word": "w00002",
        "start": 0.1,
        "end": 0.2,
        "confidence": 1.0,
        "punctuated_word": "w00002",
    }
    assert result["metadata"]["request_id"] == metadata["request_id"] == request_id
    assert result["metadata"]["model_info"]["arch"] == "nova-3"
    assert list(metadata)[:5] == ["type", "transaction_key", "request_id", "sha256", "created"]
    assert metadata["duration"] == 0.3
    assert len(metadata["sha256"]) == 64
    assert metadata["models"] == [result["metadata"]["model_uuid"]] == list(metadata["model_info"])


async def test_interims_come_each_second_from_the_same_start_and_may_be_empty(server: DeepgramServer) -> None:
    async with dial(server, **INTERIMS) as line:
        await line.send(SILENCE * 2 * S + stamp(0, 20) + SILENCE * S)
        messages = await line.finish()
    interims = [message for message in results(messages) if not message["is_final"]]
    assert [(message["start"], message["duration"]) for message in interims] == [
        *((0.0, 1.0), (0.0, 2.0), (0.0, 3.0), (0.0, 4.0))
    ]
    assert [alternative(message)["transcript"] for message in interims] == ["", "", words(0, 10), words(0, 20)]
    assert alternative(interims[0]) == {"transcript": "", "confidence": 0.0, "words": []}


async def test_without_interims_only_finals_come(server: DeepgramServer) -> None:
    async with dial(server) as line:
        await line.send(stamp(0, 40))
        assert all(message["is_final"] for message in results(await line.finish()))


async def test_finals_follow_each_other_and_cover_all_audio(server: DeepgramServer) -> None:
    audio = SILENCE * 12 * S + stamp(0, 130) + SILENCE * 3 * S + stamp(130, 5) + SILENCE * 11
    async with dial(server, **INTERIMS) as line:
        await line.send(audio, chunk_bytes=777)
        messages = await line.finish()
    covered = windows(messages)
    assert covered[0][0] == 0.0
    assert covered[-1][1] == pytest.approx(len(audio) / S, abs=1e-6)
    assert all(before[1] == pytest.approx(after[0], abs=1e-6) for before, after in pairwise(covered))
    assert text(messages) == words(0, 135)


async def test_a_pause_of_the_endpointing_ends_speech_and_long_speech_is_final_without_it(
    server: DeepgramServer,
) -> None:
    async with dial(server, endpointing="500") as line:
        await line.send(stamp(0, 60) + SILENCE * S)
        first, second = await line.next(), await line.next()
    assert (first["is_final"], first["speech_final"]) == (True, False)
    assert (second["is_final"], second["speech_final"]) == (True, True)
    assert alternative(second)["transcript"].endswith(word(59))


async def test_long_speech_is_cut_where_the_speaker_took_a_breath(server: DeepgramServer) -> None:
    async with dial(server, endpointing="500") as line:
        await line.send(stamp(0, 30) + SILENCE * (S // 5) + stamp(30, 30))
        messages = await line.finish()
    assert windows(messages) == [(0.0, 3.2), (3.2, 6.2)]
    assert text(messages) == words(0, 60)


@pytest.mark.parametrize(("endpointing", "expected"), [("10", 2), ("150", 2), ("300", 1), ("false", 1)])
async def test_a_pause_of_200_ms_splits_only_shorter_endpointings(
    server: DeepgramServer, endpointing: str, expected: int
) -> None:
    async with dial(server, endpointing=endpointing) as line:
        await line.send(stamp(0, 5) + SILENCE * (S // 5) + stamp(5, 5) + SILENCE * 2 * S)
        await line.say("CloseStream")
        spoken = [message for message in finals(await line.rest()) if alternative(message)["transcript"]]
    assert len(spoken) == expected
    assert all(message["speech_final"] is (endpointing != "false") for message in spoken)


async def test_speech_started_and_utterance_end_tell_when(server: DeepgramServer) -> None:
    async with dial(server, vad_events="true", utterance_end_ms="1000", **INTERIMS) as line:
        await line.send(SILENCE * S + stamp(0, 5) + SILENCE * 2 * S)
        assert await line.next("SpeechStarted") == {"type": "SpeechStarted", "channel": [0, 1], "timestamp": 1.0}
        ended = await line.next("UtteranceEnd")
        messages = await line.finish()
    assert ended == {"type": "UtteranceEnd", "channel": [0, 1], "last_word_end": 1.5}
    assert [message["type"] for message in messages].count("UtteranceEnd") == 1


async def test_finalize_answers_at_once_and_the_stream_goes_on(server: DeepgramServer) -> None:
    async with dial(server) as line:
        await line.send(stamp(0, 5))
        await line.say("Finalize")
        answer = await line.next()
        assert (answer["is_final"], answer["speech_final"], answer["from_finalize"]) == (True, True, True)
        assert alternative(answer)["transcript"] == words(0, 5)
        await line.say("Finalize")
        again = await line.next()
        assert (again["from_finalize"], again["start"], again["duration"]) == (True, 0.5, 0.0)
        await line.send(stamp(5, 5))
        assert text(await line.finish()) == words(0, 10)


async def test_finalize_without_audio_may_go_unanswered() -> None:
    settings = Settings(answers_empty_finalize=False)
    async with (
        DeepgramServer(recogniser=StampedRecogniser(), api_keys={KEY}, settings=settings) as server,
        dial(server) as line,
    ):
        await line.say("Finalize")
        assert [message["type"] for message in await line.finish()] == ["Metadata"]


@pytest.mark.parametrize("ending", ["CloseStream", "empty"])
async def test_the_end_brings_the_tail_then_metadata_then_a_normal_close(server: DeepgramServer, ending: str) -> None:
    async with dial(server) as line:
        await line.send(stamp(0, 3))
        await line.socket.send('{"type":"CloseStream"}' if ending == "CloseStream" else b"")
        messages = await line.rest()
    assert [message["type"] for message in messages] == ["Results", "Metadata"]
    assert text(messages) == words(0, 3)
    assert line.socket.close_code == 1000


async def test_a_stream_without_audio_ends_with_metadata_that_name_no_model(server: DeepgramServer) -> None:
    async with dial(server) as line:
        (metadata,) = await line.finish()
    assert (metadata["duration"], "models" in metadata) == (0.0, False)


@pytest.mark.parametrize(
    ("sent", "described"),
    [
        ('{"type":"KeepAlive "}', "unknown variant `KeepAlive `"),
        ("not json", "expected an object"),
        ('"KeepAlive"', "expected an object"),
        ("[" * 100_000, "expected an object"),
        ('{"type":["KeepAlive"]}', "unknown variant"),
        ('{"type":"Configure","keyterms":5}', "keyterms must be"),
    ],
)
async def test_a_text_it_does_not_know_is_an_error_and_leaves_the_stream_open(
    server: DeepgramServer, sent: str, described: str
) -> None:
    async with dial(server) as line:
        await line.socket.send(sent)
        error = await line.next("Error")
        assert error["variant"] == "SchemaError"
        assert described in error["description"]
        assert error["message"] == sent
        await line.send(stamp(0, 1))
        assert text(await line.finish()) == word(0)


async def test_configure_is_confirmed(server: DeepgramServer) -> None:
    async with dial(server) as line:
        await line.say("Configure", keyterms=["acme"])
        assert (await line.next("ConfigureSuccess"))["keyterms"] == ["acme"]


CONTROLS = st.sampled_from(["KeepAlive", "Finalize", "Configure", "keepalive", "", None, 5])
TEXTS = st.text() | st.fixed_dictionaries(
    {"type": CONTROLS}, optional={"channel": st.none() | st.integers(), "keyterms": st.lists(st.text())}
).map(json.dumps)


@settings(max_examples=10, deadline=None)
@given(st.lists(TEXTS, max_size=30))
async def test_no_text_at_all_stops_a_stream(sent: list[str]) -> None:
    async with DeepgramServer(recogniser=StampedRecogniser(), api_keys={KEY}) as server, dial(server) as line:
        await line.send(stamp(0, 1))
        for one in sent:
            await line.socket.send(one)
        await line.send(stamp(1, 1))
        assert text(await line.finish()) == words(0, 2)


async def test_a_server_that_stops_closes_its_streams() -> None:
    async with DeepgramServer(recogniser=StampedRecogniser(), api_keys={KEY}) as server:
        socket = await connect(f"{server.ws_url}/v1/listen", additional_headers={"Authorization": f"token {KEY}"})
    await asyncio.wait_for(socket.wait_closed(), 5)
    assert socket.close_code == 1012


async def test_audio_it_cannot_decode_closes_with_1008(server: DeepgramServer) -> None:
    async with connect(f"{server.ws_url}/v1/listen", additional_headers={"Authorization": f"token {KEY}"}) as socket:
        await socket.send(b"\x1a\x45\xdf\xa3 not audio")
        await asyncio.wait_for(socket.wait_closed(), 5)
    assert socket.close_code == 1008
    assert "DATA-0000" in (socket.close_reason or "")


@pytest.mark.parametrize("audio", [b"", stamp(0, 2)])
async def test_an_idle_stream_gets_metadata_and_a_close_that_names_the_reason(audio: bytes) -> None:
    settings = Settings(idle_ms=150)
    async with (
        DeepgramServer(recogniser=StampedRecogniser(), api_keys={KEY}, settings=settings) as server,
        dial(server) as line,
    ):
        await line.send(audio)
        messages = await line.rest()
    assert messages[-1]["type"] == "Metadata"
    assert messages[-1]["sha256"] == "incomplete"
    assert line.socket.close_code == 1011
    assert "net0001" in (line.socket.close_reason or "")


@pytest.mark.parametrize(("audio", "outlives"), [(b"", False), (stamp(0, 1), True)])
async def test_keepalive_keeps_a_stream_open_only_once_it_had_audio(audio: bytes, outlives: bool) -> None:
    settings = Settings(idle_ms=300)
    async with (
        DeepgramServer(recogniser=StampedRecogniser(), api_keys={KEY}, settings=settings) as server,
        dial(server) as line,
    ):
        await line.send(audio)
        deadline = asyncio.get_running_loop().time() + 1.0
        while asyncio.get_running_loop().time() < deadline and line.socket.close_code is None:
            await line.say("KeepAlive")
            await asyncio.wait({asyncio.ensure_future(line.socket.wait_closed())}, timeout=0.1)
        assert (line.socket.close_code is None) is outlives


async def test_each_channel_of_a_multichannel_stream_has_its_own_results(server: DeepgramServer) -> None:
    left, right = stamp(0, 20), SILENCE * 800 + stamp(500, 19)
    mixed = bytes(code for pair in zip(left, right, strict=True) for code in pair)
    async with dial(server, channels="2", multichannel="true") as line:
        await line.send(mixed, chunk_bytes=333)
        messages = await line.finish()
    said = {tuple(message["channel_index"]): alternative(message)["transcript"] for message in finals(messages)}
    assert said == {(0, 2): words(0, 20), (1, 2): words(500, 19)}
    assert (messages[-1]["channels"], messages[-1]["duration"]) == (2, 2.0)


async def test_finalize_may_name_one_channel(server: DeepgramServer) -> None:
    async with dial(server, channels="2", multichannel="true") as line:
        await line.send(bytes(code for one in stamp(0, 5) for code in (one, 0xFF)))
        await line.say("Finalize", channel=1)
        assert (await line.next())["channel_index"] == [1, 2]
        assert [message["channel_index"] for message in results(await line.finish())] == [[1, 2], [0, 2]]


@settings(max_examples=10, deadline=None)
@given(st.integers(1, 3_000))
async def test_linear16_in_chunks_of_any_size_is_heard_like_mulaw(chunk_bytes: int) -> None:
    samples = MULAW_TO_LINEAR[list(stamp(0, 12))].tobytes()
    async with (
        DeepgramServer(recogniser=StampedRecogniser(), api_keys={KEY}) as server,
        dial(server, encoding="linear16") as line,
    ):
        await line.send(samples, chunk_bytes)
        assert text(await line.finish()) == words(0, 12)


async def test_audio_time_comes_from_bytes_at_any_sample_rate(server: DeepgramServer) -> None:
    async with dial(server, encoding="linear16", sample_rate="16000") as line:
        await line.send(bytes(2 * 16_000 * 3))
        messages = await line.finish()
    assert messages[-1]["duration"] == 3.0
    assert windows(messages)[-1][1] == pytest.approx(3.0, abs=0.001)


async def test_times_may_show_the_error_of_32_bit_floats() -> None:
    settings = Settings(float32_times=True)
    async with (
        DeepgramServer(recogniser=StampedRecogniser(), api_keys={KEY}, settings=settings) as server,
        dial(server) as line,
    ):
        await line.send(SILENCE * S + stamp(0, 2))
        (final, _) = await line.finish()
    start = alternative(final)["words"][1]["start"]
    assert start != 1.1
    assert start == pytest.approx(1.1, abs=1e-5)


async def test_without_punctuation_words_are_bare(server: DeepgramServer) -> None:
    async with dial(server, punctuate="false") as line:
        await line.send(stamp(0, 1))
        messages = await line.finish()
    assert "punctuated_word" not in alternative(messages[0])["words"][0]


async def test_lost_audio_shows_as_a_wrong_word(server: DeepgramServer) -> None:
    audio = stamp(0, 10)
    async with dial(server) as line:
        await line.send(audio[:4_160] + audio[4_320:])
        messages = await line.finish()
    assert text(messages) == f"{words(0, 5)} {DAMAGED} {words(6, 4)}"


async def test_the_wire_is_compact_json(server: DeepgramServer) -> None:
    async with dial(server) as line:
        await line.send(stamp(0, 1))
        await line.say("CloseStream")
        raw = await asyncio.wait_for(line.socket.recv(), 5)
    assert isinstance(raw, str)
    assert raw == json.dumps(json.loads(raw), separators=(",", ":"))
