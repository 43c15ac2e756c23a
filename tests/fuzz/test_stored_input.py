"""Invariant: whatever stands in a cursor, a secret, a recording, a transcription or a queue, one error comes of it."""

import base64
import contextlib
import json

from hypothesis import given
from hypothesis import strategies as st

from telephony import credentials
from telephony.aws import cursor, followups
from telephony.aws.table import ARCHIVE_PARTITION_KEY
from telephony.calls import parse_call_sid
from telephony.errors import ConfigurationError, WireError
from telephony.numbers import MailboxId
from telephony.wire import deepgram_batch, sound_file, wav
from tests import examples, sounds
from tests.fuzz.test_wire_messages import anything

MAILBOX = MailboxId("front-desk")
DEEP = "[" * 10_000
"""JSON that is deeper than Python can read."""

texts = st.text() | st.just(DEEP) | anything.map(json.dumps)


def _encoded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode(errors="replace")).decode().rstrip("=")


places = st.sampled_from([f"2026-03-02T12:00:00.000000Z#{examples.CALL_SID}", "MAILBOX#other", ""]) | st.text()
pages = st.tuples(st.sampled_from([MAILBOX, "other"]) | st.text(), places).map(json.dumps)


@given((texts | pages).map(_encoded) | st.text())
def test_a_cursor_leads_into_its_own_mailbox_or_nowhere(text: str) -> None:
    with contextlib.suppress(WireError):
        assert cursor.parse(text, MAILBOX)[ARCHIVE_PARTITION_KEY] == f"MAILBOX#{MAILBOX}"


names = st.sampled_from(["account_sid", "auth_token", "previous_auth_token", "api_key", "api_secret"])
secrets = st.dictionaries(names, st.text(max_size=5) | anything).map(json.dumps)


@given(secrets | texts)
def test_a_secret_is_read_whole_or_is_a_wrong_configuration(text: str) -> None:
    with contextlib.suppress(ConfigurationError):
        twilio = credentials.parse_twilio(text)
        assert all((twilio.account_sid, twilio.api_key, twilio.api_secret, *twilio.auth_tokens))
    with contextlib.suppress(ConfigurationError):
        assert credentials.parse_deepgram(text).api_key


whole = wav.Sound(bytes(range(256)) * 4).as_wav()


@given(st.binary(max_size=200) | st.tuples(st.integers(0, 60), st.binary(max_size=8)))
def test_a_recording_is_whole_samples_or_no_wav(change: bytes | tuple[int, bytes]) -> None:
    audio = (
        change if isinstance(change, bytes) else whole[: change[0]] + change[1] + whole[change[0] + len(change[1]) :]
    )
    with contextlib.suppress(WireError):
        sound = wav.parse(audio)
        assert len(sound.samples) % wav.SAMPLE_BYTES == 0
        assert len(sound.samples) <= len(audio)


heads = st.sampled_from(
    [
        whole,
        sounds.M4A,
        b"fLaC\0\0\0\x22" + bytes(10) + b"\x0a\xc4\x40\xf0\0\x01\0\0" + bytes(16),
        b"OggS\0\x02" + bytes(20) + b"\x01\x13OpusHead\x01\x01\x38\x01\x80\xbb\0\0\0\0\0OggS" + bytes(30),
        (b"\xff\xfb\x90\x64" + bytes(413)) * 3,
        b"ID3\x04\0\0\0\0\0\0",
    ]
)


@given(heads, st.integers(0, 200), st.binary(max_size=12), st.integers(0, 2_000))
def test_a_file_that_somebody_brings_has_a_length_or_is_no_sound(head: bytes, at: int, put: bytes, end: int) -> None:
    with contextlib.suppress(WireError):
        assert sound_file.read((head[:at] + put + head[at + len(put) :])[:end]).length_ms >= 0
    with contextlib.suppress(WireError):
        sound_file.read(head[:4] + put + head[at:])


words = st.fixed_dictionaries({}, optional=dict.fromkeys(("word", "start", "end", "confidence"), anything))
responses = st.builds(
    lambda duration, listed: {
        "metadata": {"duration": duration},
        "results": {"channels": [{"alternatives": [{"words": listed}]}]},
    },
    anything | st.floats(0, 10),
    st.lists(words | anything, max_size=3) | anything,
)


@given(responses | anything)
def test_a_transcription_has_words_in_order_or_is_none(response: object) -> None:
    with contextlib.suppress(WireError):
        heard, duration_ms = deepgram_batch.parse_response(response)
        assert duration_ms >= 0
        assert all(0 <= word.start_ms <= word.end_ms for word in heard)


@given(
    texts
    | st.builds(lambda sid: json.dumps({"call_sid": sid}), anything | st.just(examples.CALL_SID))
    | st.builds(lambda mailbox_id: json.dumps({"mailbox_id": mailbox_id}), anything)
)
def test_a_follow_up_names_a_call_or_a_mailbox_or_is_none(text: str) -> None:
    with contextlib.suppress(WireError):
        match followups.parse(text):
            case followups.Preparation(mailbox_id):
                assert mailbox_id
            case call_sid:
                assert parse_call_sid(call_sid) == call_sid
