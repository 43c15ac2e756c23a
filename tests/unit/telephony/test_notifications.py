"""What people read: it fits, its link is whole, and it says how good it is."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.calls import Call
from telephony.coverage import Coverage, Interval, Track
from telephony.notifications import SUBJECT_CHARACTERS, email_text, sms_text
from telephony.quality import clock
from telephony.recordings import Recording, RecordingStatus
from telephony.repairs import OffsetSource, Repair, RepairState
from telephony.sms_length import MAX_SEGMENTS, segments
from telephony.streams import MediaStream, StreamEnd, StreamState
from telephony.transcripts import Transcript, Utterance
from telephony.voicemail import CallFacts, Voicemail, describe
from tests import examples

LINK = "https://d111111abcdef8.cloudfront.net/api/listen/Jx3dZ0Y9b7qWvT5rK2mN8g"
HEAD = "Voicemail from +15005550001, 2 Mar 12:00 UTC, 0:12."
STORED = replace(examples.RECORDING, stored_key="recordings/a.wav")


def _voicemail(
    *said: Utterance,
    stream: MediaStream | None = None,
    recording: Recording | None = STORED,
    call: Call = examples.ENDED_CALL,
    timezone: str = "UTC",
) -> Voicemail:
    transcript = Transcript.assemble(examples.CALL_SID, [stream or examples.ended_stream()], said)
    mailbox = replace(examples.MAILBOX, timezone=timezone)
    return describe(call, mailbox, CallFacts(call, mailbox, transcript, (recording,) if recording else ()))


def _sms(text: str) -> str:
    return sms_text(_voicemail(examples.utterance(text)), LINK)


def test_a_short_message_is_told_whole() -> None:
    assert _sms("Hi, it's Ada. Call me back?") == f'{HEAD}\n"Hi, it\'s Ada. Call me back?"\nListen:\n{LINK}'


def test_a_long_message_is_cut_at_a_word_and_filled_to_the_last_segment() -> None:
    words = "The quick brown fox jumps over the lazy dog. " * 40

    text = _sms(words)

    said = text.split('"')[1]
    assert said.endswith("...")
    assert words.startswith(said.removesuffix("...") + " ")
    assert text.endswith(f'"\nListen:\n{LINK}')
    assert segments(text) == MAX_SEGMENTS
    assert len(text) > (MAX_SEGMENTS - 1) * 153


def test_one_emoji_halves_what_fits() -> None:
    text = _sms("Happy birthday 🎂 to you. " * 40)

    assert segments(text) <= MAX_SEGMENTS
    assert 3 * 67 < len(text) < 4 * 67


def test_curly_quotes_and_dashes_are_written_plainly_so_that_more_fits() -> None:
    assert '"It\'s "fine" - really"' in _sms("It\u2019s \u201cfine\u201d \u2013 really")


def test_a_word_longer_than_an_sms_is_left_to_the_link() -> None:
    assert _sms("a" * 2_000) == f"{HEAD}\nListen:\n{LINK}"


@given(
    st.lists(
        st.text(st.characters(exclude_categories=("Cs", "Z", "C")), min_size=1, max_size=60), min_size=1, max_size=200
    ),
    st.text(max_size=200),
    st.sampled_from(["UTC", "Asia/Kathmandu", "America/Argentina/ComodRivadavia"]),
    st.booleans(),
)
def test_an_sms_is_never_longer_than_it_may_be_and_its_link_always_whole(
    words: list[str],
    caller: str,
    timezone: str,
    is_cut_short: bool,
) -> None:
    stream = examples.ended_stream(end=StreamEnd.LOST if is_cut_short else StreamEnd.STOPPED)
    call = replace(examples.ENDED_CALL, caller="sip:" + caller)

    text = sms_text(_voicemail(examples.utterance(" ".join(words)), stream=stream, call=call, timezone=timezone), LINK)

    assert segments(text) <= MAX_SEGMENTS
    assert text.endswith(f"\nListen:\n{LINK}")


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("ä" * 160, 1),
        ("ą" * 70, 1),
        ("ą" * 71, 2),
        ("🎂" * 35, 1),
        ("🎂" * 36, 2),
        ("ą" * 135, 3),
    ],
)
def test_segments_are_counted_as_they_are_billed(text: str, count: int) -> None:
    assert segments(text) == count


def _stream(*holes: Interval, missing: tuple[Interval, ...] = (), **changes: object) -> MediaStream:
    stream = examples.ended_stream(replace(examples.coverage(holes=holes), missing=missing))
    return replace(stream, **changes)  # type: ignore[arg-type] # a test names fields that there are


@pytest.mark.parametrize(
    ("stream", "said"),
    [
        (_stream(), ""),
        (_stream(Interval(3_100, 3_400)), "The text is incomplete: nothing is known of 0:03-0:04 of the call."),
        (
            _stream(Interval(3_000, 4_000), missing=(Interval(3_500, 5_200), Interval(9_000, 9_020))),
            "The text is incomplete: nothing is known of 0:03-0:06 of the call.",
        ),
        (
            _stream(*(Interval(at, at + 500) for at in range(1_000, 9_000, 2_000))),
            "The text is incomplete: nothing is known of 0:01-0:02, 0:03-0:04, 0:05-0:06 of the call and elsewhere.",
        ),
        (_stream(end=StreamEnd.LOST), "The end of the text may be missing."),
        (_stream(state=StreamState.OPEN, end=None, ended_at=None), "The end of the text may be missing."),
        (
            _stream(Interval(3_000, 4_000), end=StreamEnd.LOST),
            "The text is incomplete: nothing is known of 0:03-0:04 of the call, and its end may be missing.",
        ),
        (
            _stream(missing=tuple(Interval(at, at + 20) for at in range(0, 900, 300))),
            "A few words may be missing from the text.",
        ),
    ],
)
def test_what_is_not_known_is_told(stream: MediaStream, said: str) -> None:
    voicemail = _voicemail(examples.utterance("Hello."), stream=stream)

    quality = f"{said}\n" if said else ""
    assert sms_text(voicemail, LINK) == f'{HEAD}\n"Hello."\n{quality}Listen:\n{LINK}'
    assert (said in email_text(voicemail, LINK).body) or not said


def test_a_message_without_words_is_told_as_such() -> None:
    assert sms_text(_voicemail(), LINK) == f"{HEAD}\nNo words could be made out.\nListen:\n{LINK}"


def test_a_message_that_nobody_could_read_is_told_as_such() -> None:
    unheard = examples.ended_stream(Coverage(Track.INBOUND, 12_000))

    assert sms_text(_voicemail(stream=unheard), LINK) == (
        f"{HEAD}\nThis message could not be put in writing.\nListen:\n{LINK}"
    )


@pytest.mark.parametrize("recording", [None, replace(STORED, status=RecordingStatus.ABSENT)])
def test_sound_without_text_and_without_a_recording_is_neither_called_missed_nor_promised(
    recording: Recording | None,
) -> None:
    unheard = _voicemail(stream=_stream(Interval(3_000, 4_000)), recording=recording)

    assert sms_text(unheard, LINK) == (
        "Call from +15005550001, 2 Mar 12:00 UTC.\n"
        "A message may have been left: it could not be put in writing, and no recording of it has come."
    )
    assert LINK not in email_text(unheard, LINK).body


def _repaired(stream: MediaStream, *windows: Interval, offset_ms: int = 2_000) -> Voicemail:
    repair = Repair(
        examples.RECORDING_SID,
        examples.CALL_SID,
        RepairState.DONE,
        attempts=1,
        stream_sid=stream.sid,
        offset_ms=offset_ms,
        offset_found_by=OffsetSource.WORDS,
        recording_ms=9_000,
        windows=windows,
    )
    transcript = Transcript.assemble(examples.CALL_SID, [stream], [examples.utterance("Hello.")], [repair])
    facts = CallFacts(examples.ENDED_CALL, examples.MAILBOX, transcript, (STORED,))
    return describe(examples.ENDED_CALL, examples.MAILBOX, facts)


@pytest.mark.parametrize(
    ("voicemail", "said"),
    [
        (_repaired(_stream(Interval(3_000, 4_000)), Interval(3_000, 4_000)), ""),
        (_repaired(_stream(Interval(9_000, 12_000), end=StreamEnd.LOST), Interval(9_000, 12_000)), ""),
        (
            _repaired(_stream(Interval(5_100, 5_400))),
            "The text is incomplete: nothing is known of 0:03-0:04 of the recording.",
        ),
        (
            _repaired(_stream(Interval(1_000, 2_500), Interval(10_500, 11_500))),
            "The text is incomplete: nothing is known of 0:00-0:01, 0:08-0:09 of the recording.",
        ),
        (
            _repaired(_stream(Interval(500, 2_000))),
            "All of the recording is in writing, but nothing is known of what was said before or after it.",
        ),
    ],
)
def test_what_is_not_known_of_a_recording_is_told_in_its_own_time(voicemail: Voicemail, said: str) -> None:
    quality = f"{said}\n" if said else ""
    assert sms_text(voicemail, LINK) == f'{HEAD}\n"Hello."\n{quality}Listen:\n{LINK}'


def test_a_missed_call_has_nothing_to_listen_to() -> None:
    missed = _voicemail(recording=None)

    told = "Missed call from +15005550001, 2 Mar 12:00 UTC. No message was left."
    assert sms_text(missed, LINK) == told
    assert email_text(missed, LINK).subject == told.rstrip(".")
    assert email_text(missed, LINK).body == f"{told}\n\nMailbox: Front desk\n"


def test_the_link_is_given_before_the_recording_has_come() -> None:
    assert sms_text(_voicemail(examples.utterance("Hello."), recording=None), LINK).endswith(f"Listen:\n{LINK}")


def test_a_withheld_caller_is_called_so() -> None:
    withheld = replace(examples.ENDED_CALL, caller="anonymous")

    assert sms_text(_voicemail(call=withheld), LINK).startswith("Voicemail from a withheld number, 2 Mar")


@pytest.mark.parametrize(
    ("timezone", "when"),
    [
        ("Europe/Berlin", "2 Mar 13:00 CET"),
        ("America/New_York", "2 Mar 07:00 EST"),
        ("Pacific/Auckland", "3 Mar 01:00 NZDT"),
        ("Nowhere/Land", "2 Mar 12:00 UTC"),
        ("", "2 Mar 12:00 UTC"),
        ("../UTC", "2 Mar 12:00 UTC"),
        ("Europe", "2 Mar 12:00 UTC"),
    ],
)
def test_the_time_is_the_mailboxs_own_or_utc(timezone: str, when: str) -> None:
    assert f", {when}, " in sms_text(_voicemail(timezone=timezone), LINK)


def test_an_email_has_every_word() -> None:
    words = "The quick brown fox jumps over the lazy dog. " * 40

    email = email_text(_voicemail(examples.utterance(words)), LINK)

    assert email.subject == HEAD.rstrip(".")
    assert email.body == f"{HEAD}\n\n{words.strip()}\n\nListen:\n{LINK}\n\nMailbox: Front desk\n"


@given(st.text(max_size=300))
def test_a_subject_is_what_sns_takes_whoever_called(caller: str) -> None:
    subject = email_text(_voicemail(call=replace(examples.ENDED_CALL, caller="sip:" + caller)), LINK).subject

    assert 0 < len(subject) <= SUBJECT_CHARACTERS
    assert subject.isascii()
    assert subject.isprintable()


@pytest.mark.parametrize(("ms", "text"), [(0, "0:00"), (7_499, "0:07"), (59_999, "1:00"), (750_000, "12:30")])
def test_a_length_is_written_as_people_do(ms: int, text: str) -> None:
    assert clock(ms) == text
