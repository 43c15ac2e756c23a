"""What the webhooks ask of the world."""

from collections.abc import Callable
from dataclasses import dataclass

from telephony.metrics import Meter
from telephony.ports.consents import ConsentStore
from telephony.ports.services import Clock, SecretStore
from telephony.ports.stores import AudioStore, CallStore, Directory, RecordingStore
from telephony.ports.telling import OptOutStore


@dataclass(frozen=True, slots=True)
class WebhookPorts:
    """The webhooks' share of the ports.

    Attributes:
        open_audio: gives the store of phrases; asked with the first phrase, so that no call waits for it.
        new_id: makes identifiers that nobody can guess: 128 bits of randomness or more.
    """

    directory: Directory
    calls: CallStore
    recordings: RecordingStore
    opt_outs: OptOutStore
    consents: ConsentStore
    open_audio: Callable[[], AudioStore]
    secrets: SecretStore
    meter: Meter
    clock: Clock
    new_id: Callable[[], str]
