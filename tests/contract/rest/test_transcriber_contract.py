"""What every BatchTranscriber promises, and Deepgram's own library against a server that answers as Deepgram does."""

import asyncio
import io
from collections.abc import AsyncIterator
from datetime import timedelta

import numpy as np
import pytest
import soundfile

from local.deepgram.audio import MULAW_TO_LINEAR
from local.deepgram.faults import Faults
from local.deepgram.server import DeepgramServer
from local.deepgram.stamp import StampedRecogniser, stamp
from local.twilio import mulaw
from telephony.coverage import Interval
from telephony.credentials import DeepgramCredentials
from telephony.errors import TelephonyError, UpstreamError, WireError
from telephony.mailboxes import Listening
from telephony.ports.services import BatchTranscriber, Transcription
from telephony.recordings import RecordedWord
from telephony.repairs import LAST_REQUEST
from telephony.rest.deepgram_batch import CONNECT_S, TIMEOUT_S, DeepgramBatch
from telephony.wire import wav
from tests import sounds
from tests.fakes.repairs import ScriptedTranscriber
from tests.fakes.secrets import FixedSecrets

# Deepgram's library is written for an interface that websockets has deprecated, and imports it for recordings too.
pytestmark = [
    pytest.mark.filterwarnings(r"ignore:websockets\.legacy is deprecated:DeprecationWarning"),
    pytest.mark.filterwarnings(r"ignore:websockets\.exceptions\.InvalidStatusCode is deprecated:DeprecationWarning"),
]

SECRETS = FixedSecrets()
KEY = SECRETS.deepgram_credentials.api_key
LISTENING = Listening(key_terms=("Acme Corp", "widget"))


@pytest.fixture
async def server() -> AsyncIterator[DeepgramServer]:
    """A server that reads stamped audio."""
    async with DeepgramServer(recogniser=StampedRecogniser(), api_keys={KEY}) as running:
        yield running


async def _transcribe(origin: str, audio: bytes, secrets: FixedSecrets = SECRETS) -> Transcription:
    async with asyncio.timeout(20):
        return await asyncio.to_thread(DeepgramBatch(secrets, origin).transcribe, audio, LISTENING)


async def _failure(origin: str, audio: bytes, secrets: FixedSecrets = SECRETS) -> TelephonyError:
    with pytest.raises(TelephonyError) as caught:
        await _transcribe(origin, audio, secrets)
    return caught.value


def _recording(count: int = 30) -> bytes:
    return mulaw.wav(stamp(0, count))


def _stamped(audio: bytes) -> tuple[RecordedWord, ...]:
    """Return what is stamped into a WAV, as the recogniser reads it."""
    pcm = np.frombuffer(wav.parse(audio).samples, dtype="<i2")
    heard = StampedRecogniser().transcribe(pcm, complete=True)
    return tuple(RecordedWord(each.bare, each.start // 8, each.end // 8, each.confidence) for each in heard.words)


@pytest.fixture(params=["script", "deepgram"])
def transcriber(request: pytest.FixtureRequest, server: DeepgramServer) -> BatchTranscriber:
    return ScriptedTranscriber(_stamped) if request.param == "script" else DeepgramBatch(SECRETS, server.base_url)


async def _heard(transcriber: BatchTranscriber, audio: bytes) -> Transcription:
    async with asyncio.timeout(20):
        return await asyncio.to_thread(transcriber.transcribe, audio, LISTENING)


async def test_every_word_of_a_recording_comes_with_its_time(transcriber: BatchTranscriber) -> None:
    heard = await _heard(transcriber, _recording())

    assert heard.duration_ms == 3_000
    assert [(word.text, word.start_ms, word.end_ms) for word in heard.words] == [
        (f"w{number:05}", 100 * number, 100 * number + 100) for number in range(30)
    ]


async def test_a_part_of_a_recording_comes_in_the_parts_own_time(transcriber: BatchTranscriber) -> None:
    part = wav.parse(_recording()).cut(Interval(1_000, 1_500))

    heard = await _heard(transcriber, part.as_wav())

    assert [(word.text, word.start_ms) for word in heard.words] == [
        (f"w{number:05}", 100 * (number - 10)) for number in range(10, 15)
    ]


@pytest.mark.parametrize("kind", ["WAV", "FLAC"])
async def test_of_several_channels_the_first_is_heard_in_a_file_as_it_is(server: DeepgramServer, kind: str) -> None:
    mono = (MULAW_TO_LINEAR[np.frombuffer(stamp(first, 20), np.uint8)] for first in (0, 500))
    file = io.BytesIO()
    soundfile.write(file, np.stack([*mono], axis=1), 8_000, format=kind, subtype="PCM_16")

    heard = await _transcribe(server.base_url, file.getvalue())

    assert heard.duration_ms == 2_000
    assert [word.text for word in heard.words] == [f"w{number:05}" for number in range(20)]


async def test_what_only_deepgram_itself_decodes_is_refused_by_its_name(server: DeepgramServer) -> None:
    failure = await _failure(server.base_url, sounds.M4A)

    assert isinstance(failure, UpstreamError)
    assert (failure.code, failure.retryable) == ("NOT_DECODED_LOCALLY", False)


async def test_silence_has_no_words(transcriber: BatchTranscriber) -> None:
    assert await _heard(transcriber, wav.Sound(bytes(16_000)).as_wav()) == Transcription((), 1_000)


async def test_sound_that_is_none_is_refused_for_good(transcriber: BatchTranscriber) -> None:
    with pytest.raises(WireError):
        await _heard(transcriber, b"RIFF but no sound")


@pytest.mark.parametrize(("status", "is_passing"), [(401, False), (402, False), (429, True), (500, True), (503, True)])
async def test_a_refusal_says_whether_trying_again_can_help(
    server: DeepgramServer, status: int, *, is_passing: bool
) -> None:
    server.faults = Faults(refuse_posts=1, refuse_status=status)

    failure = await _failure(server.base_url, _recording())

    assert isinstance(failure, UpstreamError)
    assert (failure.service, failure.retryable) == ("deepgram", is_passing)
    assert (await _transcribe(server.base_url, _recording())).words, "one request each: nothing was tried again"


async def test_a_wrong_key_is_refused_for_good(server: DeepgramServer) -> None:
    failure = await _failure(server.base_url, _recording(), FixedSecrets(deepgram_credentials=DeepgramCredentials("x")))

    assert isinstance(failure, UpstreamError)
    assert (failure.code, failure.retryable) == ("INVALID_AUTH", False)


async def test_a_server_out_of_reach_can_be_tried_again() -> None:
    failure = await _failure("http://127.0.0.1:9", _recording())

    assert isinstance(failure, UpstreamError)
    assert (failure.code, failure.retryable) == ("ConnectError", True)


def test_a_repairs_last_request_fits_into_the_time_that_it_leaves_for_it() -> None:
    assert timedelta(seconds=TIMEOUT_S + 3 * CONNECT_S) < LAST_REQUEST
