"""CallControl on Twilio's Calls resource with its Streams and Recordings."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from telephony.calls import CallSid, parse_call_sid
from telephony.errors import NotFoundError, UpstreamError, WireError
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

OUTGOING: Final = "outbound-api"
"""Twilio's word for a call that was asked for by its REST API."""

MOST_DIALLED: Final = 20
"""Calls from one number to one other that are looked through."""

SKEW: Final = timedelta(minutes=1)
"""By how much Twilio's clock and ours may differ, and its whole seconds."""

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
        """Ring *to*. Raises: UpstreamError with Twilio's code.

        It is uncertain, and not retryable, when no answer came that can be read, or a 5xx: the telephone may ring.
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

        try:
            return parse_call_sid(self._client.ask(create, is_repeatable=False))
        except (AttributeError, KeyError, TypeError, ValueError, WireError) as exc:  # a good status, and then no call
            raise UpstreamError("twilio", "unreadable", retryable=False, is_uncertain=True) from exc

    def dialled(self, to: E164, sender: E164, since: datetime) -> tuple[CallSid, ...]:
        """Return the latest calls that were asked for since then, newest first. Raises: UpstreamError, WireError."""

        def search(client: "Client") -> tuple[CallSid, ...]:
            newest_first = client.calls.list(to=to, from_=sender, limit=MOST_DIALLED)
            return tuple(
                parse_call_sid(str(each.sid))
                for each in newest_first
                if each.direction == OUTGOING and each.date_created is not None and each.date_created >= since - SKEW
            )

        return self._client.ask(search)
