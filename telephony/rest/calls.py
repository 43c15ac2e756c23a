"""CallSource on Twilio's Calls resource."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, TypeVar

from telephony.calls import CallSid, CallStatus
from telephony.errors import NotFoundError, UpstreamError, WireError
from telephony.events import CallFound, RecordingReported
from telephony.ports.services import SecretStore
from telephony.recordings import RecordingStatus, parse_recording_sid
from telephony.rest.client import NOT_FOUND, TwilioClient

if TYPE_CHECKING:
    from twilio.rest import Client
    from twilio.rest.api.v2010.account.call.recording import RecordingInstance

MAX_RECORDINGS: Final = 50
"""Of one call; we make one."""

_UNKNOWN_SECONDS: Final = "-1"
_MS_PER_S: Final = 1_000
_STATUS: Final = {
    "in-progress": RecordingStatus.ANNOUNCED,
    "paused": RecordingStatus.ANNOUNCED,
    "stopped": RecordingStatus.ANNOUNCED,
    "processing": RecordingStatus.ANNOUNCED,
    "completed": RecordingStatus.COMPLETED,
    "absent": RecordingStatus.ABSENT,
    "failed": RecordingStatus.ABSENT,
    "deleted": RecordingStatus.ABSENT,
}

T = TypeVar("T")


class TwilioCalls:
    """Twilio's side of calls; see `telephony.ports.CallSource`."""

    def __init__(self, secrets: SecretStore, api_origin: str) -> None:
        self._client = TwilioClient(secrets, api_origin)

    def call(self, call_sid: CallSid) -> CallFound:
        """Return what Twilio knows of a call. Raises: NotFoundError, WireError, UpstreamError."""

        def fetch(client: "Client") -> CallFound:
            found = client.calls(call_sid).fetch()
            status = CallStatus(found.status)
            if not status.is_final:
                return CallFound(status, None, None)
            return CallFound(status, found.end_time, _seconds(found.duration))

        return self._ask(fetch)

    def recordings(self, call_sid: CallSid) -> tuple[RecordingReported, ...]:
        """Return the call's recordings, in one request. Raises: WireError, UpstreamError."""

        def fetch(client: "Client") -> tuple[RecordingReported, ...]:
            listed = client.calls(call_sid).recordings.list(limit=MAX_RECORDINGS)
            return tuple(_recording(call_sid, each) for each in listed)

        try:
            return self._ask(fetch)
        except NotFoundError:
            return ()

    def _ask(self, question: "Callable[[Client], T]") -> T:
        with _translated():
            return self._client.ask(question)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except UpstreamError as exc:
        if exc.code in NOT_FOUND:
            raise NotFoundError("call") from exc
        raise
    # What the library makes of an answer that is no JSON, or lacks a field.
    except (AttributeError, KeyError, TypeError, ValueError) as exc:
        raise WireError(f"Twilio's answer about a call cannot be read: {type(exc).__name__}") from exc


def _recording(call_sid: CallSid, found: "RecordingInstance") -> RecordingReported:
    return RecordingReported(
        call_sid=call_sid,
        recording_sid=parse_recording_sid(str(found.sid)),
        status=_STATUS[str(found.status)],
        duration_ms=(_seconds(found.duration) or 0) * _MS_PER_S,
    )


def _seconds(text: str | None) -> int | None:
    return None if text in {None, "", _UNKNOWN_SECONDS} else int(str(text))
