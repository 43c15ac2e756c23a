"""CallControl on Twilio's Calls resource with its Streams and Recordings."""

from typing import TYPE_CHECKING, Final

from telephony.calls import CallSid, parse_call_sid
from telephony.errors import NotFoundError
from telephony.numbers import E164
from telephony.ports.control import StreamOrder
from telephony.ports.services import SecretStore
from telephony.rest.client import TwilioClient
from telephony.streams import StreamSid
from telephony.wire.control import Places, stream_form

if TYPE_CHECKING:
    from twilio.rest import Client

CURRENT: Final = "Twilio.CURRENT"
"""Twilio's name for the one recording that goes on."""

ANSWER_SECONDS: Final = 30
"""How long somebody's telephone rings; Twilio adds some five seconds."""


class TwilioCallControl:
    """Calls as they go on; see `telephony.ports.CallControl`.

    *places* is where Twilio asks us about what is started here.
    """

    def __init__(self, secrets: SecretStore, api_origin: str, places: Places) -> None:
        self._client = TwilioClient(secrets, api_origin)
        self._places = places

    def stop_stream(self, call_sid: CallSid, stream: str | StreamSid) -> bool:
        """End a stream; return False if it is not live. Raises: UpstreamError."""

        def stop(client: "Client") -> bool:
            client.calls(call_sid).streams(stream).update(status="stopped")
            return True

        return self._client.finds(stop)

    def start_stream(self, call_sid: CallSid, order: StreamOrder) -> None:
        """Start a stream. Raises: UpstreamError, NotFoundError."""
        form = stream_form(order, self._places)

        def start(client: "Client") -> bool:
            client.calls(call_sid).streams.create(**form)
            return True

        if not self._client.finds(start):
            raise NotFoundError("call")

    def pause_recording(self, call_sid: CallSid) -> bool:
        """Put silence into the recording; return False if there is none. Raises: UpstreamError."""

        def pause(client: "Client") -> bool:
            # Silence, not a cut: a recording's time stays that of its call.
            client.calls(call_sid).recordings(CURRENT).update(status="paused", pause_behavior="silence")
            return True

        return self._client.finds(pause)

    def resume_recording(self, call_sid: CallSid) -> bool:
        """Let the recording have sound again; return False if there is none. Raises: UpstreamError."""

        def resume(client: "Client") -> bool:
            client.calls(call_sid).recordings(CURRENT).update(status="in-progress")
            return True

        return self._client.finds(resume)

    def dial(self, to: E164, sender: E164) -> CallSid:
        """Ring *to*. Raises: UpstreamError with Twilio's code; WireError if its answer names no call.

        It is uncertain, and not retryable, when no answer came: the telephone may be ringing.
        """
        places = self._places

        def create(client: "Client") -> str:
            call = client.calls.create(
                to=to,
                from_=sender,
                url=places.called,
                method="POST",
                fallback_url=places.called,
                fallback_method="POST",
                status_callback=places.status,
                status_callback_method="POST",
                status_callback_event=["answered", "completed"],
                timeout=ANSWER_SECONDS,
            )
            return str(call.sid)

        return parse_call_sid(self._client.ask(create, is_repeatable=False))
