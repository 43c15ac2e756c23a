"""Quality: the sentence that says how good a message's text is. What it does not know, it says."""

from typing import assert_never

from telephony.calls import VoicemailKind
from telephony.coverage import Interval
from telephony.transcripts import Transcript
from telephony.voicemail import Voicemail
from telephony.wording import Wording

_HOLES_NAMED = 3


def quality(voicemail: Voicemail, words: Wording) -> str:
    """Return the sentence; blank when there is nothing to say."""
    match voicemail.kind:
        case VoicemailKind.MISSED:
            return ""
        case VoicemailKind.WORDLESS:
            return words.wordless
        case VoicemailKind.UNREAD:
            return words.unread
        case VoicemailKind.UNHEARD:
            return words.unheard
        case VoicemailKind.MESSAGE if voicemail.transcript.is_complete:
            return ""
        case VoicemailKind.MESSAGE:
            return _incomplete(voicemail.transcript, voicemail.span, words)
        case _:
            assert_never(voicemail.kind)


def clock(ms: int) -> str:
    """Write a length or a place in the sound as people do: "0:07", "12:30"."""
    minutes, seconds = divmod(round(ms / 1000), 60)
    return f"{minutes}:{seconds:02}"


def _incomplete(transcript: Transcript, span: Interval | None, words: Wording) -> str:
    """Say what is not known: in the recording's own time where that is known, for that is what people listen to."""
    may_go_on = transcript.is_cut_short or not transcript.is_ended
    if not transcript.gaps:
        return words.end_missing if may_go_on else words.few_missing
    if span is None:
        return _named(transcript.gaps, words.gaps_of_call, words, may_go_on=may_go_on)
    inside = _inside(transcript.gaps, span)
    if not inside:
        return words.all_but_outside_and_end if may_go_on else words.all_but_outside
    return _named(inside, words.gaps_of_recording, words, may_go_on=may_go_on)


def _inside(gaps: tuple[Interval, ...], span: Interval) -> tuple[Interval, ...]:
    """Return the parts of *gaps* in *span*, counted from its start."""
    clipped = ((max(gap.start_ms, span.start_ms), min(gap.end_ms, span.end_ms)) for gap in gaps)
    return tuple(Interval(start - span.start_ms, end - span.start_ms) for start, end in clipped if start < end)


def _named(gaps: tuple[Interval, ...], sentence: str, words: Wording, *, may_go_on: bool) -> str:
    return sentence.format(
        gaps=", ".join(_span(gap) for gap in gaps[:_HOLES_NAMED]),
        more=words.and_more if len(gaps) > _HOLES_NAMED else "",
        end=words.end_too if may_go_on else "",
    )


def _span(gap: Interval) -> str:
    first, last = gap.start_ms // 1000, -(-gap.end_ms // 1000)  # whole seconds that hold it, never "0:03-0:03"
    return f"{clock(first * 1000)}-{clock(last * 1000)}"
