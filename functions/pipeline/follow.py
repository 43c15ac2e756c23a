"""Follows one call: asks the domain what must happen next, and does it."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, assert_never

from functions.pipeline.digesting import Digester
from functions.pipeline.fetching import Fetcher
from functions.pipeline.indexing import Indexer
from functions.pipeline.ports import PipelinePorts
from functions.pipeline.repairing import Repairer
from functions.pipeline.telling import Teller
from telephony.calls import CallSid
from telephony.errors import TelephonyError, UpstreamError
from telephony.log import logger
from telephony.usage import usage_of
from telephony.voicemail import (
    PATIENCE,
    CallFacts,
    Close,
    Enlist,
    FetchRecording,
    IndexTranscript,
    LookAgain,
    NoteKind,
    RepairTranscript,
    SendDigest,
    Step,
    Tell,
    next_steps,
    noting,
)

FAR: Final = timedelta(minutes=30)
"""A call that is to be looked at later than this, when quiet hours end or a digest is due, is left to the sweeper until
then: it comes by every few minutes anyway, and each of its looks would start one more round of waiting in the queue."""


class Follower:
    """Does what a call's facts ask for. Doing it again, or twice at once, changes nothing and tells nobody twice."""

    def __init__(self, ports: PipelinePorts, patience: timedelta = PATIENCE, *, is_searched: bool = True) -> None:
        self._ports = ports
        self._patience = patience
        self._is_searched = is_searched
        self._teller = Teller(ports)
        self._digester = Digester(ports, patience)
        self._fetcher = Fetcher(ports)
        self._repairer = Repairer(ports)
        self._indexer = Indexer(ports)

    def follow(self, call_sid: CallSid, *, is_checked: bool = False) -> None:
        """Do all that must happen now. One step's failure does not keep the others from being done.

        *is_checked* says that Twilio was just asked for the recordings of the call, which is over.

        What a step writes down wakes the pipeline again through the table's stream, so the facts are read once here:
        that wake-up comes whatever happens to this process, and a second way to the same place would have to be tested.

        Raises: TelephonyError if anything failed that another call of this can mend.
        """
        facts = replace(self._ports.calls.facts(call_sid), is_checked=is_checked)
        self._speak_for_the_next(facts)
        failures: list[TelephonyError] = []
        now = self._ports.clock.now()
        steps = next_steps(facts, now, self._patience, is_searched=self._is_searched)
        for step in (*steps, *noting(facts, now, self._patience)):
            try:
                self._do(step, call_sid, facts)
            except TelephonyError as exc:
                logger().warning("step-failed", call_sid=call_sid, step=type(step).__name__, error=str(exc))
                failures.append(exc)
        if failures:
            raise failures[0]

    def _speak_for_the_next(self, facts: CallFacts) -> None:
        """Have a mailbox prepared to whose caller Twilio's own voice has spoken; the next one hears its own."""
        if facts.call is None or facts.mailbox is None or not facts.mailbox.unspoken or facts.call.status.is_final:
            return
        try:
            self._ports.follow_ups.prepare(facts.mailbox.id)
        except UpstreamError as exc:  # no reason to keep the call waiting
            logger().warning("mailbox-unprepared", mailbox_id=facts.mailbox.id, error=str(exc))

    def _do(self, step: Step, call_sid: CallSid, facts: CallFacts) -> None:
        match step:
            case Tell():
                self._teller.tell(step, facts)
            case Enlist():
                self._ports.digests.enlist(step.mailbox_id, step.slot, call_sid)
            case SendDigest():
                self._digester.send(step, call_sid)
            case FetchRecording():
                self._fetcher.fetch(step.recording, facts.call)
            case RepairTranscript():
                self._repairer.repair(step, facts)
            case IndexTranscript():
                self._indexer.index(step.entry)
            case LookAgain():
                self._look_again(call_sid, step.at)
            case Close():
                self._close(call_sid, facts)
            case NoteKind():
                self._ports.calls.note_kind(call_sid, step.kind, step.instead_of)
            case _:
                assert_never(step)

    def _look_again(self, call_sid: CallSid, at: datetime) -> None:
        delay = at - self._ports.clock.now()
        if delay <= FAR:
            self._ports.follow_ups.schedule(call_sid, delay)

    def _close(self, call_sid: CallSid, facts: CallFacts) -> None:
        if facts.call is not None:
            self._ports.usage.count(facts.call, usage_of(facts))
        self._ports.calls.close(call_sid, self._ports.clock.now())
