"""PauseStore in memory."""

from telephony.errors import ConflictError, NotFoundError
from telephony.pauses import Pause
from tests.fakes.state import State


class MemoryPauses:
    """Keeps pauses; keeps the promises of `telephony.ports.PauseStore`."""

    def __init__(self, state: State | None = None) -> None:
        self._state = state or State()

    def begin(self, pause: Pause) -> None:
        """Store a pause. Raises: ConflictError."""
        with self._state.reached():
            if (pause.call_sid, pause.number) in self._state.pauses:
                raise ConflictError("the call was paused meanwhile")
            self._state.pauses[pause.call_sid, pause.number] = pause

    def change(self, pause: Pause) -> None:
        """Store what became of a pause that is not over. Raises: NotFoundError."""
        with self._state.reached():
            known = self._state.pauses.get((pause.call_sid, pause.number))
            if known is None:
                raise NotFoundError("pause")
            if known.ended_at is None:
                self._state.pauses[pause.call_sid, pause.number] = pause
