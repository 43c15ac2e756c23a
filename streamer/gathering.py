"""Gathering: has the kernel hold a socket's messages back until there are as many as something can be done with.

A message that wakes the process costs more for the waking than for all that is done with it, and four of five only wait
for the fifth: what is sent on is a chunk of sound, not a message. So the socket is told how much must have come before
anybody is woken. A connection that ends, or fails, wakes at once, whatever has come.
"""

import socket
from contextlib import suppress
from typing import Final

HEADER_BYTES: Final = 8
"""Of a client's message of 126 bytes to 64 KB. Source: RFC 6455, section 5.2."""

MOST_BYTES: Final = 4 * 1024
"""What is ever waited for: far less than the kernel holds, whatever a peer sends."""

PATIENCE_S: Final = 0.115
"""How long nothing may have come until everything is wanted that does: a chunk's time and a little. What was waited for
may not be coming: the call is over, or its line is silent."""

LOOK_S: Final = 0.02
"""How often somebody must look whether PATIENCE_S is over: whoever waits for a text waits for this."""

AT_ONCE: Final = 1


class Gathering:
    """How much of one socket is waited for."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._mark = AT_ONCE
        self._woken_at = 0.0

    def want(self, messages: int, message_bytes: int, now: float) -> None:
        """Wait until so many messages have come, each about as long as the last, whose payload was *message_bytes*."""
        self._woken_at = now
        # Half a message less: numbers in it may be shorter than in the last.
        size = (2 * messages - 1) * (message_bytes + HEADER_BYTES) // 2 if messages > 1 else AT_ONCE
        self._set(min(size, MOST_BYTES))

    def tick(self, now: float) -> None:
        """Let time pass; call it every LOOK_S."""
        if now - self._woken_at > PATIENCE_S:
            self._set(AT_ONCE)

    def _set(self, mark: int) -> None:
        if mark == self._mark:
            return
        self._mark = mark
        with suppress(OSError):  # it is closed, or knows no such thing: then everything wakes, as ever
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, mark)
