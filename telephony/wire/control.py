"""What we ask of Twilio's REST API about calls that go on, as its forms want it."""

from dataclasses import dataclass
from typing import Final

from telephony.coverage import Track
from telephony.ports.control import StreamOrder
from telephony.wire.callbacks import STREAM_NAME, TICKET_PARAMETER, address
from telephony.wire.webhooks import WebhookPath

_TRACKS: Final = {
    frozenset({Track.INBOUND}): "inbound_track",
    frozenset({Track.OUTBOUND}): "outbound_track",
    frozenset(Track): "both_tracks",
}


@dataclass(frozen=True, slots=True)
class Places:
    """Where Twilio reaches us.

    Attributes:
        public_origin: of the webhooks.
        media_url: of the media streams.
    """

    public_origin: str
    media_url: str

    @property
    def called(self) -> str:
        """Asked what to do when somebody has answered whom we rang."""
        return address(self.public_origin, WebhookPath.CALLED)

    @property
    def status(self) -> str:
        """Told what became of a call."""
        return address(self.public_origin, WebhookPath.STATUS)

    @property
    def stream(self) -> str:
        """Told what became of a stream."""
        return address(self.public_origin, WebhookPath.STREAM)


def stream_form(order: StreamOrder, places: Places) -> dict[str, str]:
    """Return the fields that start a stream, by the library's names."""
    return {
        "url": places.media_url,
        "name": order.name,
        "track": _TRACKS[frozenset(order.ticket.tracks)],
        "status_callback": places.stream,
        "status_callback_method": "POST",
        "parameter1_name": TICKET_PARAMETER,
        "parameter1_value": order.ticket.id,
    }


def stream_name(pauses: int) -> str:
    """Return the name of the stream of a call after so many pauses."""
    return STREAM_NAME if not pauses else f"{STREAM_NAME}-{pauses}"
