"""What people read when they are told of a voicemail: the text of an SMS and of an e-mail."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import assert_never
from zoneinfo import ZoneInfo

from telephony.calls import VoicemailKind
from telephony.coverage import Interval
from telephony.numbers import caller_to_show
from telephony.transcripts import Transcript
from telephony.voicemail import Voicemail

MAX_SEGMENTS = 4
"""Twilio takes 1,600 characters but bills each segment; four hold a minute of speech. The link has the rest."""

SUBJECT_CHARACTERS = 99
"""SNS takes fewer than 100 characters of printable ASCII. Source: SNS Publish API."""

# Characters of the GSM 7-bit alphabet (3GPP TS 23.038); one character outside it halves what a segment holds.
_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_TWICE = frozenset("^{}\\[~]|€")  # each takes the room of two
_SINGLE_GSM, _SINGLE_UCS2 = 160, 70
_SEGMENT_GSM, _SEGMENT_UCS2 = 153, 67  # of a text in several segments
_MOST_WORDS = MAX_SEGMENTS * _SEGMENT_GSM // 2  # a word takes a character and the space before it
_HOLES_NAMED = 3
_TYPOGRAPHIC = "\u2019\u2018\u201c\u201d\u2013\u2014\u00a0"  # quotes, dashes, hard space
_PLAIN = str.maketrans(_TYPOGRAPHIC, "''\"\"-- ")


@dataclass(frozen=True, slots=True)
class Email:
    """An e-mail's subject and plain-text body."""

    subject: str
    body: str


def sms_text(voicemail: Voicemail, link: str) -> str:
    """Tell of *voicemail* in at most MAX_SEGMENTS segments, the words cut at a word; *link* is always whole."""
    head = _headline(voicemail)
    quality = _quality(voicemail)
    tail = "\n".join(part for part in (quality, _invitation(voicemail, link)) if part)
    if voicemail.kind is not VoicemailKind.MESSAGE:
        return _plain("\n".join(part for part in (head, tail) if part))
    words = _plain(voicemail.transcript.text).split()
    fits = (text for text in _ever_shorter(head, words, tail) if segments(text) <= MAX_SEGMENTS)
    return next(fits, _plain(f"{head}\n{tail}"))


def sms_marker(voicemail: Voicemail, token: str) -> str:
    """Return what stands in the SMS about *voicemail* and in no other; *token* is its link's.

    Without a link it is who called and when: of two calls in one minute that left no message, one SMS tells all.
    """
    return _plain(_headline(voicemail)) if voicemail.kind is VoicemailKind.MISSED else token


def email_text(voicemail: Voicemail, link: str) -> Email:
    """Tell of *voicemail* with all its words."""
    head = _headline(voicemail)
    invitation = _invitation(voicemail, link)
    parts = [head, voicemail.transcript.text, _quality(voicemail), invitation, f"Mailbox: {voicemail.mailbox.name}"]
    subject = head.rstrip(".").encode("ascii", "replace").decode()[:SUBJECT_CHARACTERS]
    return Email(subject, "\n\n".join(part for part in parts if part) + "\n")


def segments(text: str) -> int:
    """Count the SMS segments *text* is billed as. Source: 3GPP TS 23.038, Twilio's pricing page."""
    if all(character in _GSM or character in _GSM_TWICE for character in text):
        septets = len(text) + sum(character in _GSM_TWICE for character in text)
        return 1 if septets <= _SINGLE_GSM else -(-septets // _SEGMENT_GSM)
    units = len(text.encode("utf-16-be")) // 2
    return 1 if units <= _SINGLE_UCS2 else -(-units // _SEGMENT_UCS2)


def clock(ms: int) -> str:
    """Write a length or a place in the sound as people do: "0:07", "12:30"."""
    minutes, seconds = divmod(round(ms / 1000), 60)
    return f"{minutes}:{seconds:02}"


def _ever_shorter(head: str, words: list[str], tail: str) -> Iterator[str]:
    for count in range(min(len(words), _MOST_WORDS), 0, -1):
        said = " ".join(words[:count]) + ("" if count == len(words) else "...")
        yield _plain(f'{head}\n"{said}"\n{tail}'.rstrip("\n"))


def _headline(voicemail: Voicemail) -> str:
    caller = caller_to_show(voicemail.call.caller)
    at = _local(voicemail.call.started_at, voicemail.mailbox.timezone)
    when = f"{at.day} {at:%b %H:%M %Z}"
    if voicemail.kind is VoicemailKind.MISSED:
        return f"Missed call from {caller}, {when}. No message was left."
    if voicemail.kind is VoicemailKind.UNHEARD:
        return f"Call from {caller}, {when}."
    return f"Voicemail from {caller}, {when}, {clock(voicemail.length_ms)}."


def _local(at: datetime, timezone: str) -> datetime:
    try:
        return at.astimezone(ZoneInfo(timezone))
    except (KeyError, OSError, ValueError):  # a mailbox's misspelt zone must not keep its people from being told
        return at.astimezone(UTC)


def _invitation(voicemail: Voicemail, link: str) -> str:
    """Invite to listen, also before the recording was reported: the link works as soon as our copy is there."""
    return "" if voicemail.kind in {VoicemailKind.MISSED, VoicemailKind.UNHEARD} else f"Listen: {link}"


def _quality(voicemail: Voicemail) -> str:
    match voicemail.kind:
        case VoicemailKind.MISSED:
            return ""
        case VoicemailKind.WORDLESS:
            return "No words could be made out."
        case VoicemailKind.UNREAD:
            return "This message could not be put in writing."
        case VoicemailKind.UNHEARD:
            return "A message may have been left: it could not be put in writing, and no recording of it has come."
        case VoicemailKind.MESSAGE if voicemail.transcript.is_complete:
            return ""
        case VoicemailKind.MESSAGE:
            return _incomplete(voicemail.transcript, voicemail.span)
        case _:
            assert_never(voicemail.kind)


def _incomplete(transcript: Transcript, span: Interval | None) -> str:
    """Say what is not known: in the recording's own time where that is known, for that is what people listen to."""
    may_go_on = transcript.is_cut_short or not transcript.is_ended
    end = ", and its end may be missing" if may_go_on else ""
    if not transcript.gaps:
        return "The end of the text may be missing." if may_go_on else "A few words may be missing from the text."
    if span is None:
        return f"The text is incomplete: nothing is known of {_named(transcript.gaps, 'call')}{end}."
    inside = _inside(transcript.gaps, span)
    if not inside:
        return f"All of the recording is in writing, but nothing is known of what was said before or after it{end}."
    return f"The text is incomplete: nothing is known of {_named(inside, 'recording')}{end}."


def _inside(gaps: tuple[Interval, ...], span: Interval) -> tuple[Interval, ...]:
    """Return the parts of *gaps* in *span*, counted from its start."""
    clipped = ((max(gap.start_ms, span.start_ms), min(gap.end_ms, span.end_ms)) for gap in gaps)
    return tuple(Interval(start - span.start_ms, end - span.start_ms) for start, end in clipped if start < end)


def _named(gaps: tuple[Interval, ...], whole: str) -> str:
    more = " and elsewhere" if len(gaps) > _HOLES_NAMED else ""
    return f"{', '.join(_span(gap) for gap in gaps[:_HOLES_NAMED])} of the {whole}{more}"


def _span(gap: Interval) -> str:
    first, last = gap.start_ms // 1000, -(-gap.end_ms // 1000)  # whole seconds that hold it, never "0:03-0:03"
    return f"{clock(first * 1000)}-{clock(last * 1000)}"


def _plain(text: str) -> str:
    return text.translate(_PLAIN)
