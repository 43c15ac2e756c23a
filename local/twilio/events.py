"""What happens in the simulated Twilio, told as it happens."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

MAX_EVENTS = 50_000
"""How many events are remembered: hundreds of calls, some tens of megabytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened at *at*, in simulated UTC; *call_sid* is blank when it belongs to no call."""

    at: datetime
    call_sid: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRinging(Event):
    """A call reached one of our numbers."""

    from_: str
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallAnswered(Event):
    """Twilio picked up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerSpeaking(Event):
    """The caller began to speak, and will for *duration_ms*."""

    duration_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEnded(Event):
    """The call is over, with Twilio's word for how."""

    status: str
    duration_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookSent(Event):
    """One attempt of a request to the product; *status* is None when there was no answer."""

    purpose: str
    method: str
    path: str
    status: int | None
    took_ms: int
    """Real milliseconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TwimlAnswered(Event):
    """The product said what to do."""

    xml: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VerbRunning(Event):
    """Twilio began to carry out one verb."""

    verb: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamStarted(Event):
    """A media stream's WebSocket is open."""

    stream_sid: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamStopped(Event):
    """A media stream ended as it should."""

    stream_sid: str
    frames: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamFailed(Event):
    """A media stream ended, or never began, for *code*."""

    stream_sid: str
    code: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingStarted(Event):
    """The caller is being recorded."""

    recording_sid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingCompleted(Event):
    """A recording's media can be fetched."""

    recording_sid: str
    duration_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonDialed(Event):
    """`<Dial>` rang somebody, with *outcome* in Twilio's words."""

    number: str
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageSent(Event):
    """An SMS was taken over from the product."""

    message_sid: str
    to: str
    from_: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackFailed(Event):
    """A callback was not taken, and Twilio gave it up."""

    purpose: str
    path: str
    code: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Warned(Event):
    """Twilio's debugger has a new entry."""

    code: int
    text: str


class EventLog:
    """All events in order, for whoever reads them later or as they come."""

    def __init__(self) -> None:
        self._events: deque[Event] = deque(maxlen=MAX_EVENTS)
        self._count = 0
        self._changed = asyncio.Event()
        self._closed = False

    def publish(self, event: Event) -> None:
        """Remember *event* and wake every subscriber."""
        self._events.append(event)
        self._count += 1
        self._wake()

    def close(self) -> None:
        """End every subscription once it has read what there is."""
        self._closed = True
        self._wake()

    def all(self, call_sid: str | None = None) -> list[Event]:
        """Return the events that are remembered, of one call when *call_sid* is given."""
        return [event for event in self._events if call_sid in (None, event.call_sid)]

    def subscribe(self) -> AsyncIterator[Event]:
        """Return an iterator over all events from now on; it ends when the log is closed."""
        return self._follow(self._count)

    async def _follow(self, seen: int) -> AsyncIterator[Event]:
        while True:
            seen = max(seen, self._count - len(self._events))
            while seen < self._count:
                event = self._events[seen - self._count]
                seen += 1
                yield event
                seen = max(seen, self._count - len(self._events))
            if self._closed:
                return
            await self._changed.wait()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
