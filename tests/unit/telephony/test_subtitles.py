"""Transcripts as subtitles."""

import re
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from telephony.coverage import Track
from telephony.subtitles import plain, srt, webvtt
from telephony.transcripts import Transcript, Utterance, Word
from tests import examples

WORDS = st.text(st.characters(categories=("L", "N", "P", "S")), min_size=1, max_size=12)
UTTERANCES = st.lists(
    st.builds(
        lambda words, start_ms: examples.utterance(" ".join(words), start_ms),
        st.lists(WORDS, min_size=1, max_size=5),
        st.integers(0, 400_000_000),
    ),
    max_size=5,
)


def _transcript(*said: Utterance) -> Transcript:
    return Transcript(examples.CALL_SID, said)


BOTH = _transcript(
    examples.utterance("Good morning.", 3_599_950),
    examples.utterance("Hello & <welcome>.", 3_700_001, track=Track.OUTBOUND),
)


def test_subrip_numbers_its_cues_and_names_who_speaks() -> None:
    assert srt(BOTH) == (
        "1\n00:59:59,950 --> 01:00:00,700\nCaller: Good morning.\n"
        "\n"
        "2\n01:01:40,001 --> 01:01:41,151\nAgent: Hello & <welcome>.\n"
    )


def test_webvtt_gives_each_speaker_a_voice_and_escapes_the_text() -> None:
    assert webvtt(BOTH) == (
        "WEBVTT\n"
        "\n"
        "00:59:59.950 --> 01:00:00.700\n<v Caller>Good morning.\n"
        "\n"
        "01:01:40.001 --> 01:01:41.151\n<v Agent>Hello &amp; &lt;welcome&gt;.\n"
    )


def test_plain_text_has_a_line_an_utterance() -> None:
    assert plain(BOTH) == "[00:59:59.950] Caller: Good morning.\n[01:01:40.001] Agent: Hello & <welcome>.\n"


def test_a_silent_call_has_no_cues() -> None:
    assert (srt(_transcript()), webvtt(_transcript()), plain(_transcript())) == ("", "WEBVTT\n", "")


def test_a_cue_never_ends_when_it_starts() -> None:
    instant = replace(examples.utterance("Oh"), words=(Word("Oh", 500, 500, 0.5),))

    assert "00:00:00,500 --> 00:00:00,501" in srt(_transcript(instant))


@given(UTTERANCES)
def test_there_are_as_many_cues_as_utterances_whatever_was_said(said: list[Utterance]) -> None:
    transcript = _transcript(*said)
    time = r"\d\d+:[0-5]\d:[0-5]\d"

    assert len(re.findall(rf"^\d+\n{time},\d{{3}} --> {time},\d{{3}}$", srt(transcript), re.MULTILINE)) == len(said)
    assert len(re.findall(rf"^{time}\.\d{{3}} --> {time}\.\d{{3}}$", webvtt(transcript), re.MULTILINE)) == len(said)
    assert webvtt(transcript).count("-->") == len(said), "what was said cannot look like a cue"
