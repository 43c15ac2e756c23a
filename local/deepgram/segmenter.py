"""One channel of audio, cut into segments and reported in windows that follow each other without a gap; no I/O.

All positions are samples at 8 kHz since the stream began: time comes from the audio alone. The caller feeds audio,
polls until nothing is left to do, and settles each Final with what was heard in it before it polls again.
"""

from collections import deque
from dataclasses import dataclass, field

import numpy as np

from local.deepgram.recogniser import SAMPLE_RATE, Heard, Pcm, Tuning, VoiceDetector

_NOTHING: Pcm = np.zeros(0, np.int16)
_SAMPLE_BYTES = 2
_LEAST_ENDPOINT = SAMPLE_RATE // 10
"""Deepgram's default of 10 ms would cut within words here."""
_UNENDED_PAUSE = SAMPLE_RATE
"""With endpointing off, a pause this long still ends a window, without `speech_final`."""


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """Speech begins at *at*."""

    at: int


@dataclass(frozen=True, slots=True)
class UtteranceEnd:
    """Since *last_word_end*, the end of the last final word, nothing was said for as long as was asked for."""

    last_word_end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Interim:
    """The open window so far. *audio*, which begins at *audio_start*, is empty where nobody speaks."""

    start: int
    end: int
    audio_start: int
    audio: Pcm


@dataclass(frozen=True, slots=True, kw_only=True)
class Final(Interim):
    """The open window to be closed: `settle` it. Unless *complete*, speech goes on behind it."""

    complete: bool
    speech_final: bool
    from_finalize: bool


