"""What can be heard on a call: two tracks of sound laid out in time, and when the line goes dead."""

import asyncio
import math
from dataclasses import dataclass, field

from local.twilio import mulaw
from local.twilio.clock import Clock


class HungUpError(Exception):
    """The call ended while something was going on."""


@dataclass(slots=True)
class Track:
    """Sound on one direction of a call. Positions are samples since the clock's start."""

    _sounds: list[tuple[int, bytes]] = field(default_factory=list)

    def lay(self, at_ms: int, audio: bytes) -> int:
        """Put *audio* at *at_ms* and return the millisecond at which it has ended."""
        if audio:
            self._sounds.append((at_ms * mulaw.SAMPLES_PER_MS, audio))
        return at_ms + math.ceil(len(audio) / mulaw.SAMPLES_PER_MS)

    def cut(self, at_ms: int) -> None:
        """Take away what would sound after *at_ms*."""
        end = at_ms * mulaw.SAMPLES_PER_MS
        self._sounds = [(at, audio[: end - at]) for at, audio in self._sounds if at < end]

    def hear(self, from_ms: int, to_ms: int) -> bytes:
        """Return the sound between two times; silence where nothing was laid, the later sound where two overlap."""
        start, end = from_ms * mulaw.SAMPLES_PER_MS, to_ms * mulaw.SAMPLES_PER_MS
        heard = mulaw.SILENCE * (end - start)
        for at, audio in self._sounds:
            low, high = max(at, start), min(at + len(audio), end)
            if low < high:
                heard = heard[: low - start] + audio[low - at : high - at] + heard[high - start :]
        return heard

    def is_laid(self, from_ms: int, to_ms: int) -> bool:
        """Tell whether anything was laid between two times."""
        start, end = from_ms * mulaw.SAMPLES_PER_MS, to_ms * mulaw.SAMPLES_PER_MS
        return any(at < end and start < at + len(audio) for at, audio in self._sounds)

    def falls_silent_at(self, from_ms: int, *, for_ms: int) -> int:
        """Return when, after *from_ms*, silence has lasted *for_ms*."""
        last = max((at + len(audio) for at, audio in self._sounds), default=0) // mulaw.SAMPLES_PER_MS
        quiet_since = at = from_ms
        while at - quiet_since < for_ms and at <= last:
            at += mulaw.FRAME_MS
            if mulaw.is_voiced(self.hear(at - mulaw.FRAME_MS, at)):
                quiet_since = at
        return quiet_since + for_ms


class CallLine:
    """The line of one call: what the caller says (inbound), what Twilio plays (outbound), keys, and the hang-up."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.inbound = Track()
        self.outbound = Track()
        self.presses: list[tuple[int, str]] = []
        self.ends_at_ms: float = math.inf
        self.changed = asyncio.Event()
        """Set when anything below may have another answer than before; a new one takes its place."""

    def hang_up(self, at_ms: float) -> None:
        """Let the line go dead at *at_ms*, unless it does so earlier."""
        self.ends_at_ms = min(self.ends_at_ms, at_ms)
        self.wake()

    def press(self, at_ms: int, key: str) -> None:
        """Let the caller press *key* at *at_ms*."""
        self.presses.append((at_ms, key))
        self.wake()

    def wake(self) -> None:
        """Let everybody who waits on the line look again."""
        self.changed.set()
        self.changed = asyncio.Event()

    async def wait_until(self, at_ms: float) -> None:
        """Return at *at_ms*. Raises: HungUpError as soon as the line is dead, if that is earlier."""
        while (now_ms := self.clock.now_ms()) < min(at_ms, self.ends_at_ms):
            await self.clock.wait(self.changed, until_ms=min(at_ms, self.ends_at_ms))
        if self.ends_at_ms <= min(at_ms, now_ms):
            raise HungUpError

    async def wait_for_change(self, changed: asyncio.Event, until_ms: float) -> None:
        """Return at *until_ms*, when the line is dead, or once it is not any more what it was when it had *changed*."""
        first_ms = min(until_ms, self.ends_at_ms)
        while self.changed is changed and self.clock.now_ms() < first_ms:
            await self.clock.wait(changed, until_ms=first_ms)
