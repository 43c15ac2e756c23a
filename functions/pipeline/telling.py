"""Tells people of a voicemail: each delivery claimed, sent, and its outcome stored.

Whoever claims a delivery that another left unfinished asks first whether it was sent. Twilio can be asked; SNS cannot,
so an e-mail goes out again if SNS's answer to it was lost, or a process died before it wrote that answer down.
"""

from datetime import datetime, timedelta

from functions.pipeline.messages import Message, MessageWriter
from functions.pipeline.ports import PipelinePorts
from functions.pipeline.retrying import patiently
from telephony.deliveries import LEASE, Claim, Delivery, DeliveryId, DeliveryState
from telephony.errors import ConflictError, TelephonyError, UpstreamError
from telephony.log import logger
from telephony.metrics import Metric
from telephony.opt_outs import OPTED_OUT
from telephony.voicemail import CallFacts, Tell

LINK_LIFETIME = timedelta(days=30)

TELLING = timedelta(seconds=60)
"""No delivery is begun later in a run than this; the rest is done in the next run, which is asked for at once."""


def after_failure(exc: TelephonyError) -> DeliveryState:
    """Return what a delivery is after *exc*: FAILED for good, or still CLAIMED, to be tried again."""
    return DeliveryState.FAILED if _is_refusal(exc) else DeliveryState.CLAIMED


class Teller:
    """Sends what is owed, once to each."""

    def __init__(self, ports: PipelinePorts) -> None:
        self._ports = ports
        self._writer = MessageWriter(ports)

    def tell(self, step: Tell, facts: CallFacts) -> None:
        """Tell everyone in *step*; the failure of one recipient does not keep the next from being told.

        A delivery that somebody else has claimed is theirs until the lease ends. What a service refused for good has
        FAILED; what it could not take now is tried again later, until *step* says that it is the last attempt.

        Raises: TelephonyError if a delivery could not be claimed, or an outcome not be stored.
        """
        began_at = self._ports.clock.now()
        token = self._ports.links.link(step.voicemail.call.sid, LINK_LIFETIME, self._ports.clock.now())
        is_first = not any(delivery.state is DeliveryState.SENT for delivery in facts.deliveries)
        failures: list[TelephonyError] = []
        for delivery_id in step.deliveries:
            if self._ports.clock.now() >= began_at + TELLING:
                self._ports.follow_ups.schedule(delivery_id.call_sid, timedelta())
                break
            try:
                is_sent = self._deliver(delivery_id, step, token, _owed_since(delivery_id, facts, step))
            except TelephonyError as exc:
                failures.append(exc)
                continue
            if is_sent and is_first:
                self._measure(facts)
                is_first = False
        if failures:
            raise failures[0]

    def _deliver(self, delivery_id: DeliveryId, step: Tell, token: str, since: datetime) -> bool:
        message = self._writer.message(delivery_id, step.voicemail, token, since)
        try:
            claim = self._ports.deliveries.claim(delivery_id, self._ports.clock.now(), message.attempt)
        except ConflictError:
            return False
        outcome = self._outcome(delivery_id, message, claim, is_last=step.is_last_attempt)
        logger().info(
            "delivery-ended" if outcome.is_over else "delivery-postponed",
            call_sid=delivery_id.call_sid,
            channel=delivery_id.channel,
            state=outcome.state,
            reference=outcome.reference,
            trouble=outcome.trouble,
        )
        patiently(lambda: self._ports.deliveries.finish(outcome), self._ports.sleep)
        if outcome.is_over:
            is_sent = outcome.state is DeliveryState.SENT
            if outcome.trouble != OPTED_OUT:  # which nobody is to be alarmed at
                self._ports.meter.add(Metric.MESSAGE_SENT if is_sent else Metric.MESSAGE_FAILED)
            return is_sent
        self._ports.follow_ups.schedule(delivery_id.call_sid, LEASE)
        return False

    def _outcome(self, delivery_id: DeliveryId, message: Message, claim: Claim, *, is_last: bool) -> Delivery:
        try:
            reference = message.find() if claim is Claim.TAKEN_OVER else None
        except TelephonyError as exc:  # it may have been sent: not to know is no reason to send it again
            return self._unsent(delivery_id, exc, is_refused=is_last)
        try:
            reference = reference or patiently(message.send, self._ports.sleep)
        except TelephonyError as exc:
            return self._unsent(delivery_id, exc, is_refused=is_last or _is_refusal(exc))
        return Delivery(delivery_id, DeliveryState.SENT, self._ports.clock.now(), reference=reference)

    def _unsent(self, delivery_id: DeliveryId, exc: TelephonyError, *, is_refused: bool) -> Delivery:
        state = DeliveryState.FAILED if is_refused else DeliveryState.CLAIMED
        trouble = exc.code if isinstance(exc, UpstreamError) else type(exc).__name__
        return Delivery(delivery_id, state, self._ports.clock.now(), trouble=trouble)

    def _measure(self, facts: CallFacts) -> None:
        """Measure how long the first message took. Two processes at once may both think theirs was the first.

        Not where the mailbox wants people left in peace for a while.
        """
        if facts.mailbox is not None and (facts.mailbox.telling.quiet_hours or facts.mailbox.telling.digest):
            return
        ended_at = (facts.call and facts.call.ended_at) or facts.transcript.ended_at
        if ended_at is not None:
            took = self._ports.clock.now() - ended_at
            self._ports.meter.add(Metric.TOLD_AFTER_MS, max(took / timedelta(milliseconds=1), 0))


def _owed_since(delivery_id: DeliveryId, facts: CallFacts, step: Tell) -> datetime:
    """Return when somebody asked that it be sent again, or else when the call began."""
    asked = (each.asked_at for each in facts.deliveries if each.id == delivery_id)
    return next(asked, None) or step.voicemail.call.started_at


def _is_refusal(exc: TelephonyError) -> bool:
    """Tell whether a service will not take the message, ever: not if it gave no answer, or lacks what we can mend."""
    is_open = isinstance(exc, UpstreamError) and (exc.retryable or exc.is_uncertain or exc.is_denied)
    return isinstance(exc, UpstreamError) and not is_open
