"""The sound of one track that may have to be sent, or sent again, by its place in the call. Sans-I/O."""


class Ring:
    """Keeps the latest sound, never more than its bound; every place is a byte of call time."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._sound = bytearray()
        self.start = 0
        """The first byte that is still there."""
        self.end = 0
        """How much was ever added."""

    def add(self, sound: bytes) -> None:
        """Keep *sound*, which follows what was added before; the oldest gives way."""
        self._sound += sound
        self.end += len(sound)
        if len(self._sound) > self._most_bytes:
            self.forget(self.end - self._most_bytes)

    def read(self, start: int, end: int) -> bytes:
        """Return the sound from *start* to *end*, both places that are there."""
        with memoryview(self._sound) as sound:
            return bytes(sound[start - self.start : end - self.start])

    def forget(self, until: int) -> None:
        """Let go of what lies before *until*."""
        until = min(until, self.end)
        if until > self.start:
            del self._sound[: until - self.start]
            self.start = until

    def leap(self, to: int) -> None:
        """Let go of everything; what is added next follows place *to*, which lies ahead."""
        self.forget(self.end)
        self.start = self.end = to

    def __len__(self) -> int:
        """Return how many bytes are kept."""
        return len(self._sound)
