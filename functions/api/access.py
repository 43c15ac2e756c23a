"""What a subject may do, and to what. What it may not see is not there: the answer to both is the same.

Its token's scopes say what it may do, its mailboxes to what. Each route asks for one scope and names it in the OpenAPI
document; a scope that is missing is a 403 that names it, another's mailbox or call a 404.
"""

from typing import Annotated

from fastapi import Depends, Path, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer, SecurityScopes

from functions.api.auth import Scope, Subject, TokenError, TokenFault, may_read
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
    description="An access token of the configured issuer, for the configured audience, with the scope that is named.",
)


def subject(
    ports: Ports,
    needed: SecurityScopes,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)],
) -> Subject:
    """Return who is asking, with a token that has all scopes *needed*. Raises: TokenError, UpstreamError."""
    if credentials is None:
        raise TokenError(TokenFault.MISSING)
    (scope,) = needed.scopes
    return ports.tokens.subject(credentials.credentials, Scope(scope))


Reader = Annotated[Subject, Security(subject, scopes=[Scope.READ.value])]
Manager = Annotated[Subject, Security(subject, scopes=[Scope.MANAGE.value])]
Eraser = Annotated[Subject, Security(subject, scopes=[Scope.ERASE.value])]

_MailboxPath = Annotated[str, Path(pattern="^[^#/]+$", max_length=128)]
_CallPath = Annotated[str, Path(description="Twilio's CallSid.", pattern="^CA[0-9a-fA-F]{32}$")]


def readable_mailbox(ports: Ports, reader: Reader, mailbox_id: _MailboxPath) -> Mailbox:
    """Return a mailbox that *reader* may read. Raises: NotFoundError."""
    return _mailbox(ports, reader, mailbox_id)


def managed_mailbox(ports: Ports, manager: Manager, mailbox_id: _MailboxPath) -> Mailbox:
    """Return a mailbox that *manager* may change. Raises: NotFoundError."""
    return _mailbox(ports, manager, mailbox_id)


def readable_call(ports: Ports, reader: Reader, call_sid: _CallPath) -> tuple[Call, CallFacts]:
    """Return a call of a mailbox that *reader* may read, and its facts. Raises: NotFoundError."""
    return _call(ports, reader, call_sid)


def managed_call(ports: Ports, manager: Manager, call_sid: _CallPath) -> tuple[Call, CallFacts]:
    """Return a call of a mailbox that *manager* may change, and its facts. Raises: NotFoundError."""
    return _call(ports, manager, call_sid)


def erasable_call(ports: Ports, eraser: Eraser, call_sid: _CallPath) -> tuple[Call, CallFacts]:
    """Return a call that *eraser* may erase, and its facts. Raises: NotFoundError."""
    return _call(ports, eraser, call_sid)


ReadableMailbox = Annotated[Mailbox, Depends(readable_mailbox)]
ManagedMailbox = Annotated[Mailbox, Depends(managed_mailbox)]
ReadableCall = Annotated[tuple[Call, CallFacts], Depends(readable_call)]
ManagedCall = Annotated[tuple[Call, CallFacts], Depends(managed_call)]
ErasableCall = Annotated[tuple[Call, CallFacts], Depends(erasable_call)]


def _mailbox(ports: ApiPorts, who: Subject, mailbox_id: str) -> Mailbox:
    mailbox = ports.directory.mailbox(MailboxId(mailbox_id))
    if not may_read(who, mailbox):
        raise NotFoundError("mailbox")
    return mailbox


def _call(ports: ApiPorts, who: Subject, call_sid: str) -> tuple[Call, CallFacts]:
    facts = ports.calls.facts(CallSid(call_sid))
    if facts.call is None or facts.mailbox is None or not may_read(who, facts.mailbox):
        raise NotFoundError("call")
    return facts.call, facts
