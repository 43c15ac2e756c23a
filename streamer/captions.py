"""Live text to whoever watches a call: interims as they come, finals, the end.

A viewer opens `/captions`, sends `{"ticket": "..."}` first, and then receives JSON messages:
`{"type": "interim" | "final", "track", "start_ms", "end_ms", "text"}` and at last `{"type": "end"}`.
An interim replaces the one before it of the same track; a final ends it.
"""

from collections import defaultdict
from typing import Final, Protocol

import orjson

from telephony.calls import CallSid
from telephony.transcripts import Interim, Utterance

MAX_VIEWERS: Final = 20
"""Viewers of one call; each costs a copy of every message."""


class Viewer(Protocol):
    """Somebody who watches."""

    def show(self, message: bytes) -> None:
        """Send this on, or go away when that is not possible; never wait."""
        ...

    def ping(self) -> None:
        """Give a sign of life."""
        ...

    def end(self) -> None:
        """No more will come."""
        ...


class CaptionsHub:
    """Knows who watches which call of this process."""

    def __init__(self) -> None:
        self._viewers: defaultdict[CallSid, set[Viewer]] = defaultdict(set)

    @property
    def viewers(self) -> tuple[Viewer, ...]:
        """Everyone who watches any call."""
        return tuple(viewer for viewers in self._viewers.values() for viewer in viewers)

    def join(self, call_sid: CallSid, viewer: Viewer) -> bool:
        """Begin to show *viewer* the call; False when too many watch it already."""
        if len(self._viewers[call_sid]) >= MAX_VIEWERS:
            return False
        self._viewers[call_sid].add(viewer)
        return True

    def leave(self, call_sid: CallSid, viewer: Viewer) -> None:
        """Show *viewer* nothing more."""
        viewers = self._viewers.get(call_sid)
        if viewers is not None:
            viewers.discard(viewer)
            if not viewers:
                del self._viewers[call_sid]

    def publish(self, text: Interim | Utterance) -> None:
        """Show *text* to everyone who watches its call."""
        viewers = self._viewers.get(text.call_sid)
        if not viewers:
            return
        message = orjson.dumps(
            {
                "type": "interim" if isinstance(text, Interim) else "final",
                "track": text.track.value,
                "start_ms": text.start_ms,
                "end_ms": text.end_ms,
                "text": text.text,
            }
        )
        for viewer in tuple(viewers):
            viewer.show(message)

    def end(self, call_sid: CallSid) -> None:
        """Tell everyone who watches the call that it is over."""
        for viewer in tuple(self._viewers.pop(call_sid, ())):
            viewer.show(b'{"type":"end"}')
            viewer.end()

    def close(self) -> None:
        """Send everyone away, whose call goes on elsewhere or is over."""
        while self._viewers:
            _, viewers = self._viewers.popitem()
            for viewer in tuple(viewers):
                viewer.end()
