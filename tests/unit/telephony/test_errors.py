"""An error says what happened in words for an operator, and in fields for whoever must act on it."""

from telephony.errors import (
    ConfigurationError,
    ConflictError,
    NotFoundError,
    TelephonyError,
    TicketError,
    TicketFault,
    UpstreamError,
    WireError,
)


def test_all_that_is_raised_on_purpose_has_one_root() -> None:
    errors = (WireError, NotFoundError, ConflictError, TicketError, UpstreamError, ConfigurationError)

    assert all(issubclass(error, TelephonyError) for error in errors)


def test_a_refused_ticket_says_why() -> None:
    error = TicketError(TicketFault.WRONG_CALL)

    assert (error.fault, str(error)) == (TicketFault.WRONG_CALL, "ticket refused: wrong-call")


def test_a_failed_service_says_which_how_and_whether_to_try_again() -> None:
    error = UpstreamError("twilio", "20429", retryable=True)

    assert (error.service, error.code, error.retryable) == ("twilio", "20429", True)
    assert str(error) == "twilio failed with 20429"


def test_what_is_missing_is_named() -> None:
    assert (str(NotFoundError("call")), NotFoundError("call").kind) == ("no such call", "call")
