"""Ringing somebody: what is checked, counted, asked of Twilio and written down."""

from functions.api.auth import Subject, may_read
from functions.api.models_control import OutgoingCallIn
from functions.api.ports import ApiPorts
from telephony import outgoing
from telephony.calls import Call, CallStatus
from telephony.errors import NotFoundError
from telephony.mailboxes import Mailbox
from telephony.numbers import E164, MailboxId


def ring(ports: ApiPorts, who: Subject, wanted: OutgoingCallIn) -> Call:
    """Have Twilio ring, and return the call. Raises: NotFoundError, ConflictError, TooManyCallsError, UpstreamError."""
    mailbox = _mailbox(ports, who, wanted)
    outgoing.check(wanted.to, is_ours=_is_ours(ports, wanted.to))
    ports.outgoing.count(mailbox.id, ports.clock.now(), outgoing.MOST_AN_HOUR)
    sid = ports.control.dial(wanted.to, wanted.sender)
    now, status = ports.clock.now(), CallStatus.QUEUED
    call = outgoing.call_to(wanted.to, sid=sid, sender=wanted.sender, mailbox_id=mailbox.id, now=now, status=status)
    # If this fails, the webhook that is asked when somebody answers writes it down.
    ports.calls.begin(call, None)
    return call


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
