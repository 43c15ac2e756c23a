"""ConsentStore in memory."""

from telephony.consent import ConsentProof
from tests.fakes.state import State


class MemoryConsents:
    """Keeps proofs; keeps the promises of `telephony.ports.ConsentStore`."""

    def __init__(self, state: State | None = None) -> None:
        self._state = state or State()

    def record(self, proof: ConsentProof) -> None:
        """Store *proof* unless there is one of this step."""
        with self._state.reached():
            self._state.consents.setdefault((proof.call_sid, proof.step), proof)
