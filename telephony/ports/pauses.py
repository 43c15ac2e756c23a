"""What the domain asks of where pauses are kept."""

from typing import Protocol

from telephony.pauses import Pause


class PauseStore(Protocol):
    """Pauses of calls."""

    def begin(self, pause: Pause) -> None:
        """Store a pause. Raises: ConflictError if the call has one of this number."""
        ...

    def change(self, pause: Pause) -> None:
        """Store what became of a pause that was begun; one that is over stays as it is.

        Raises: NotFoundError if it was never begun.
        """
        ...
