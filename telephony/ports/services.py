"""What the domain asks of the clock, of Twilio, Deepgram and AWS. Every method may raise UpstreamError."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from telephony.calls import CallSid
from telephony.credentials import DeepgramCredentials, TwilioCredentials
from telephony.events import CallFound, RecordingReported
from telephony.mailboxes import Listening
from telephony.notifications import Email
from telephony.number_addresses import NumberAddresses, NumberSid, OwnedNumber
from telephony.numbers import E164, MailboxId
from telephony.recordings import RecordedWord, RecordingSid


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """Return the time, aware, in UTC."""
        ...


class RecordingSource(Protocol):
    """Twilio's side of recordings."""

    def fetch(self, recording_sid: RecordingSid) -> bytes:
        """Return the recording as WAV.

        Raises: NotFoundError while (or if) it is not there, WireError if what comes is no WAV.
        """
        ...


class CallSource(Protocol):
    """Twilio's side of calls."""

    def call(self, call_sid: CallSid) -> CallFound:
        """Return what Twilio knows of a call. Raises: NotFoundError, WireError."""
        ...

    def recordings(self, call_sid: CallSid) -> tuple[RecordingReported, ...]:
        """Return the call's recordings; none for a call that Twilio does not know. Raises: WireError."""
        ...


@dataclass(frozen=True, slots=True)
class Transcription:
    """What a piece of sound says, in its own time."""

    words: tuple[RecordedWord, ...]
    duration_ms: int


class BatchTranscriber(Protocol):
    """Puts recorded sound in writing."""

    def transcribe(self, audio: bytes, listening: Listening) -> Transcription:
        """Return what the first channel of a file of sound says, and how long the file is.

        Raises: WireError if it is not taken for sound, or the answer cannot be read.
        """
        ...


class Texter(Protocol):
    """Sends SMS."""

    def send(self, to: E164, sender: E164, text: str) -> str:
        """Send, and return the service's reference. Raises: UpstreamError."""
        ...

    def find(self, to: E164, sender: E164, marker: str, since: datetime) -> str | None:
        """Return the reference of an SMS with *marker* in its text that was taken since then, or None."""
        ...


class Bulletin(Protocol):
    """Tells everyone who subscribed to a mailbox."""

    def publish(self, mailbox_id: MailboxId, email: Email) -> str:
        """Publish to the mailbox's subscribers, and return the service's reference."""
        ...

    def subscribe(self, mailbox_id: MailboxId, address: str) -> None:
        """Have *address* told of this mailbox and no other, once its owner has confirmed."""
        ...


class FollowUps(Protocol):
    """Looks at calls again later."""

    def schedule(self, call_sid: CallSid, delay: timedelta) -> None:
        """Have the call looked at after *delay*, or somewhat before when it is longer than the queue can wait."""
        ...

    def prepare(self, mailbox_id: MailboxId) -> None:
        """Have what the mailbox says spoken and kept, soon; when that fails, again a few times."""
        ...


class SecretStore(Protocol):
    """The credentials, read again now and then so that a rotation needs no deploy."""

    def twilio(self, *, fresh: bool = False) -> TwilioCredentials:
        """Return Twilio's credentials; *fresh* asks for a new reading, granted at most every few seconds.

        Raises: ConfigurationError.
        """
        ...

    def deepgram(self) -> DeepgramCredentials:
        """Return Deepgram's credentials. Raises: ConfigurationError."""
        ...


class NumberSource(Protocol):
    """Twilio's side of our numbers."""

    def find(self, number: E164) -> OwnedNumber:
        """Return a number as it is now. Raises: NotFoundError if the account does not own it."""
        ...

    def change(self, sid: NumberSid, addresses: NumberAddresses) -> None:
        """Have Twilio ask these from the next call on. Raises: NotFoundError."""
        ...
