"""Frames put together to messages: picows hands out frames as they come, and a peer may split its messages."""

from picows import WSFrame

from telephony.errors import WireError


class Fragments:
    """What has come of a message whose last frame is still to come."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._partial = bytearray()

    def add(self, frame: WSFrame) -> bytes | None:
        """Return the message that *frame* completes; None while more of it follows. Raises: WireError if too long."""
        if frame.fin and not self._partial:
            return frame.get_payload_as_bytes()
        self._partial += frame.get_payload_as_memoryview()
        if len(self._partial) > self._most_bytes:
            self._partial.clear()
            raise WireError("a message is too long")
        if not frame.fin:
            return None
        whole = bytes(self._partial)
        self._partial.clear()
        return whole