Event = SpeechStarted | UtteranceEnd | Interim | Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a request asks of the segments, in samples."""

    interim_step: int | None
    """None for no interims."""
    endpoint: int | None
    """Silence that ends an utterance; None when endpointing is off."""
    utterance_end: int | None
    longest_silence: int
    """A window of silence is closed at this length."""


@dataclass(slots=True, kw_only=True)
class _Speech:
    """Speech that has begun and not ended."""

    start: int
    voiced: int
    voiced_end: int
    breath: int = 0
    """The end of the last window without voice: the best place to cut when there is no pause."""


@dataclass(slots=True)
class Segmenter:
    """See the module. One for each channel."""

    tuning: Tuning
    rules: Rules
    detector: VoiceDetector
    _buffer: bytearray = field(default_factory=bytearray)
    _base: int = 0
    _looked: int = 0
    _done: int = 0
    _next_interim: int = 0
    _speech: _Speech | None = None
    _last_word_end: int | None = None
    _unsettled: Final | None = None
    _events: deque[Event] = field(default_factory=deque)

    def __post_init__(self) -> None:
        self._plan_interim()

    @property
    def received(self) -> int:
        """The end of the audio fed so far."""
        return self._base + len(self._buffer) // _SAMPLE_BYTES

    def feed(self, pcm: Pcm) -> None:
        """Take more audio; `poll` next."""
        self._buffer += pcm.tobytes()

    def poll(self) -> Event | None:
        """Return what is to be done next, or None until there is more audio."""
        assert self._unsettled is None or self._events, "settle the Final first"
        while not self._events and self.received - self._looked >= self.tuning.window:
            self._look()
        return self._events.popleft() if self._events else None

    def finalize(self) -> None:
        """Close the window at the end of what was received; `poll` next. Speech may go on."""
        self._close(self.received, complete=False, speech_final=True, from_finalize=True)

    def finish(self) -> None:
        """Close the last window, if any audio is left for it; `poll` next, and feed no more."""
        if self.received > self._done:
            self._close(self.received, complete=True, speech_final=True)

    def is_current(self, interim: Interim) -> bool:
        """Say whether the window of *interim* is still open."""
        return self._unsettled is None and interim.start == self._done

    def settle(self, final: Final, heard: Heard) -> int:
        """Take what was heard in *final* and return where its window ends: there, or before a word that was cut."""
        assert final is self._unsettled, "each Final is settled once, in its turn"
        self._unsettled = None
        end = final.audio_start + heard.settled if final.audio.size else final.end
        if heard.words:
            self._last_word_end = final.audio_start + heard.words[-1].end
        self._done = end
        self._reopen(final, end)
        self._plan_interim()
        keep = self._speech.start if self._speech else max(end, self._looked - self.tuning.pre_roll)
        self._forget(min(keep, self._looked))
        return end

    def _reopen(self, final: Final, end: int) -> None:
        """Leave speech open that goes on behind *final*."""
        speech, self._speech = self._speech, None
        if final.complete or (final.from_finalize and end >= final.end):
            return
        if speech is not None or end < final.end:
            voiced = max(final.end, self._looked) - end
            self._speech = _Speech(start=end, voiced=voiced, voiced_end=speech.voiced_end if speech else final.end)

    def _look(self) -> None:
        """Let the detector judge the next window, and act on it."""
        window = self._slice(self._looked, self._looked + self.tuning.window)
        probability = self.detector(window)
        self._looked += self.tuning.window
        if self._speech is None:
            self._wait_for_speech(probability)
        else:
            self._follow_speech(self._speech, probability)
        if not self._unsettled and self.rules.interim_step and self._looked >= self._next_interim:
            self._next_interim += self.rules.interim_step
            self._events.append(self._interim())

    def _wait_for_speech(self, probability: float) -> None:
        begun = self._looked - self.tuning.window
        if probability >= self.tuning.voice_on:
            start = max(self._done, begun - self.tuning.pre_roll)
            self._speech = _Speech(start=start, voiced=self.tuning.window, voiced_end=self._looked)
            self._events.append(SpeechStarted(begun))
            return
        if self._last_word_end is not None and self._is_utterance_over(self._last_word_end):
            self._events.append(UtteranceEnd(self._last_word_end))
            self._last_word_end = None
        if begun - self.tuning.pre_roll - self._done >= self.rules.longest_silence:
            # What may yet prove to be the start of speech stays outside.
            self._close(begun - self.tuning.pre_roll, complete=True, speech_final=self.rules.endpoint is not None)

    def _is_utterance_over(self, last_word_end: int) -> bool:
        return self.rules.utterance_end is not None and self._looked - last_word_end >= self.rules.utterance_end

    def _follow_speech(self, speech: _Speech, probability: float) -> None:
        if probability >= self.tuning.voice_off:
            speech.voiced += self.tuning.window
            speech.voiced_end = self._looked
        else:
            speech.breath = self._looked
        endpoint = self.rules.endpoint
        patience = _UNENDED_PAUSE if endpoint is None else max(endpoint, _LEAST_ENDPOINT)
        if self._looked - speech.voiced_end >= patience:
            end = min(speech.voiced_end + self.tuning.tail, self._looked)
            self._close(max(end, self._done), complete=True, speech_final=endpoint is not None)
        elif self._looked - speech.start >= self.tuning.longest:
            took_breath = speech.breath - speech.start > self.tuning.longest // 2
            self._close(speech.breath if took_breath else self._looked, complete=False, speech_final=False)

    def _interim(self) -> Interim:
        start = self._speech.start if self._speech else self._looked
        audio = self._slice(start, self._looked) if self._has_words(self._speech) else _NOTHING
        return Interim(start=self._done, end=self._looked, audio_start=start, audio=audio)

    def _close(self, end: int, *, complete: bool, speech_final: bool, from_finalize: bool = False) -> None:
        # Without speech, only what the detector has not seen yet can hold the start of a word.
        start = self._speech.start if self._speech else min(max(self._done, self._looked), end)
        unseen = max(0, end - self._looked)
        self._unsettled = Final(
            start=self._done,
            end=end,
            audio_start=start,
            audio=self._slice(start, end) if self._has_words(self._speech, unseen) else _NOTHING,
            complete=complete,
            speech_final=speech_final,
            from_finalize=from_finalize,
        )
        self._events.append(self._unsettled)

    def _has_words(self, speech: _Speech | None, unseen: int = 0) -> bool:
        voiced = (speech.voiced if speech else 0) + unseen
        return voiced > 0 and voiced >= self.tuning.least_voiced

    def _plan_interim(self) -> None:
        self._next_interim = self._done + (self.rules.interim_step or 0)

    def _slice(self, start: int, end: int) -> Pcm:
        part = self._buffer[(start - self._base) * _SAMPLE_BYTES : (end - self._base) * _SAMPLE_BYTES]
        return np.frombuffer(bytes(part), np.int16)

    def _forget(self, before: int) -> None:
        del self._buffer[: (before - self._base) * _SAMPLE_BYTES]
        self._base = max(self._base, before)
