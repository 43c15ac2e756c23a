"""Every error the product raises on purpose.

TelephonyError
├── WireError            the peer sent what its protocol does not allow; never retried
├── NotFoundError        what was asked for is not there
├── ConflictError        a conditional write lost, most often to a repeat of itself
│   ├── NumberTakenError     a number is another mailbox's
│   └── HeldError        a legal hold forbids it
├── TicketError          a stream or a viewer came without the right to
├── UpstreamError        Twilio, Deepgram or AWS failed; `retryable` says whether trying again can help
└── ConfigurationError   a setting or secret is wrong; the process must not start
"""

from enum import StrEnum


class TelephonyError(Exception):
    """The root: catching it catches everything this product raises on purpose, and no bug."""


class WireError(TelephonyError):
    """A peer's message breaks its protocol. The text names the field, never its value."""


class NotFoundError(TelephonyError):
    """There is no such thing.

    Attributes:
        kind: the noun that was looked for, such as "call".
    """

    def __init__(self, kind: str) -> None:
        super().__init__(f"no such {kind}")
        self.kind = kind


class ConflictError(TelephonyError):
    """A conditional write lost: somebody, often an earlier copy of the same request, was first."""


class NumberTakenError(ConflictError):
    """A number cannot be a mailbox's because it is another's; `number` says which."""

    def __init__(self, number: str) -> None:
        super().__init__(f"{number} is another mailbox's")
        self.number = number


class HeldError(ConflictError):
    """What was asked for must not be done while a legal hold stands."""

    def __init__(self) -> None:
        super().__init__("a legal hold forbids it")


class TicketFault(StrEnum):
    """Why a ticket was refused."""

    UNKNOWN = "unknown"
    USED = "used"
    EXPIRED = "expired"
    WRONG_CALL = "wrong-call"


class TicketError(TelephonyError):
    """A ticket was refused; `fault` says why."""

    def __init__(self, fault: TicketFault) -> None:
        super().__init__(f"ticket refused: {fault}")
        self.fault = fault


class UpstreamError(TelephonyError):
    """A service we depend on failed.

    Attributes:
        service: "twilio", "deepgram", "dynamodb", "s3", "sns", "sqs", "secretsmanager" or "webhook".
        code: the service's own error code, as text.
        retryable: whether the same request can succeed later, and may be made again at once.
        is_uncertain: whether what was asked for may have been done, and must not be done twice: look before it is
            asked for again.
        is_denied: whether our credentials or rights were refused: not to be asked at once, but the owner can mend it,
            and the same request can succeed then.
    """

    def __init__(
        self, service: str, code: str, *, retryable: bool, is_uncertain: bool = False, is_denied: bool = False
    ) -> None:
        super().__init__(f"{service} failed with {code}")
        self.service = service
        self.code = code
        self.retryable = retryable
        self.is_uncertain = is_uncertain
        self.is_denied = is_denied


DENIALS = frozenset({401, 403})
"""HTTP statuses of an UpstreamError that is denied."""


class ConfigurationError(TelephonyError):
    """A setting or a secret is missing or wrong; the text says which and what to do."""
