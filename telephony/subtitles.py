"""A transcript as subtitles: SubRip (SRT) and WebVTT, one cue an utterance, the tracks as speakers."""

from telephony.coverage import Track
from telephony.transcripts import Transcript, Utterance

_SPEAKER = {Track.INBOUND: "Caller", Track.OUTBOUND: "Agent"}


def srt(transcript: Transcript) -> str:
    """Write *transcript* as SubRip; empty when nothing was said."""
    cues = (
        f"{number}\n{_cue_time(said, ',')}\n{_line(said)}\n"
        for number, said in enumerate(transcript.utterances, start=1)
    )
    return "\n".join(cues)


def webvtt(transcript: Transcript) -> str:
    """Write *transcript* as WebVTT, each cue in its speaker's voice. Source: W3C WebVTT."""
    cues = (
        f"{_cue_time(said, '.')}\n<v {_SPEAKER[said.track]}>{_escaped(said.text)}\n" for said in transcript.utterances
    )
    return "\n".join(("WEBVTT\n", *cues))


def plain(transcript: Transcript) -> str:
    """Write *transcript* as one line an utterance, with its time and speaker."""
    return "".join(f"[{_time(said.start_ms, '.')}] {_line(said)}\n" for said in transcript.utterances)


def _line(said: Utterance) -> str:
    return f"{_SPEAKER[said.track]}: {said.text}"


def _cue_time(said: Utterance, separator: str) -> str:
    start_ms = said.words[0].start_ms
    end_ms = max(said.words[-1].end_ms, start_ms + 1)  # WebVTT: the end must be greater than the start
    return f"{_time(start_ms, separator)} --> {_time(end_ms, separator)}"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _time(ms: int, separator: str) -> str:
    seconds, rest = divmod(ms, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{separator}{rest:03}"
