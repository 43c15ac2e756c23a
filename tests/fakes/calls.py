"""CallStore in memory."""

from dataclasses import replace
from datetime import datetime

from telephony.call_filter import EVERY_CALL, CallFilter
from telephony.calls import Call, CallSid, CallStage, CallStatus, VoicemailKind
from telephony.errors import ConflictError, NotFoundError, WireError
from telephony.marks import Marks
from telephony.numbers import MailboxId
from telephony.ports.stores import CallPage
from telephony.streams import StreamState, Ticket
from telephony.transcripts import Transcript
from telephony.voicemail import CallFacts
from tests.fakes.state import State
from tests.fakes.tickets import MemoryTickets
from tests.fakes.transcripts import MemoryTranscripts


class MemoryCalls:
    """Keeps calls; keeps the promises of `telephony.ports.CallStore`."""

    def __init__(self, state: State | None = None) -> None:
        self._state = state or State()
        self._tickets = MemoryTickets(self._state)
        self._transcripts = MemoryTranscripts(self._state)

    def begin(self, call: Call, ticket: Ticket | None) -> None:
        """Store *call* unless it is there, and *ticket*."""
        with self._state.reached():
            if call.sid in self._state.erased:
                return
            if call.sid not in self._state.calls:
                self._state.calls[call.sid] = call
                self._state.open_calls[call.sid] = call.started_at
            if ticket is not None:
                self._tickets.issue(ticket)

    def advance(self, call_sid: CallSid, stage: CallStage, ticket: Ticket | None) -> None:
        """Move the call to *stage* unless it is further, and store *ticket*. Raises: NotFoundError."""
        with self._state.reached():
            call = self.get(call_sid)
            if stage.rank > call.stage.rank:
                self._state.calls[call_sid] = replace(call, stage=stage)
            if ticket is not None:
                self._tickets.issue(ticket)

    def report(self, call_sid: CallSid, status: CallStatus, at: datetime, duration_s: int | None) -> None:
        """Move the call to *status* unless it is as far or further. Raises: NotFoundError."""
        with self._state.reached():
            call = self.get(call_sid)
            if status.may_follow(call.status):
                end = (at, duration_s) if status.is_final else (None, None)
                self._state.calls[call_sid] = replace(call, status=status, ended_at=end[0], duration_s=end[1])

    def get(self, call_sid: CallSid) -> Call:
        """Return a call. Raises: NotFoundError."""
        with self._state.reached():
            call = self._state.calls.get(call_sid)
            if call is None or call_sid in self._state.erased:
                raise NotFoundError("call")
            return call

    def facts(self, call_sid: CallSid) -> CallFacts:
        """Return all that has arrived of a call."""
        with self._state.reached():
            if call_sid in self._state.erased:
                return CallFacts(None, None, Transcript(call_sid), is_erased=True)
            call = self._state.calls.get(call_sid)
            recordings = (each for each in self._state.recordings.values() if each.call_sid == call_sid)
            deliveries = (each for each in self._state.deliveries.values() if each.id.call_sid == call_sid)
            streams = (each for each in self._state.streams.values() if each.call_sid == call_sid)
            document = self._state.documents.get(call_sid)
            return CallFacts(
                call=call,
                mailbox=self._state.mailboxes.get(call.mailbox_id) if call else None,
                transcript=self._transcripts.transcript(call_sid),
                recordings=tuple(sorted(recordings, key=lambda each: (each.reported_at, each.sid))),
                deliveries=tuple(sorted(deliveries, key=lambda each: (each.id.channel, each.id.recipient))),
                open_streams=tuple(each.sid for each in streams if each.state is StreamState.OPEN),
                is_open=call_sid in self._state.open_calls,
                indexed=document.entry.digest if document else None,
                consents=tuple(
                    sorted(
                        (proof for (sid, _), proof in self._state.consents.items() if sid == call_sid),
                        key=lambda proof: proof.at,
                    )
                ),
            )

    def open_calls(self, before: datetime, limit: int) -> tuple[CallSid, ...]:
        """Return up to *limit* open calls that began and were last looked after before then, longest ago first."""
        with self._state.reached():
            waiting = sorted((at, sid) for sid, at in self._state.open_calls.items() if at < before)
            return tuple(sid for _, sid in waiting[:limit])

    def looked_after(self, call_sid: CallSid, at: datetime) -> None:
        """Have the other open calls come first."""
        with self._state.reached():
            if call_sid in self._state.open_calls:
                self._state.open_calls[call_sid] = at

    def close(self, call_sid: CallSid, at: datetime) -> None:
        """Write down that nothing more is expected of a call."""
        with self._state.reached():
            self._state.open_calls.pop(call_sid, None)

    def note_kind(self, call_sid: CallSid, kind: VoicemailKind, instead_of: VoicemailKind | None) -> None:
        """Write down what the caller left, unless something else is written. Raises: NotFoundError."""
        with self._state.reached():
            call = self.get(call_sid)
            if call.kind is instead_of:
                self._state.calls[call_sid] = replace(call, kind=kind)

    def mark(self, call_sid: CallSid, marks: Marks) -> None:
        """Store *marks* over those of the revision before. Raises: NotFoundError, ConflictError."""
        with self._state.reached():
            call = self.get(call_sid)
            if call.marks == marks:
                return
            if call.marks.revision != marks.revision - 1:
                raise ConflictError("others marked the call")
            self._state.calls[call_sid] = replace(call, marks=marks)

    def page(self, mailbox_id: MailboxId, limit: int, cursor: str | None, only: CallFilter = EVERY_CALL) -> CallPage:
        """Return a mailbox's calls that *only* takes, newest first. Raises: WireError."""
        with self._state.reached():
            alive = (call for call in self._state.calls.values() if call.sid not in self._state.erased)
            mine = [call for call in alive if call.mailbox_id == mailbox_id]
            mine.sort(key=lambda call: (call.started_at, call.sid), reverse=True)
            start = 0
            if cursor is not None:
                start = next((at for at, call in enumerate(mine, start=1) if _cursor(call) == cursor), 0)
                if start == 0:
                    raise WireError("cursor is not one of this mailbox's")
            found = [call for call in mine[start:] if only.takes(call)]
            calls = tuple(found[:limit])
            return CallPage(calls, _cursor(calls[-1]) if found[limit:] else None)


def _cursor(call: Call) -> str:
    return f"{call.mailbox_id}.{call.sid}"
