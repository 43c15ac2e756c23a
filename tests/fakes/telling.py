"""DigestStore, OptOutStore, HookSecrets and HookPoster in memory."""

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from telephony.calls import CallSid
from telephony.digests import LEASE
from telephony.errors import ConflictError, NotFoundError, TelephonyError
from telephony.hooks import HookId
from telephony.numbers import E164, MailboxId
from telephony.opt_outs import OptOut
from tests.fakes.state import State


class MemoryDigests:
    """Keeps lists; keeps the promises of `telephony.ports.DigestStore`."""

    def __init__(self, state: State | None = None) -> None:
        self._state = state or State()

    def enlist(self, mailbox_id: MailboxId, slot: datetime, call_sid: CallSid) -> None:
        """Put a call on a list."""
        with self._state.reached():
            self._state.enlisted.setdefault((mailbox_id, slot), set()).add(call_sid)

    def listed(self, mailbox_id: MailboxId, slot: datetime, limit: int) -> tuple[CallSid, ...]:
        """Return up to *limit* calls of a list."""
        with self._state.reached():
            return tuple(sorted(self._state.enlisted.get((mailbox_id, slot), ())))[:limit]

    def claim(self, mailbox_id: MailboxId, slot: datetime, at: datetime) -> None:
        """Set out to send, or take over. Raises: ConflictError."""
        with self._state.reached():
            known = self._state.slots.get((mailbox_id, slot), at - LEASE)
            if known is None or at < known + LEASE:
                raise ConflictError("the digest is another's")
            self._state.slots[mailbox_id, slot] = at

    def finish(self, mailbox_id: MailboxId, slot: datetime) -> None:
        """Write down that nothing is left to send. Raises: NotFoundError."""
        with self._state.reached():
            if (mailbox_id, slot) not in self._state.slots:
                raise NotFoundError("digest")
            self._state.slots[mailbox_id, slot] = None


class MemoryOptOuts:
    """Keeps opt-outs; keeps the promises of `telephony.ports.OptOutStore`."""

    def __init__(self, state: State | None = None) -> None:
        self._state = state or State()

    def mark(self, opt_out: OptOut) -> None:
        """Write down that somebody wants none."""
        self._write(opt_out.recipient, opt_out.sender, opt_out.since, opt_out)

    def lift(self, recipient: E164, sender: E164, at: datetime) -> None:
        """Write down that somebody wants SMS again."""
        self._write(recipient, sender, at, None)

    def opt_out(self, recipient: E164, sender: E164) -> OptOut | None:
        """Return what was written down."""
        with self._state.reached():
            known = self._state.opt_outs.get((recipient, sender))
            return None if known is None else known[1]

    def among(self, recipients: Collection[E164], senders: Collection[E164]) -> tuple[OptOut, ...]:
        """Return what was written down of any of *recipients* and any of *senders*."""
        with self._state.reached():
            pairs = [(recipient, sender) for recipient in recipients for sender in senders]
            found = {pair: self.opt_out(*pair) for pair in pairs}
            return tuple(each for each in found.values() if each is not None)

    def _write(self, recipient: E164, sender: E164, at: datetime, opt_out: OptOut | None) -> None:
        with self._state.reached():
            known = self._state.opt_outs.get((recipient, sender))
            if known is None or known[0] <= at:
                self._state.opt_outs[recipient, sender] = (at, opt_out)


class MemoryHookSecrets:
    """Keeps secrets; keeps the promises of `telephony.ports.HookSecrets`."""

    def __init__(self, state: State | None = None) -> None:
        self._state = state or State()

    def issue(self, mailbox_id: MailboxId, hook_id: HookId) -> str:
        """Make the secret of a hook that is new, and return it."""
        with self._state.reached():
            self._state.hook_secrets[mailbox_id, hook_id] = [(secrets.token_hex(32), None)]
            return self._state.hook_secrets[mailbox_id, hook_id][0][0]

    def rotate(self, mailbox_id: MailboxId, hook_id: HookId, *, now: datetime, keep: timedelta) -> str:
        """Return a new secret; the one before stays valid for *keep*. Raises: ConflictError."""
        with self._state.reached():
            known = [each for each in self._state.hook_secrets.get((mailbox_id, hook_id), ()) if _holds(each[1], now)]
            if keep and len(known) > 1:
                raise ConflictError("the secret before this one is still valid")
            kept = [(secret, now + keep) for secret, _ in known if keep]
            self._state.hook_secrets[mailbox_id, hook_id] = [(secrets.token_hex(32), None), *kept]
            return self._state.hook_secrets[mailbox_id, hook_id][0][0]

    def valid(self, mailbox_id: MailboxId, hook_id: HookId, now: datetime) -> tuple[str, ...]:
        """Return with which secrets to sign, the newest first; one is made if there is none."""
        with self._state.reached():
            known = self._state.hook_secrets.setdefault((mailbox_id, hook_id), [(secrets.token_hex(32), None)])
            return tuple(secret for secret, until in known if _holds(until, now))


def _holds(until: datetime | None, now: datetime) -> bool:
    return until is None or now < until


@dataclass(frozen=True, slots=True)
class Posted:
    """What a program got."""

    url: str
    body: bytes
    headers: Mapping[str, str]


@dataclass
class MemoryHookPoster:
    """Remembers what programs were told.

    Attributes:
        refusals: raised one after the other, before anything is posted.
    """

    posted: list[Posted] = field(default_factory=list)
    refusals: list[TelephonyError] = field(default_factory=list)

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> None:
        """Remember it. Raises: whatever is in `refusals`."""
        if self.refusals:
            raise self.refusals.pop(0)
        self.posted.append(Posted(url, body, headers))
