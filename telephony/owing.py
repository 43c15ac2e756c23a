"""Owing: who is still to be told of a call, from when on, and by which way. Pure decisions."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from telephony import digests
from telephony.calls import Call, Direction
from telephony.deliveries import TRYING, Channel, Delivery, DeliveryId, DeliveryState
from telephony.hooks import Hook, HookEvent, HookTarget
from telephony.mailboxes import Mailbox


@dataclass(frozen=True, slots=True)
class TextState:
    """What can be told of a call as it stands.

    Attributes:
        is_missed: whether the caller left nothing.
        version: how many attempts at a repair have gone into the text; it never falls.
    """

    is_missed: bool
    version: int = 0


@dataclass(frozen=True, slots=True)
class Debt:
    """A delivery that is not over.

    Attributes:
        since: when it was, or will be, first due; the time in which it is tried counts from then.
        begun: what was written down when somebody last set out to send it; None when nobody has.
        in_digest: whether it waits for a digest, and goes out with others.
    """

    id: DeliveryId
    since: datetime
    begun: Delivery | None = None
    in_digest: bool = False

    def due_at(self, mailbox: Mailbox, now: datetime) -> datetime:
        """Return when it may be sent, which is *now* or later."""
        at = now if self.begun is None else max(now, self.begun.due_at(self.since))
        hours = mailbox.telling.quiet_hours
        if hours is None or self.in_digest or not _waits(self.id.channel, mailbox):
            return at
        return hours.over_at(at, mailbox.timezone)

    def is_last(self, now: datetime) -> bool:
        """Tell whether what fails now has failed for good."""
        return now >= self.since + TRYING


def debts(
    call: Call, mailbox: Mailbox, deliveries: Sequence[Delivery], *, over_at: datetime, text: TextState, now: datetime
) -> tuple[Debt, ...]:
    """Return what is owed about *call*, which was over at that time; first what people get, then programs."""
    if not _is_news(call):
        return ()
    known = {delivery.id: delivery for delivery in deliveries}
    to_people = (_debt_to_people(each, mailbox, over_at, now) for each in _people(call, mailbox))
    targets = (target for hook in mailbox.telling.hooks for target in _targets(hook, known, text))
    to_programs = (Debt(DeliveryId(call.sid, Channel.WEBHOOK, each.recipient), over_at) for each in targets)
    owed = (replace(each, begun=known.get(each.id)) for each in (*to_people, *to_programs))
    return tuple(each for each in owed if each.begun is None or not each.begun.is_over)


def is_told(call: Call, mailbox: Mailbox, delivery: DeliveryId) -> bool:
    """Tell whether *delivery* is to somebody, or to some program, whom *mailbox* tells of such a thing."""
    if not _is_news(call):
        return False
    if delivery.channel is not Channel.WEBHOOK:
        return delivery in _people(call, mailbox)
    try:
        target = HookTarget.of(delivery.recipient)
    except ValueError:
        return False
    return any(hook.id == target.hook_id and target.event in hook.events for hook in mailbox.telling.hooks)


def _is_news(call: Call) -> bool:
    """Tell whether anybody is told of *call*: whoever asked for an outgoing one, or put a file in, looks at it."""
    return call.direction is Direction.INBOUND and not call.is_quiet


def _people(call: Call, mailbox: Mailbox) -> Iterator[DeliveryId]:
    digest = mailbox.telling.digest
    if digest is None or digest.with_sms:
        yield from (DeliveryId(call.sid, Channel.SMS, recipient) for recipient in mailbox.sms_recipients)
    if mailbox.email_recipients:
        yield DeliveryId(call.sid, Channel.EMAIL, mailbox.id)


def _debt_to_people(delivery: DeliveryId, mailbox: Mailbox, over_at: datetime, now: datetime) -> Debt:
    digest, hours = mailbox.telling.digest, mailbox.telling.quiet_hours
    if digest is not None and now < over_at + digests.PATIENCE:
        # Of two in a row, for a call may not be ready for the first.
        first = digest.next_after(over_at, mailbox.timezone)
        return Debt(delivery, digest.next_after(first, mailbox.timezone), in_digest=True)
    since = over_at + digests.PATIENCE if digest else over_at
    if hours is None or not _waits(delivery.channel, mailbox):
        return Debt(delivery, since)
    return Debt(delivery, hours.tried_from(since, mailbox.timezone, TRYING))


def _waits(channel: Channel, mailbox: Mailbox) -> bool:
    """Tell whether a channel keeps quiet hours."""
    hours = mailbox.telling.quiet_hours
    return hours is not None and (channel is Channel.SMS or (channel is Channel.EMAIL and hours.hold_email))


def _targets(hook: Hook, known: dict[DeliveryId, Delivery], text: TextState) -> list[HookTarget]:
    """Return the events that *hook* is to be told of: how the call ended, and that its text is better than it was told.

    What somebody has set out to tell, or to tell again, is told.
    """
    told = {
        target: delivery
        for delivery in known.values()
        if delivery.id.channel is Channel.WEBHOOK
        for target in [HookTarget.of(delivery.id.recipient)]
        if target.hook_id == hook.id
    }
    ended, missed = HookTarget(hook.id, HookEvent.COMPLETED), HookTarget(hook.id, HookEvent.MISSED)
    targets = list(told)
    if ended not in told and not (text.is_missed and missed in told):
        targets.append(missed if text.is_missed else ended)
    as_told = told.get(ended)
    if as_told is not None and as_told.state is DeliveryState.SENT and text.version > int(as_told.reference):
        targets.append(HookTarget(hook.id, HookEvent.REPAIRED, text.version))
    return [target for target in dict.fromkeys(targets) if target.event in hook.events]
