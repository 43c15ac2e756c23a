"""Deepgram's own library against a server that speaks as Deepgram does, as far as its API goes."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from local.deepgram.faults import Faults
from local.deepgram.server import DeepgramServer
from local.deepgram.stamp import StampedRecogniser
from local.twilio import mulaw
from telephony.errors import TelephonyError, UpstreamError, WireError
from telephony.phrases import MAX_CHARACTERS, Phrase
from telephony.rest.deepgram_speech import DeepgramSpeech
from tests.contract.rest.server import Reply, Server
from tests.fakes.secrets import FixedSecrets

pytestmark = [
    pytest.mark.filterwarnings(r"ignore:websockets\.legacy is deprecated:DeprecationWarning"),
    pytest.mark.filterwarnings(r"ignore:websockets\.exceptions\.InvalidStatusCode is deprecated:DeprecationWarning"),
]

SECRETS = FixedSecrets()
VOICE = "aura-2-thalia-en"


@pytest.fixture
async def server() -> AsyncIterator[DeepgramServer]:
    """A server that speaks."""
    keys = {SECRETS.deepgram_credentials.api_key}
    async with DeepgramServer(recogniser=StampedRecogniser(), api_keys=keys) as running:
        yield running


async def _speak(origin: str, text: str = "Hello there", voice: str = VOICE) -> bytes:
    async with asyncio.timeout(20):
        return await asyncio.to_thread(DeepgramSpeech(SECRETS, origin).speak, Phrase(text, voice))


async def _failure(origin: str, text: str = "Hello", voice: str = VOICE) -> TelephonyError:
    with pytest.raises(TelephonyError) as caught:
        await _speak(origin, text, voice)
    return caught.value


async def test_a_phrase_comes_as_a_file_that_a_telephone_line_takes(server: DeepgramServer) -> None:
    sound = mulaw.from_wav(await _speak(server.base_url))
    assert len(sound) == 8 * (10 * 40 + 80)
    assert mulaw.is_voiced(sound)


async def test_a_voice_that_is_none_is_refused_for_good(server: DeepgramServer) -> None:
    assert isinstance(await _failure(server.base_url, voice="aura-nobody"), WireError)


async def test_a_text_that_is_too_long_is_not_asked_for() -> None:
    assert isinstance(await _failure("http://127.0.0.1:9", "x" * (MAX_CHARACTERS + 1)), WireError)


@pytest.mark.parametrize(("status", "is_passing"), [(401, False), (402, False), (429, True), (503, True)])
async def test_a_refusal_says_whether_trying_again_can_help(
    server: DeepgramServer, status: int, *, is_passing: bool
) -> None:
    server.faults = Faults(refuse_posts=1, refuse_status=status)
    failure = await _failure(server.base_url)
    assert isinstance(failure, UpstreamError)
    assert failure.retryable is is_passing
    assert await _speak(server.base_url)  # one request each: nothing was tried again


async def test_a_server_out_of_reach_can_be_tried_again() -> None:
    failure = await _failure("http://127.0.0.1:9")
    assert isinstance(failure, UpstreamError)
    assert (failure.code, failure.retryable) == ("ConnectError", True)


async def test_sound_without_an_end_is_given_up(server: DeepgramServer) -> None:
    speech = DeepgramSpeech(SECRETS, server.base_url, max_bytes=1_000)
    with pytest.raises(WireError):
        await asyncio.to_thread(speech.speak, Phrase("Hello", VOICE))


async def test_an_answer_without_sound_is_no_phrase(twilio: Server) -> None:
    await _failure(twilio.origin)  # not found: it shows what is asked for
    twilio.replies[twilio.asked[0].path] = [Reply(200, b"", {"Content-Type": "audio/mulaw"})]
    assert isinstance(await _failure(twilio.origin), WireError)
