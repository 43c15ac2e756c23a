"""What the domain asks of where proofs of consent are kept."""

from typing import Protocol

from telephony.consent import ConsentProof


class ConsentStore(Protocol):
    """Proofs of consent."""

    def record(self, proof: ConsentProof) -> None:
        """Store *proof*, unless one of the same step of the same call is there: the first stands."""
        ...
