"""An owner's own words: what they may hold, and what they cannot lose."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.coverage import Interval
from telephony.notifications import email_text, sms_text
from telephony.sms_length import MAX_SEGMENTS, segments
from telephony.telling import Telling
from telephony.templates import MAX_SMS_CHARACTERS, PLACEHOLDERS, check, fill
from telephony.transcripts import Transcript
from telephony.voicemail import CallFacts, Voicemail, describe
from tests import examples

LINK = "https://calls.example/api/listen/token"
ALL = " ".join(f"${name}" for name in PLACEHOLDERS)
INCOMPLETE = "The text is incomplete: nothing is known of 0:03-0:04 of the call."


def _voicemail(telling: Telling, said: str = "Please call back.", *, is_whole: bool = True) -> Voicemail:
    covered = examples.coverage(holes=() if is_whole else (Interval(3_000, 4_000),))
    transcript = Transcript.assemble(
        examples.CALL_SID, [examples.ended_stream(covered)], [examples.utterance(said)] if said else []
    )
    mailbox = replace(examples.MAILBOX, telling=telling)
    facts = CallFacts(examples.ENDED_CALL, mailbox, transcript, (examples.RECORDING,) if said else ())
    return describe(examples.ENDED_CALL, mailbox, facts)


def _sms(template: str, said: str = "Please call back.", *, is_whole: bool = True) -> str:
    return sms_text(_voicemail(Telling(sms_template=template), said, is_whole=is_whole), LINK)


@pytest.mark.parametrize("template", ["", "New voicemail!", ALL, "$$5 from ${caller}", "$caller$caller"])
def test_a_template_of_known_placeholders_is_taken(template: str) -> None:
    check(template)


@pytest.mark.parametrize(
    ("template", "trouble"),
    [
        ("Hello $name", r"\$name is no placeholder; these are: \$caller, \$time,"),
        ("${caller.sid}", "write \\$\\$ for a dollar"),
        ("costs $5", "write \\$\\$ for a dollar"),
        ("$", "write \\$\\$ for a dollar"),
        ("${caller", "write \\$\\$ for a dollar"),
        ("$Caller", r"\$Caller is no placeholder"),
    ],
)
def test_any_other_placeholder_is_refused_by_name(template: str, trouble: str) -> None:
    with pytest.raises(ValueError, match=trouble):
        check(template)


def test_a_template_is_filled_with_what_is_known_of_the_call() -> None:
    text = _sms("$mailbox: $caller at $time ($length)\n$words\n$quality\n$link")

    assert text == f"Front desk: +15005550001 at 2 Mar 12:00 UTC (0:12)\nPlease call back.\n{LINK}"


def test_the_link_and_the_truth_about_the_text_cannot_be_left_out() -> None:
    assert _sms("Call $caller: $words", is_whole=False) == f"Call +15005550001: Please call back.\n{INCOMPLETE}\n{LINK}"


def test_an_escaped_placeholder_is_none() -> None:
    assert _sms("$$link") == f"$link\n{LINK}"


def test_what_a_caller_says_fills_no_placeholder() -> None:
    assert _sms("$words", "say $caller or $$ please") == f"say $caller or $$ please\n{LINK}"


def test_the_words_in_a_template_are_cut_to_what_an_sms_may_hold() -> None:
    text = _sms("Said: $words", "The quick brown fox. " * 60)

    assert segments(text) == MAX_SEGMENTS
    assert text.endswith(f"...\n{LINK}")


def test_a_template_with_no_room_for_the_link_gives_way_to_our_own_words() -> None:
    text = _sms("ű" * MAX_SMS_CHARACTERS)

    assert text == f'Voicemail from +15005550001, 2 Mar 12:00 UTC, 0:12.\n"Please call back."\nListen:\n{LINK}'


def test_a_missed_call_is_told_in_our_own_words() -> None:
    told = "Missed call from +15005550001, 2 Mar 12:00 UTC. No message was left."
    voicemail = _voicemail(Telling(sms_template="$words", email_template="$words"), "")

    assert sms_text(voicemail, LINK) == told
    assert email_text(voicemail, LINK).body == f"{told}\n\nMailbox: Front desk\n"


def test_an_email_is_filled_likewise_with_all_words() -> None:
    words = "word " * 2_000

    email = email_text(_voicemail(Telling(email_template="Dear all,\n\n$words\n\nYours"), words, is_whole=False), LINK)

    assert email.body == f"Dear all,\n\n{words.strip()}\n\nYours\n\n{INCOMPLETE}\n\n{LINK}\n"
    assert email.subject == "Voicemail from +15005550001, 2 Mar 12:00 UTC, 0:12"


@given(
    st.lists(st.sampled_from([*(f"${name}" for name in PLACEHOLDERS), "$$", " ", "\n", "é", "ű", "x" * 50])),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=400).filter(str.strip),
)
def test_whatever_the_template_an_sms_fits_and_has_its_link(parts: list[str], said: str) -> None:
    template = "".join(parts)[:MAX_SMS_CHARACTERS].rstrip("$")

    text = _sms(template, said)

    assert segments(text) <= MAX_SEGMENTS
    assert LINK in text


def test_what_is_blank_leaves_no_empty_line() -> None:
    assert fill("a\n$words\n\nb", {"words": "", "quality": "", "link": "l"}, gap="\n\n") == "a\n\nb\n\nl"
