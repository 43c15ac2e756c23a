"""Faults that a test can order, and how each bends what is sent."""

from collections.abc import Collection
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """What goes wrong on purpose. Frames are counted from 0 over all tracks of one stream, in sending order."""

    duplicate_callbacks: int = 1
    """How often each callback (not: each request for TwiML) is delivered."""
    recording_callback_first: bool = False
    """Deliver the recording's callback before the action callback of `<Record>`."""
    lose_recording_callback: bool = False
    """Never deliver the recording's callback; the media becomes ready all the same."""
    skip_stop: bool = False
    """End a stream without its `stop` message."""
    drop_frames: range = field(default=range(0))
    """Media frames that never arrive; their numbers are used up."""
    repeat_frames: Collection[int] = ()
    """Media frames that arrive twice."""
    swap_frames: Collection[int] = ()
    """Media frames that arrive too late, each on its own."""
    swap_distance: int = 1
    """By how many frames those are too late."""
    early_frames: int = 0
    """How many media frames arrive before `start`."""
    lose_socket_at: int | None = None
    """The media frame in whose place the stream's connection is reset: 31903."""
    recording_absent: int = 0
    """How often the media of each recording begun from now on is answered with 404 although it is ready."""
    recording_media: bytes | None = None
    """What is served as each recording's media, with status 200."""
    lose_sms_answers: bool = False
    """Take each SMS, but say so only when nobody waits for it any more."""
    truncate_recordings: bool = False
    """Serve half of each recording's media, as if that were all."""


class FrameFaults:
    """Bends one stream's media frames as *faults* say."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._index = -1
        self._held: str | None = None
        self._held_until = 0

    @property
    def is_lost(self) -> bool:
        """Whether the connection breaks instead of carrying the next frame."""
        return self._index + 1 == self._faults.lose_socket_at

    def bend(self, frame: str) -> list[str]:
        """Return what is sent in the place of the next *frame*."""
        self._index += 1
        if self._index in self._faults.drop_frames:
            return []
        if self._index in self._faults.swap_frames:
            rest, self._held = self.rest(), frame
            self._held_until = self._index + self._faults.swap_distance
            return rest
        frames = [frame] * (1 + (self._index in self._faults.repeat_frames))
        return frames + (self.rest() if self._index >= self._held_until else [])

    def rest(self) -> list[str]:
        """Return the frame that was held back, if there is one."""
        held, self._held = self._held, None
        return [] if held is None else [held]
