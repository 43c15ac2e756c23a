"""What telling asks of the world: digests, who wants no SMS, and programs that are told."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Protocol

from telephony.calls import CallSid
from telephony.hooks import HookId
from telephony.numbers import E164, MailboxId
from telephony.opt_outs import OptOut


class DigestStore(Protocol):
    """Which calls a mailbox's digest tells of, and who sends it. Every method may raise UpstreamError."""

    def enlist(self, mailbox_id: MailboxId, slot: datetime, call_sid: CallSid) -> None:
        """Put a call on the list of a digest; it stays there for days."""
        ...

    def listed(self, mailbox_id: MailboxId, slot: datetime, limit: int) -> tuple[CallSid, ...]:
        """Return up to *limit* calls of a digest's list."""
        ...

    def claim(self, mailbox_id: MailboxId, slot: datetime, at: datetime) -> None:
        """Set out to send a digest; a claim that is not finished within `telephony.digests.LEASE` is taken over, once.

        Raises: ConflictError if the digest is another's, or sent.
        """
        ...

    def finish(self, mailbox_id: MailboxId, slot: datetime) -> None:
        """Write down that a digest was sent, or that there was nothing to send. Raises: NotFoundError if unclaimed."""
        ...


class OptOutStore(Protocol):
    """Who wants no SMS from which number. Of two writes the one of the later time stands."""

    def mark(self, opt_out: OptOut) -> None:
        """Write down that somebody wants none."""
        ...

    def lift(self, recipient: E164, sender: E164, at: datetime) -> None:
        """Write down that somebody wants SMS again."""
        ...

    def opt_out(self, recipient: E164, sender: E164) -> OptOut | None:
        """Return what was written down; None when nothing was, or it was lifted."""
        ...

    def among(self, recipients: Collection[E164], senders: Collection[E164]) -> tuple[OptOut, ...]:
        """Return what was written down, and not lifted, of any of *recipients* and any of *senders*, in no order."""
        ...


class HookSecrets(Protocol):
    """With what a program can tell that it is us who tells it. Secrets are unguessable."""

    def issue(self, mailbox_id: MailboxId, hook_id: HookId) -> str:
        """Make the secret of a hook that is new, and return it; whatever was valid under its name is no more."""
        ...

    def rotate(self, mailbox_id: MailboxId, hook_id: HookId, *, now: datetime, keep: timedelta) -> str:
        """Return a new secret of a hook; the one before stays valid for *keep*. Without any, no other stays valid.

        Raises: ConflictError if an older one is still valid and *keep* is not nothing: a program has not moved on yet;
            or if somebody else was faster.
        """
        ...

    def valid(self, mailbox_id: MailboxId, hook_id: HookId, now: datetime) -> tuple[str, ...]:
        """Return with which secrets to sign, the newest first; one is made if there is none."""
        ...


class HookPoster(Protocol):
    """Tells programs."""

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> None:
        """Post JSON, and return once it was taken.

        Raises: UpstreamError; not retryable if the address must not be asked, or says that it is gone.
        """
        ...
