"""Why something did not work, in a sentence for the mailbox's owner."""

from typing import Final

from telephony.errors import NotFoundError, TelephonyError, UpstreamError, WireError

OURS: Final = "Something went wrong on our side; the log has it."

_SERVICES: Final = {
    "twilio": "Twilio",
    "deepgram": "Deepgram",
    "dynamodb": "the table",
    "s3": "the recordings bucket",
    "sqs": "the queue",
    "secretsmanager": "Secrets Manager",
}


def reason(exc: TelephonyError) -> str:
    """Say what *exc* comes to."""
    match exc:
        case UpstreamError():
            who = _SERVICES.get(exc.service, exc.service)
            what = "did not answer" if exc.is_uncertain else f"answered {exc.code}"
            return f"{who[0].upper()}{who[1:]} {what}."
        case NotFoundError() | WireError():
            text = str(exc)
            return f"{text[0].upper()}{text[1:]}."
        case _:
            return OURS
