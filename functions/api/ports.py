"""What the API asks of the world."""

from collections.abc import Callable
from dataclasses import dataclass

from fastapi import Request

from functions.api.auth import TokenVerifier
from telephony.ports.control import CallControl
from telephony.ports.erasure import ErasureStore
from telephony.ports.idempotency import IdempotencyStore
from telephony.ports.jobs import JobQueue, JobStore
from telephony.ports.outgoing import OutgoingStore
from telephony.ports.pauses import PauseStore
from telephony.ports.search import SearchIndex
from telephony.ports.services import Clock
from telephony.ports.stores import AudioStore, CallStore, DeliveryStore, Directory, LinkStore, TicketStore
from telephony.ports.subscribers import Subscribers
from telephony.ports.telling import HookSecrets, OptOutStore
from telephony.ports.uploads import UploadStore
from telephony.ports.usage import UsageStore


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
    hook_secrets: HookSecrets
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
