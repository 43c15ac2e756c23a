"""ExpiryStore in memory."""

from telephony.keeping import Place
from tests.fakes.state import State


class MemoryExpiry:
    """Keeps one place; keeps the promises of `telephony.ports.ExpiryStore`."""

    def __init__(self, state: State | None = None) -> None:
        self._state = state or State()

    def place(self) -> Place:
        """Return where to go on."""
        with self._state.reached():
            return self._state.expiry_place

    def remember(self, place: Place) -> None:
        """Write down where to go on."""
        with self._state.reached():
            self._state.expiry_place = place
