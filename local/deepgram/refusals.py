"""Refused requests: the status, the code and the sentence that Deepgram answers with."""

from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """The `err_code` of each refusal."""

    BAD_REQUEST = "Bad Request"
    INVALID_QUERY = "INVALID_QUERY_PARAMETER"
    INVALID_AUTH = "INVALID_AUTH"
    PAYMENT_REQUIRED = "ASR_PAYMENT_REQUIRED"
    FORBIDDEN = "INSUFFICIENT_PERMISSIONS"
    NOT_FOUND = "NOT_FOUND"
    TOO_MANY_REQUESTS = "TOO_MANY_REQUESTS"
    REMOTE_CONTENT = "REMOTE_CONTENT_ERROR"
    INTERNAL = "INTERNAL_SERVER_ERROR"
    NOT_DECODED_LOCALLY = "NOT_DECODED_LOCALLY"
    """Not Deepgram's: it takes what this server cannot decode."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A status and `{err_code, err_msg, request_id}` in place of what was asked for."""

    status: int
    reason: Reason
    message: str

    def body(self, request_id: str) -> dict[str, str]:
        """Return the JSON body of the answer."""
        return {"err_code": self.reason, "err_msg": self.message, "request_id": request_id}

    def headers(self, request_id: str) -> dict[str, str]:
        """Return the headers that carry the same facts; clients that lose the body still see these."""
        return {"dg-error": self.message, "dg-request-id": request_id}


class Refused(Exception):  # noqa: N818 - named after what happens to the request; it is an answer, not a defect
    """The request is to be answered with `refusal`."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(f"{refusal.status} {refusal.reason}: {refusal.message}")
        self.refusal = refusal


NO_SUCH_MODEL = Refusal(400, Reason.BAD_REQUEST, "Bad Request: No such model/language/tier combination found.")
INVALID_CREDENTIALS = Refusal(401, Reason.INVALID_AUTH, "Invalid credentials.")
NOT_FOUND = Refusal(404, Reason.NOT_FOUND, "Not found.")
TOO_MANY_REQUESTS = Refusal(429, Reason.TOO_MANY_REQUESTS, "Too many requests. Please try again later")
CORRUPT_AUDIO = Refusal(400, Reason.BAD_REQUEST, "Bad Request: failed to process audio: corrupt or unsupported data")
NOT_DECODED_LOCALLY = Refusal(400, Reason.NOT_DECODED_LOCALLY, "MP4 is not decoded here; Deepgram does.")

_BY_STATUS = {
    refusal.status: refusal
    for refusal in (
        NO_SUCH_MODEL,
        INVALID_CREDENTIALS,
        Refusal(
            402,
            Reason.PAYMENT_REQUIRED,
            "Project does not have enough credits for an ASR request and does not have an overage agreement.",
        ),
        Refusal(403, Reason.FORBIDDEN, "Project does not have access to the requested model."),
        NOT_FOUND,
        TOO_MANY_REQUESTS,
    )
}


def refusal_for(status: int) -> Refusal:
    """Return what Deepgram says with *status*; a general sentence for one it seldom uses."""
    return _BY_STATUS.get(status, Refusal(status, Reason.INTERNAL, "The request could not be served."))


def invalid_query(sentence: str) -> Refused:
    """Return the error for a query parameter; *sentence* says which and why."""
    return Refused(Refusal(400, Reason.INVALID_QUERY, sentence))
