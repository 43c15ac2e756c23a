"""Routes: for each webhook, read what is known, ask `telephony.answering`, write and answer what it says."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import assert_never

from functions.webhooks.gate import Webhook
from functions.webhooks.ports import WebhookPorts
from telephony import answering, outgoing
from telephony.answering import AfterDial, Answer, Apologise, EndUnrecorded, HangUp, Parties, SayNothing
from telephony.calls import Call, CallSid, CallStage, Direction
from telephony.consent import ConsentProof, has_agreed
from telephony.errors import NotFoundError, WireError
from telephony.events import CallStatusReported, DialEnded, IncomingCall, RecordingReported, StreamEventKind
from telephony.log import logger
from telephony.mailboxes import Mailbox
from telephony.metrics import Metric
from telephony.numbers import E164
from telephony.opt_outs import OptOut, OptOutSource, SmsKeyword
from telephony.streams import Ticket, TicketId
from telephony.wire import webhooks
from telephony.wire.form import Form
from telephony.wire.webhooks import WebhookPath

_Decision = Callable[..., tuple[ConsentProof | None, Ticket | None, Answer]]

_MAX_LOGGED_CHARS = 200
"""Of Twilio's words about a stream; they are one sentence."""


@dataclass(frozen=True, slots=True)
class Routes:
    """What each webhook does. Every method takes a request that the gate let through, any number of times.

    The methods named after a webhook raise WireError and UpstreamError. For when they fail there are those called
    `blind_...`, which need the form alone and raise nothing; they answer None where Twilio must be told of the failure,
    so that it tries again.

    Attributes:
        has_streamer: whether anybody listens live.
    """

    ports: WebhookPorts
    has_streamer: bool

    def voice(self, webhook: Webhook) -> Answer:
        """Answer a new call: one read, one write."""
        event = webhooks.incoming_call(webhook.form)
        try:
            number, mailbox = self.ports.directory.answering(event.number)
        except NotFoundError:
            logger().warning("unknown-number-called", number_pii=event.number)
            return Apologise()
        opening = answering.open_call(event, number, mailbox, now=self.ports.clock.now(), ticket_id=self._ticket_id())
        self.ports.calls.begin(opening.call, opening.ticket)
        self._prove(opening.answer, event.call_sid, WebhookPath.VOICE)
        return opening.answer

    def called(self, webhook: Webhook) -> Answer:
        """Go on when somebody has answered whom we rang; the API may not have written the call down."""
        event = webhooks.incoming_call(webhook.form)
        _, mailbox = self.ports.directory.answering(event.number)
        now = self.ports.clock.now()
        stage, ticket, answer = answering.taking_message(
            event.call_sid, outgoing.mailbox_for(mailbox), now=now, ticket_id=self._ticket_id()
        )
        try:
            self.ports.calls.advance(event.call_sid, stage, ticket)
        except NotFoundError:
            self.ports.calls.begin(self._rung(event, mailbox, stage), ticket)
        self.ports.calls.report(event.call_sid, event.status, now, None)
        self._prove(answer, event.call_sid, WebhookPath.CALLED)
        return answer

    def dialed(self, webhook: Webhook) -> Answer:
        """Go on after a person was rung."""
        event = webhooks.dial_ended(webhook.form)
        match answering.after_dial(event):
            case AfterDial.END:
                self._close_answered(event)
                return HangUp()
            case AfterDial.MISS:
                return HangUp()
            case AfterDial.TAKE_MESSAGE:
                return self._take_message(event)
            case other:
                assert_never(other)

    def announced(self, webhook: Webhook) -> Answer:
        """Go on after the recording was announced: that it was is stored first."""
        return self._go_on(webhook, WebhookPath.ANNOUNCED, answering.after_announcement)

    def consented(self, webhook: Webhook) -> Answer:
        """Go on after a caller was asked to agree to the recording: what they answered is stored first."""
        return self._go_on(webhook, WebhookPath.CONSENTED, answering.after_consent)

    def recorded(self, webhook: Webhook) -> Answer:
        """Go on after the message."""
        event = webhooks.message_ended(webhook.form)
        if event is not None:
            self._store(event, webhook.query)
        return answering.after_message(pressed_key=webhooks.pressed_key(webhook.form))

    def recording(self, webhook: Webhook) -> None:
        """Store what became of a recording, also of a call we have not heard of."""
        self._store(webhooks.recording_reported(webhook.form), webhook.query)

    def status(self, webhook: Webhook) -> None:
        """Store what became of a call."""
        event = webhooks.call_status_reported(webhook.form)
        try:
            self._report(event)
        except NotFoundError:
            self._begin_reported(event, is_outgoing=webhooks.is_outgoing(webhook.form))

    def stream(self, webhook: Webhook) -> None:
        """Count the streams that Twilio could not keep up; what they brought, the streamer has written."""
        event = webhooks.stream_reported(webhook.form)
        if event.kind is StreamEventKind.ERROR:
            self.ports.meter.add(Metric.STREAM_FAILED)
            logger().warning("stream-failed", stream_sid=event.stream_sid, error=event.error[:_MAX_LOGGED_CHARS])

    def sms(self, webhook: Webhook) -> Answer:
        """Write down who wants no SMS, or wants them again. Twilio has answered them, and stops or goes on by itself.

        Any other text is for people, whom this number has none of: nothing of it is kept.

        Twilio takes anything but TwiML in answer to a text for an error of ours (12300).
        """
        event = webhooks.sms_received(webhook.form)
        if event.sender is not None:
            self._heed(event.asks, event.sender, event.number)
        logger().info("sms-received", asks=event.asks)
        return SayNothing()

    def _heed(self, asks: SmsKeyword | None, sender: E164, number: E164) -> None:
        now = self.ports.clock.now()
        match asks:
            case SmsKeyword.STOP:
                self.ports.opt_outs.mark(OptOut(sender, number, now, OptOutSource.STOP))
            case SmsKeyword.START:
                self.ports.opt_outs.lift(sender, number, now)
            case SmsKeyword.HELP | None:
                pass
            case other:
                assert_never(other)

    def fallback(self, webhook: Webhook) -> Answer:
        """Answer in place of a webhook that Twilio got no answer from."""
        return self.blind_voice(webhook.form)

    def blind_voice(self, form: Form) -> Answer:
        """Answer a call without the table."""
        try:
            answer = answering.without_table(webhooks.parties(form))
        except WireError:
            return Apologise()
        self.ports.meter.add(Metric.FALLBACK_ANSWERED)
        return answer

    def blind_dialed(self, form: Form) -> Answer | None:
        """Go on after a person was rung, without the table; None when that must be written down first."""
        try:
            was_answered = webhooks.dial_ended(form).was_answered
        except WireError:
            was_answered = False
        return None if was_answered else self.blind_voice(form)

    def blind_consented(self, form: Form) -> Answer | None:
        """Take the message of a caller who has agreed, without the table; else Twilio is told, and asks again."""
        return self.blind_voice(form) if has_agreed(webhooks.key_of_consent(form)) else None

    def blind_recorded(self, form: Form) -> Answer:
        """Go on after the message; the recording's own callback will say again what could not be stored."""
        return answering.after_message(pressed_key=webhooks.pressed_key(form))

    def _rung(self, event: IncomingCall, mailbox: Mailbox, stage: CallStage) -> Call:
        call = outgoing.call_to(
            event.caller,
            sid=event.call_sid,
            sender=event.number,
            mailbox_id=mailbox.id,
            now=self.ports.clock.now(),
            status=event.status,
        )
        return replace(call, stage=stage)

    def _go_on(self, webhook: Webhook, path: WebhookPath, decide: _Decision) -> Answer:
        event = webhooks.consent_answered(webhook.form)
        _, mailbox = self.ports.directory.answering(event.number)
        if webhooks.is_outgoing(webhook.form):
            mailbox = outgoing.mailbox_for(mailbox)
        proof, ticket, answer = decide(
            event, mailbox, now=self.ports.clock.now(), ticket_id=self._ticket_id(), webhook=path
        )
        if proof is not None:
            self.ports.consents.record(proof)
        if not isinstance(answer, EndUnrecorded):
            self.ports.calls.advance(event.call_sid, CallStage.TAKING_MESSAGE, ticket)
        return answer

    def _ticket_id(self) -> TicketId | None:
        return TicketId(self.ports.new_id()) if self.has_streamer else None

    def _close_answered(self, event: DialEnded) -> None:
        try:
            self.ports.calls.advance(event.call_sid, CallStage.ANSWERED, None)
        except NotFoundError:  # erased while they spoke
            logger().warning("unknown-call-answered")

    def _take_message(self, event: DialEnded) -> Answer:
        now = self.ports.clock.now()
        try:
            _, mailbox = self.ports.directory.answering(event.number)
        except NotFoundError:  # given up while a person was rung
            logger().warning("unknown-number-called", number_pii=event.number)
            return Apologise()
        stage, ticket, answer = answering.taking_message(event.call_sid, mailbox, now=now, ticket_id=self._ticket_id())
        try:
            self.ports.calls.advance(event.call_sid, stage, ticket)
        except NotFoundError:  # answered before the table was there, or erased while a person was rung
            logger().warning("unknown-call-dialed")
            self.ports.calls.begin(replace(answering.dialed_call(event, mailbox, now), stage=stage), ticket)
            # In case its own beginning was written just before.
            self.ports.calls.advance(event.call_sid, stage, None)
        self._prove(answer, event.call_sid, WebhookPath.DIALED)
        return answer

    def _prove(self, answer: Answer, call_sid: CallSid, webhook: WebhookPath) -> None:
        proof = answering.announced(answer, call_sid, now=self.ports.clock.now(), webhook=webhook)
        if proof is not None:
            self.ports.consents.record(proof)

    def _store(self, event: RecordingReported, query: Form) -> None:
        parties = webhooks.parties_of_query(query)
        if parties is not None:
            self._begin_late(event, parties)
        self.ports.recordings.report(answering.reported_recording(event, self.ports.clock.now()))

    def _begin_late(self, event: RecordingReported, parties: Parties) -> None:
        """Write down a call that was answered without the table."""
        try:
            _, mailbox = self.ports.directory.answering(parties.number)
        except NotFoundError:
            logger().warning("unknown-number-called", number_pii=parties.number)
            return
        now = self.ports.clock.now()
        call = answering.late_call(event, parties, mailbox, now)
        self.ports.calls.begin(call, None)
        try:
            # Begun before, maybe ringing a person, if the table went away in between.
            self.ports.calls.advance(call.sid, call.stage, None)
            self.ports.calls.report(call.sid, call.status, now, None)
        except NotFoundError:
            logger().info("erased-call-reported")

    def _begin_reported(self, event: CallStatusReported, *, is_outgoing: bool) -> None:
        """Write down a call of which its status is the first we hear, if it was to us."""
        try:
            _, mailbox = self.ports.directory.answering(event.number)
        except NotFoundError:
            logger().warning("status-of-unknown-call", status=event.status)
            return
        call = answering.reported_call(event, mailbox, self.ports.clock.now())
        self.ports.calls.begin(replace(call, direction=Direction.OUTBOUND) if is_outgoing else call, None)
        try:
            self._report(event)  # in case its own beginning was written just before
        except NotFoundError:
            logger().info("erased-call-reported")

    def _report(self, event: CallStatusReported) -> None:
        self.ports.calls.report(event.call_sid, event.status, self.ports.clock.now(), event.duration_s)
