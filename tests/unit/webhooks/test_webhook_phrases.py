"""Twilio fetches what callers are told by an address that only we can make."""

from dataclasses import replace
from datetime import timedelta
from typing import NoReturn

import pytest

from functions.webhooks.phrases import KEPT
from telephony.errors import UpstreamError
from telephony.numbers import Number
from telephony.phrases import Phrase
from telephony.wire import mulaw_wav, phrase_address
from tests.fakes.audio import MemoryAudio
from tests.fakes.secrets import AUTH_TOKEN
from tests.unit.webhooks.calling import MAILBOX, NUMBER, ORIGIN, Reply, Twilio, World

VOICE = "aura-2-thalia-en"
PHRASE = Phrase(MAILBOX.greeting, VOICE)
SOUND = mulaw_wav.wrap(b"\xa0\x20" * 400)


class _Broken(MemoryAudio):
    retryable = True

    def get(self, key: str) -> NoReturn:
        raise UpstreamError("s3", "SlowDown", retryable=self.retryable)

    def url(
        self, key: str, lifetime: timedelta, file_name: str | None = None, *, content_type: str = "audio/wav"
    ) -> NoReturn:
        raise AssertionError


def _get(twilio: Twilio, target: str, **headers: str) -> Reply:
    return twilio.send(target, "", headers, method="GET")


def _address(token: str = AUTH_TOKEN) -> str:
    return f"/twilio/phrases/{phrase_address.write(PHRASE.digest, token)}"


def test_a_call_plays_the_greeting_and_its_address_gives_the_sound(world: World) -> None:
    world.table.directory.put(replace(MAILBOX, voice=VOICE), [Number(NUMBER, MAILBOX.id)])
    world.audio.put(PHRASE.key, SOUND, "audio/wav")
    world.table.directory.spoken(MAILBOX.id, {PHRASE.digest})
    twilio = world.start()

    answer = twilio.post("/twilio/voice", "incoming-call")

    assert answer.verbs == ["Start", "Play", "Record"]
    address = answer.xml.findtext("Play") or ""
    assert address.startswith(f"{ORIGIN}/twilio/phrases/")
    reply = _get(twilio, address.removeprefix(ORIGIN))
    assert (reply.status, reply.content) == (200, SOUND)
    assert reply.headers["content-type"] == "audio/wav"
    assert reply.headers["cache-control"] == KEPT


def test_the_address_stays_the_same_from_call_to_call(world: World) -> None:
    world.table.directory.put(replace(MAILBOX, voice=VOICE), [Number(NUMBER, MAILBOX.id)])
    world.table.directory.spoken(MAILBOX.id, {PHRASE.digest})
    twilio = world.start()
    answers = [twilio.post("/twilio/voice", "incoming-call", CallSid=f"CA{number:032x}") for number in (1, 2)]
    first, second = [answer.xml.findtext("Play") for answer in answers]
    assert first == second


def test_no_table_is_read_for_the_sound(world: World) -> None:
    world.audio.put(PHRASE.key, SOUND, "audio/wav")
    twilio = world.start()
    world.table.is_down = True
    assert _get(twilio, _address()).status == 200


def test_sound_that_is_there_already_is_not_sent_again(world: World) -> None:
    twilio = world.start()
    reply = _get(twilio, _address(), **{"if-none-match": f'"{PHRASE.digest}"'})
    assert (reply.status, reply.content) == (304, b"")


@pytest.mark.parametrize(
    "target",
    [
        _address("another token"),
        f"/twilio/phrases/{PHRASE.digest}.wav",
        f"/twilio/phrases/{PHRASE.digest}.{'0' * 32}.wav",
        "/twilio/phrases/..%2Frecordings%2Fx.wav",
    ],
)
def test_a_name_that_we_did_not_sign_is_not_found(world: World, target: str) -> None:
    world.audio.put(PHRASE.key, SOUND, "audio/wav")
    assert _get(world.start(), target).status == 404


def test_a_name_signed_with_the_token_before_stays_good(world: World) -> None:
    world.audio.put(PHRASE.key, SOUND, "audio/wav")
    twilio = world.start()
    world.secrets.next_twilio = replace(world.secrets.twilio_credentials, auth_tokens=("new", AUTH_TOKEN))
    assert _get(twilio, _address("new")).status == 200
    assert _get(twilio, _address()).status == 200


def _playing(world: World) -> Twilio:
    """Let there be a mailbox that thinks it can be played; the store has nothing."""
    world.table.directory.put(replace(MAILBOX, voice=VOICE), [Number(NUMBER, MAILBOX.id)])
    world.table.directory.spoken(MAILBOX.id, {PHRASE.digest})
    return world.start()


def test_a_phrase_that_is_lost_is_said_by_twilio_to_the_next_caller_and_is_to_be_spoken_anew(world: World) -> None:
    twilio = _playing(world)
    address = twilio.post("/twilio/voice", "incoming-call").xml.findtext("Play") or ""
    assert _get(twilio, address.removeprefix(ORIGIN)).status == 404
    assert twilio.post("/twilio/voice", "incoming-call", CallSid=f"CA{2:032x}").verbs == ["Start", "Say", "Record"]
    assert world.table.directory.mailbox(MAILBOX.id).unspoken == (PHRASE,)


@pytest.mark.parametrize("target", [_address(), f"{_address()}?mailbox=nobody", f"{_address()}?mailbox=a%23b"])
def test_a_phrase_that_is_not_kept_for_anybody_is_not_found(world: World, target: str) -> None:
    assert _get(world.start(), target).status == 404


def test_a_lost_phrase_that_cannot_be_written_down_is_still_not_found(world: World) -> None:
    twilio = _playing(world)
    world.table.is_down = True
    assert _get(twilio, f"{_address()}?mailbox={MAILBOX.id}").status == 404


def test_nobody_loses_a_phrase_by_an_address_that_we_did_not_sign(world: World) -> None:
    twilio = _playing(world)
    assert _get(twilio, f"{_address('another token')}?mailbox={MAILBOX.id}").status == 404
    assert world.table.directory.mailbox(MAILBOX.id).unspoken == ()


def test_without_the_token_no_phrase_is_given_and_none_lost(world: World) -> None:
    twilio = _playing(world)
    world.secrets.trouble = UpstreamError("secretsmanager", "ThrottlingException", retryable=True)
    assert _get(twilio, f"{_address()}?mailbox={MAILBOX.id}").status == 503
    assert world.table.directory.mailbox(MAILBOX.id).unspoken == ()


@pytest.mark.parametrize(("retryable", "status"), [(True, 503), (False, 404)])
def test_a_store_that_fails_is_told_apart_from_one_that_refuses(world: World, *, retryable: bool, status: int) -> None:
    audio = _Broken()
    audio.retryable = retryable
    _playing(world)
    twilio = world.start(open_audio=lambda: audio)
    assert _get(twilio, f"{_address()}?mailbox={MAILBOX.id}").status == status
    assert world.table.directory.mailbox(MAILBOX.id).unspoken == (PHRASE,)
