"""Sends digests: of the calls on a list, each that is still owed is claimed, told of with the others, and finished."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from functions.pipeline.ports import PipelinePorts
from functions.pipeline.retrying import patiently
from functions.pipeline.telling import LINK_LIFETIME, after_failure
from telephony import digests
from telephony.calls import CallSid
from telephony.deliveries import Attempt, Channel, Claim, Delivery, DeliveryId, DeliveryState
from telephony.errors import ConflictError, TelephonyError, UpstreamError
from telephony.log import logger
from telephony.mailboxes import Mailbox
from telephony.metrics import Metric
from telephony.numbers import E164
from telephony.opt_outs import OPTED_OUT
from telephony.owing import Debt
from telephony.summaries import Entry, email_summary, sms_summary, sms_summary_marker
from telephony.voicemail import SendDigest, describe, digest_debts

GATHERING = timedelta(seconds=30)
"""No call is looked at later in a run than this; those that are left wait for the next digest."""

CLAIMING = timedelta(seconds=60)
"""Nor claimed later than this."""


MOST_SENDERS = 3
"""From so many numbers of a mailbox, the latest called ones, it is asked whether a digest's SMS was sent."""


@dataclass(frozen=True, slots=True)
class _Call:
    """A call that is owed.

    Attributes:
        debts: to whom.
    """

    entry: Entry
    debts: tuple[Debt, ...]


@dataclass(frozen=True, slots=True)
class _Claimed:
    """A delivery that is ours.

    Attributes:
        begun_at: when somebody else set out to send it, and did not finish; None when nobody had.
    """

    id: DeliveryId
    entry: Entry
    begun_at: datetime | None


