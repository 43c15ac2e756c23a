"""Ringing somebody: what is checked, counted, asked of Twilio and written down."""

from datetime import datetime

from functions.api.auth import Subject, may_read
from functions.api.models_control import OutgoingCallIn
from functions.api.ports import ApiPorts
from telephony import outgoing
from telephony.calls import Call, CallSid, CallStatus
from telephony.errors import NotFoundError, UpstreamError, WireError
from telephony.log import logger
from telephony.mailboxes import Mailbox
from telephony.numbers import E164, MailboxId
from telephony.outgoing import MayRingError


def ring(ports: ApiPorts, who: Subject, wanted: OutgoingCallIn) -> Call:
    """Have Twilio ring, and return the call.

    Raises: NotFoundError, ConflictError, TooManyCallsError, UpstreamError, and then nobody is rung; MayRingError.
    """
    mailbox = _mailbox(ports, who, wanted)
    outgoing.check(wanted.to, is_ours=_is_ours(ports, wanted.to))
    ports.outgoing.count(mailbox.id, ports.clock.now(), outgoing.MOST_AN_HOUR)
    now, status = ports.clock.now(), CallStatus.QUEUED
    try:
        sid = ports.control.dial(wanted.to, wanted.sender)
    except UpstreamError as exc:
        if not exc.is_uncertain:
            raise
        sid = _rung_all_the_same(ports, wanted, now)
    call = outgoing.call_to(wanted.to, sid=sid, sender=wanted.sender, mailbox_id=mailbox.id, now=now, status=status)
    try:
        ports.calls.begin(call, None)
    except UpstreamError as exc:  # it rings: the webhook that is asked when somebody answers writes it down
        logger().error("rung-call-not-written", call_sid=sid, error=str(exc))
    return call


def _rung_all_the_same(ports: ApiPorts, wanted: OutgoingCallIn, since: datetime) -> CallSid:
    """Return the call that Twilio began without our hearing of it. Raises: MayRingError."""
    try:
        return next(sid for sid in ports.control.dialled(wanted.to, wanted.sender, since) if not _is_known(ports, sid))
    except (StopIteration, UpstreamError, WireError) as exc:
        logger().error("dial-uncertain", error=type(exc).__name__)
        raise MayRingError from exc


def _is_known(ports: ApiPorts, sid: CallSid) -> bool:
    try:
        ports.calls.get(sid)
    except NotFoundError:
        return False
    return True


def _mailbox(ports: ApiPorts, who: Subject, wanted: OutgoingCallIn) -> Mailbox:
    """Return the mailbox of *who* that has the number. Raises: NotFoundError."""
    mailbox = ports.directory.mailbox(MailboxId(wanted.mailbox_id))
    if not may_read(who, mailbox):
        raise NotFoundError("mailbox")
    number, _ = ports.directory.answering(wanted.sender)
    if number.mailbox_id != mailbox.id:
        raise NotFoundError("number")
    return mailbox


def _is_ours(ports: ApiPorts, to: E164) -> bool:
    try:
        ports.directory.answering(to)
    except NotFoundError:
        return False
    return True
