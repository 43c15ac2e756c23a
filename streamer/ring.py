"""The sound of one track that may have to be sent, or sent again, by its place in the call. Sans-I/O."""

from typing import Final

BUDGET_BYTES: Final = 192 * 1024 * 1024
"""For the sound of all calls of a process. Its container has 512 MiB; of these, Python and the libraries take some 120,
what waits in queues before sockets that are given up after some seconds 70, and words that can't be written 20."""

LEAST_BYTES: Final = 16_000
"""Of each track, whatever the others hold: two seconds, so that a track is heard while others wait. 800 tracks hold 13
MB of it."""


class Budget:
    """How much sound all rings together hold, and may hold."""

    def __init__(self, most_bytes: int = BUDGET_BYTES) -> None:
        self.most_bytes = most_bytes
        self.held_bytes = 0


class Ring:
    """Keeps the latest sound, never more than its bound; every place is a byte of call time.

    While all rings together hold too much, one that is added to holds less.
    """

    def __init__(self, most_bytes: int, budget: Budget | None = None) -> None:
        self._most_bytes = most_bytes
        self._budget = budget or Budget()
        self._sound = bytearray()
        self.start = 0
        """The first byte that is still there."""
        self.end = 0
        """How much was ever added."""

    def add(self, sound: bytes) -> None:
        """Keep *sound*, which follows what was added before; the oldest gives way."""
        size, most_bytes, budget = len(sound), self._most_bytes, self._budget
        self._sound += sound
        self.end += size
        budget.held_bytes += size
        if budget.held_bytes > budget.most_bytes:
            excess_bytes = budget.held_bytes - budget.most_bytes
            most_bytes = min(most_bytes, max(LEAST_BYTES, len(self._sound) - excess_bytes))
        if self.end - self.start > most_bytes:
            self.forget(self.end - most_bytes)

    def read(self, start: int, end: int) -> bytes:
        """Return the sound from *start* to *end*, both places that are there."""
        with memoryview(self._sound) as sound:
            return bytes(sound[start - self.start : end - self.start])

    def forget(self, until: int) -> None:
        """Let go of what lies before *until*."""
        until = min(until, self.end)
        if until > self.start:
            self._budget.held_bytes -= until - self.start
            del self._sound[: until - self.start]
            self.start = until

    def leap(self, to: int) -> None:
        """Let go of everything; what is added next follows place *to*, which lies ahead."""
        self.forget(self.end)
        self.start = self.end = to

    def close(self) -> None:
        """Let go of everything, and keep nothing that is added from now on."""
        self._most_bytes = 0
        self.forget(self.end)

    def __len__(self) -> int:
        """Return how many bytes are kept."""
        return len(self._sound)