class Digester:
    """Tells people of several calls in one message, of each once."""

    def __init__(self, ports: PipelinePorts, patience: timedelta) -> None:
        self._ports = ports
        self._patience = patience

    def send(self, step: SendDigest, call_sid: CallSid) -> None:
        """Tell of the calls on the list, and of *call_sid*, unless the digest is another's or was sent.

        What a service could not take now is tried again after a while, and then with the next digest. The failure of
        one recipient does not keep the next from being told.

        Raises: TelephonyError if something could not be read or written down.
        """
        try:
            self._ports.digests.claim(step.mailbox_id, step.slot, self._ports.clock.now())
        except ConflictError:
            return
        began_at = self._ports.clock.now()
        until = began_at + CLAIMING
        calls = self._calls(step, call_sid, began_at + GATHERING)
        to_whom = dict.fromkeys((debt.id.channel, debt.id.recipient) for call in calls for debt in call.debts)
        is_over, failures = True, []
        for each in to_whom:
            try:
                is_over &= self._tell(step.slot, self._claimed(step.slot, calls, *each, until), *each)
            except TelephonyError as exc:
                failures.append(exc)
        if is_over and not failures:
            self._ports.digests.finish(step.mailbox_id, step.slot)
        else:
            self._ports.follow_ups.schedule(call_sid, digests.LEASE)
        if failures:
            raise failures[0]

    def _calls(self, step: SendDigest, call_sid: CallSid, until: datetime) -> list[_Call]:
        """Return the calls that are owed, the oldest first."""
        listed = self._ports.digests.listed(step.mailbox_id, step.slot, digests.MAX_CALLS)
        found = []
        for each in dict.fromkeys((call_sid, *listed)):
            now = self._ports.clock.now()
            if now >= until:
                break
            facts = self._ports.calls.facts(each)
            owed = digest_debts(facts, now, self._patience)
            if owed and facts.call is not None and facts.mailbox is not None:
                token = self._ports.links.link(each, LINK_LIFETIME, now)
                link = f"{self._ports.public_origin}/api/listen/{token}"
                found.append(_Call(Entry(describe(facts.call, facts.mailbox, facts), link), owed))
        return sorted(found, key=lambda call: call.entry.voicemail.call.started_at)

    def _tell(self, slot: datetime, claimed: Sequence[_Claimed], channel: Channel, recipient: str) -> bool:
        """Tell one recipient, and return whether nothing is left to be done about it."""
        if not claimed:
            return True
        sent_before = self._sent_before(claimed, channel, recipient)
        for each in claimed:
            if each.id in sent_before:
                self._finish(each.id, DeliveryState.SENT, reference=sent_before[each.id])
        left = [each for each in claimed if each.id not in sent_before]
        return not left or self._send(slot, left, channel, recipient)

    def _claimed(
        self, slot: datetime, calls: Sequence[_Call], channel: Channel, recipient: str, until: datetime
    ) -> Sequence[_Claimed]:
        owed = [
            (debt, call.entry)
            for call in calls
            for debt in call.debts
            if (debt.id.channel, debt.id.recipient) == (channel, recipient)
        ]
        claimed = []
        for debt, entry in owed:
            now = self._ports.clock.now()
            if now >= until:
                break
            try:
                claim = self._ports.deliveries.claim(debt.id, now, _attempt(channel, entry, slot, now))
            except ConflictError:
                continue
            begun = debt.begun if claim is Claim.TAKEN_OVER else None
            claimed.append(_Claimed(debt.id, entry, begun.changed_at if begun else None))
        return claimed

    def _sent_before(self, claimed: Sequence[_Claimed], channel: Channel, recipient: str) -> dict[DeliveryId, str]:
        """Return those that were sent by somebody who could not write it down; of SMS alone it can be found out."""
        mailbox = claimed[-1].entry.voicemail.mailbox
        digest = mailbox.telling.digest
        if channel is not Channel.SMS or digest is None:
            return {}
        begun = {each.id: digest.last_until(each.begun_at, mailbox.timezone) for each in claimed if each.begun_at}
        senders = list(dict.fromkeys(each.entry.voicemail.call.number for each in reversed(claimed)))[:MOST_SENDERS]
        found = {slot: self._found(mailbox, slot, E164(recipient), senders) for slot in set(begun.values())}
        return {each: reference for each, slot in begun.items() if (reference := found[slot])}

    def _found(self, mailbox: Mailbox, slot: datetime, recipient: E164, senders: Iterable[E164]) -> str | None:
        """Return the reference of a digest's SMS; it came from the number of the newest call in it."""
        marker = sms_summary_marker(mailbox, slot)
        found = (self._ports.texter.find(recipient, sender, marker, slot) for sender in senders)
        return next((reference for reference in found if reference is not None), None)

    def _send(self, slot: datetime, claimed: Sequence[_Claimed], channel: Channel, recipient: str) -> bool:
        newest = claimed[-1].entry.voicemail
        entries = [each.entry for each in claimed]
        send = self._sender(slot, newest.mailbox, entries, channel, recipient, newest.call.number)
        try:
            reference = patiently(send, self._ports.sleep)
        except TelephonyError as exc:
            state = after_failure(exc)
            trouble = exc.code if isinstance(exc, UpstreamError) else type(exc).__name__
            reference = ""
        else:
            state, trouble = DeliveryState.SENT, ""
        for each in claimed:
            self._finish(each.id, state, reference=reference, trouble=trouble)
        logger().info("digest-ended", channel=channel, state=state, calls=len(claimed), trouble=trouble)
        if state is not DeliveryState.CLAIMED and trouble != OPTED_OUT:
            is_sent = state is DeliveryState.SENT
            self._ports.meter.add(Metric.MESSAGE_SENT if is_sent else Metric.MESSAGE_FAILED)
        return state is not DeliveryState.CLAIMED

    def _sender(
        self,
        slot: datetime,
        mailbox: Mailbox,
        entries: Sequence[Entry],
        channel: Channel,
        recipient: str,
        number: E164,
    ) -> Callable[[], str]:
        if channel is Channel.SMS:
            text = sms_summary(mailbox, slot, entries)
            return lambda: self._ports.texter.send(E164(recipient), number, text)
        email = email_summary(mailbox, slot, entries)
        return lambda: self._ports.bulletin.publish(mailbox.id, email)

    def _finish(self, delivery_id: DeliveryId, state: DeliveryState, *, reference: str = "", trouble: str = "") -> None:
        outcome = Delivery(delivery_id, state, self._ports.clock.now(), reference=reference, trouble=trouble)
        patiently(lambda: self._ports.deliveries.finish(outcome), self._ports.sleep)


def _attempt(channel: Channel, entry: Entry, slot: datetime, now: datetime) -> Attempt | None:
    """Return what a digest's SMS is found by, if it comes from the number that was called."""
    if channel is not Channel.SMS:
        return None
    return Attempt(entry.voicemail.call.number, sms_summary_marker(entry.voicemail.mailbox, slot), now)
