"""Messages: what a delivery sends, and how it is found out whether it was sent before."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from functions.pipeline.ports import PipelinePorts
from telephony.deliveries import Attempt, Channel, DeliveryId
from telephony.hooks import EVENT_ID_HEADER, SIGNATURE_HEADER, HookTarget, signature
from telephony.notifications import email_text, sms_marker, sms_text
from telephony.numbers import E164
from telephony.voicemail import Voicemail
from telephony.wire.hook_event import hook_body


@dataclass(frozen=True, slots=True)
class Message:
    """A delivery's message.

    Attributes:
        send: sends it, and returns the service's reference.
        find: returns the service's reference if it has taken the message before.
        attempt: of an SMS, what it is found by.
    """

    send: Callable[[], str]
    find: Callable[[], str | None]
    attempt: Attempt | None = None


class MessageWriter:
    """Writes messages. What goes wrong here can be mended and done again: nothing is claimed yet."""

    def __init__(self, ports: PipelinePorts) -> None:
        self._ports = ports

    def message(self, delivery_id: DeliveryId, voicemail: Voicemail, token: str, since: datetime) -> Message:
        """Return the message of a delivery about *voicemail*; *token* is its link's.

        What was sent before *since* was another message, though it says the same.

        Raises: TelephonyError.
        """
        link = f"{self._ports.public_origin}/api/listen/{token}"
        match delivery_id.channel:
            case Channel.SMS:
                text, marker = sms_text(voicemail, link), sms_marker(voicemail, token)
                return self._sms(E164(delivery_id.recipient), voicemail.call.number, text, marker, since)
            case Channel.EMAIL:
                email = email_text(voicemail, link)
                return Message(lambda: self._ports.bulletin.publish(voicemail.mailbox.id, email), lambda: None)
            case Channel.WEBHOOK:
                return self._webhook(HookTarget.of(delivery_id.recipient), voicemail, link)
            case _:
                assert_never(delivery_id.channel)

    def _sms(self, recipient: E164, sender: E164, text: str, marker: str, since: datetime) -> Message:
        return Message(
            lambda: self._ports.texter.send(recipient, sender, text),
            lambda: self._ports.texter.find(recipient, sender, marker, since),
            Attempt(sender, marker, self._ports.clock.now()),
        )

    def _webhook(self, target: HookTarget, voicemail: Voicemail, link: str) -> Message:
        """Return an event. A program cannot be asked whether it has it, but tells repeats by the event's id."""
        hooks = voicemail.mailbox.telling.hooks
        hook = next(each for each in hooks if each.id == target.hook_id)  # the mailbox's own, or it would not be owed
        body = hook_body(voicemail, target, link)
        secrets = self._ports.hook_secrets.valid(voicemail.mailbox.id, hook.id, self._ports.clock.now())

        def post() -> str:
            headers = {
                SIGNATURE_HEADER: signature(secrets, self._ports.clock.now(), body),
                EVENT_ID_HEADER: target.event_id(voicemail.call.sid),
            }
            self._ports.hook_poster.post(hook.url, body, headers)
            return str(voicemail.text_version)

        return Message(post, lambda: None)
