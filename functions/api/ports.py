"""What the API asks of the world."""

from collections.abc import Callable
from dataclasses import dataclass

from fastapi import Request

from functions.api.auth import TokenVerifier
from telephony.ports import (
    AudioStore,
    CallControl,
    CallStore,
    Clock,
    DeliveryStore,
    Directory,
    ErasureStore,
    IdempotencyStore,
    JobQueue,
    JobStore,
    LinkStore,
    OptOutStore,
    OutgoingStore,
    PauseStore,
    SearchIndex,
    Subscribers,
    TicketStore,
    UploadStore,
    UsageStore,
)


@dataclass(frozen=True, slots=True)
class ApiPorts:
    """The API's share of the ports.

    Attributes:
        captions_url: the socket at which live text can be watched.
        has_streamer: whether anybody listens live.
        new_id: returns an unguessable text of 128 bits or more, another one each time.
    """

    directory: Directory
    calls: CallStore
    tickets: TicketStore
    links: LinkStore
    usage: UsageStore
    deliveries: DeliveryStore
    idempotency: IdempotencyStore
    subscribers: Subscribers
    opt_outs: OptOutStore
    search: SearchIndex
    pauses: PauseStore
    outgoing: OutgoingStore
    control: CallControl
    audio: AudioStore
    uploads: UploadStore
    erasure: ErasureStore
    jobs: JobStore
    queue: JobQueue
    tokens: TokenVerifier
    clock: Clock
    captions_url: str
    has_streamer: bool
    new_id: Callable[[], str]


def ports_of(request: Request) -> ApiPorts:
    """Return what the app was made with."""
    ports: ApiPorts = request.app.state.ports
    return ports
