"""What the domain asks of where it remembers the requests it has answered."""

from datetime import datetime
from typing import Protocol

from telephony.idempotency import Answered, RequestKey


class IdempotencyStore(Protocol):
    """Requests that can be repeated, each with its first answer."""

    def claim(self, request: RequestKey, fingerprint: str, now: datetime) -> Answered | None:
        """Set out to answer a request, or return what it was answered before.

        *fingerprint* stands for all of the request. Raises: KeyReusedError if that of the key's first use was another,
        ConflictError while somebody else answers it.
        """
        ...

    def answer(self, request: RequestKey, answered: Answered) -> None:
        """Remember the answer to a request that was claimed; it goes over an earlier one.

        Raises: NotFoundError if it was not claimed.
        """
        ...

    def release(self, request: RequestKey, now: datetime) -> None:
        """Let a repeat be done at once: what was claimed has failed, and an answer to it is forgotten.

        Raises: NotFoundError if it was not claimed.
        """
        ...
