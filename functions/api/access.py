"""What a subject may see. What it may not see is not there: the answer to both is the same."""

from typing import Annotated

from fastapi import Depends, Path
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from functions.api.auth import SCOPE, Subject, TokenError, TokenFault, may_read
from functions.api.ports import ApiPorts, ports_of
from telephony.calls import Call, CallSid
from telephony.errors import NotFoundError
from telephony.mailboxes import Mailbox
from telephony.numbers import MailboxId
from telephony.voicemail import CallFacts

Ports = Annotated[ApiPorts, Depends(ports_of)]

_BEARER = HTTPBearer(
    auto_error=False,
    scheme_name="token",
    bearerFormat="JWT",
    description=f"An access token of the configured issuer, for the configured audience, with the scope `{SCOPE}`.",
)


def reader(ports: Ports, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)]) -> Subject:
    """Return who is asking. Raises: TokenError, UpstreamError."""
    if credentials is None:
        raise TokenError(TokenFault.MISSING)
    return ports.tokens.subject(credentials.credentials)


Reader = Annotated[Subject, Depends(reader)]


def readable_mailbox(
    ports: Ports,
    subject: Reader,
    mailbox_id: Annotated[str, Path(pattern="^[^#/]+$", max_length=128)],
) -> Mailbox:
    """Return a mailbox that *subject* may read. Raises: NotFoundError."""
    mailbox = ports.directory.mailbox(MailboxId(mailbox_id))
    if not may_read(subject, mailbox):
        raise NotFoundError("mailbox")
    return mailbox


def readable_call(
    ports: Ports,
    subject: Reader,
    call_sid: Annotated[str, Path(description="Twilio's CallSid.", pattern="^CA[0-9a-fA-F]{32}$")],
) -> tuple[Call, CallFacts]:
    """Return a call of a mailbox that *subject* may read, and its facts. Raises: NotFoundError."""
    facts = ports.calls.facts(CallSid(call_sid))
    if facts.call is None or facts.mailbox is None or not may_read(subject, facts.mailbox):
        raise NotFoundError("call")
    return facts.call, facts


ReadableMailbox = Annotated[Mailbox, Depends(readable_mailbox)]
ReadableCall = Annotated[tuple[Call, CallFacts], Depends(readable_call)]
