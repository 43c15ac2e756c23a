"""A transcript as subtitles: SubRip (SRT) and WebVTT, one cue an utterance, the tracks as speakers."""

from telephony.coverage import Track
from telephony.pauses import Paused
from telephony.transcripts import Transcript, Utterance

PAUSED = "(paused by request)"
"""Stands for what was not listened to."""

_SPEAKER = {Track.INBOUND: "Caller", Track.OUTBOUND: "Agent"}


def srt(transcript: Transcript) -> str:
    """Write *transcript* as SubRip; empty when nothing was said."""
    cues = (
        f"{number}\n{_cue_time(cue, ',')}\n{_line(cue)}\n" for number, cue in enumerate(_in_order(transcript), start=1)
    )
    return "\n".join(cues)


def webvtt(transcript: Transcript) -> str:
    """Write *transcript* as WebVTT, each cue in its speaker's voice. Source: W3C WebVTT."""
    cues = (f"{_cue_time(cue, '.')}\n{_voiced(cue)}\n" for cue in _in_order(transcript))
    return "\n".join(("WEBVTT\n", *cues))


def plain(transcript: Transcript) -> str:
    """Write *transcript* as one line an utterance, with its time and speaker, and one a pause."""
    return "".join(f"[{_time(_start_ms(cue), '.')}] {_line(cue)}\n" for cue in _in_order(transcript))


def _in_order(transcript: Transcript) -> list[Utterance | Paused]:
    return sorted((*transcript.utterances, *transcript.paused), key=_start_ms)


def _start_ms(cue: Utterance | Paused) -> int:
    return cue.window.start_ms if isinstance(cue, Paused) else cue.start_ms


def _line(cue: Utterance | Paused) -> str:
    return PAUSED if isinstance(cue, Paused) else f"{_SPEAKER[cue.track]}: {cue.text}"


def _voiced(cue: Utterance | Paused) -> str:
    return PAUSED if isinstance(cue, Paused) else f"<v {_SPEAKER[cue.track]}>{_escaped(cue.text)}"


def _cue_time(cue: Utterance | Paused, separator: str) -> str:
    if isinstance(cue, Paused):
        start_ms, end_ms = cue.window.start_ms, cue.window.end_ms if cue.is_over else 0
    else:
        start_ms, end_ms = cue.words[0].start_ms, cue.words[-1].end_ms
    end_ms = max(end_ms, start_ms + 1)  # WebVTT: the end must be greater than the start
    return f"{_time(start_ms, separator)} --> {_time(end_ms, separator)}"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _time(ms: int, separator: str) -> str:
    seconds, rest = divmod(ms, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{separator}{rest:03}"
