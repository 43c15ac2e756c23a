"""CallStore on DynamoDB."""

from contextlib import suppress
from datetime import datetime

from telephony.aws.archive import DynamoArchive
from telephony.aws.attributes import Fields, Item
from telephony.aws.consents import proof_from
from telephony.aws.directory import DynamoDirectory
from telephony.aws.dynamodb import AllRefusedError, RefusedError, Table
from telephony.aws.erasure import is_being_erased, is_not_erased
from telephony.aws.items import (
    call_from,
    call_item,
    delivery_from,
    recording_from,
    stage_values,
    status_values,
    stream_from,
)
from telephony.aws.marks_items import REVISION, marks_from, marks_values
from telephony.aws.open_calls import DynamoOpenCalls, is_open, opening
from telephony.aws.search_items import digest_from
from telephony.aws.table import CALL, CONSENT, DELIVERY, ERASED, INDEX, KIND, OPEN, RECORDING, STREAM, key
from telephony.aws.tickets import DynamoTickets, issuing
from telephony.aws.transcripts import assemble
from telephony.aws.writes import IS_NEW, Condition, Put, Update, Write
from telephony.call_filter import EVERY_CALL, CallFilter
from telephony.calls import Call, CallSid, CallStage, CallStatus, VoicemailKind
from telephony.errors import ConflictError, NotFoundError
from telephony.mailboxes import Mailbox
from telephony.marks import Marks
from telephony.numbers import MailboxId
from telephony.ports.stores import CallPage
from telephony.streams import StreamState, Ticket
from telephony.transcripts import Transcript
from telephony.voicemail import CallFacts


class DynamoCalls:
    """Calls and all that belongs to them; see `telephony.ports.CallStore`."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._tickets = DynamoTickets(table)
        self._directory = DynamoDirectory(table)
        self._open = DynamoOpenCalls(table)
        self._archive = DynamoArchive(table)

    def begin(self, call: Call, ticket: Ticket | None) -> None:
        """Store *call* as an open one unless it is there, and *ticket*: together, and a repeat's new ticket too.

        Of a call that was erased, nothing is stored.
        """
        beginning: list[Write] = [Put(call_item(call), IS_NEW), opening(call), is_not_erased(call.sid)]
        try:
            self._table.write_all(beginning if ticket is None else [*beginning, issuing(ticket)])
        except AllRefusedError as exc:
            has_call, _, is_erased, *has_ticket = exc.refused
            if is_erased or ticket is None:
                return
            if not any(has_ticket):
                self._tickets.issue(ticket)
            if not has_call:
                self.begin(call, None)

    def advance(self, call_sid: CallSid, stage: CallStage, ticket: Ticket | None) -> None:
        """Move the call to *stage* unless it is further, and store *ticket*. Raises: NotFoundError."""
        is_behind = Condition("#stage_rank < :rank", {"rank": stage.rank})
        move = Update(key(CALL, call_sid), CALL, stage_values(stage), is_behind)
        if ticket is None:
            self._advance_alone(move)
            return
        try:
            self._table.write_all([move, issuing(ticket)])
        except AllRefusedError:
            self._advance_alone(move)
            self._tickets.issue(ticket)

    def report(self, call_sid: CallSid, status: CallStatus, at: datetime, duration_s: int | None) -> None:
        """Move the call to *status* unless it is as far or further. Raises: NotFoundError."""
        end: Item = {"ended_at": at, "duration_s": duration_s} if status.is_final else {}
        is_behind = Condition("#status_rank < :rank", {"rank": status.rank})
        self._advance_alone(Update(key(CALL, call_sid), CALL, {**status_values(status), **end}, is_behind))

    def get(self, call_sid: CallSid) -> Call:
        """Return a call. Raises: NotFoundError."""
        fields = self._table.get(key(CALL, call_sid), CALL)
        if fields is None or is_being_erased(fields):
            raise NotFoundError("call")
        return call_from(fields)

    def facts(self, call_sid: CallSid) -> CallFacts:
        """Return all that has arrived of a call, in one query and a read of its mailbox."""
        items = list(self._table.items(key(CALL, call_sid)))
        if _of_kind(items, ERASED):
            return CallFacts(None, None, Transcript(call_sid), is_erased=True)
        call = next(map(call_from, _of_kind(items, CALL)), None)
        recordings = sorted(
            map(recording_from, _of_kind(items, RECORDING)), key=lambda each: (each.reported_at, each.sid)
        )
        streams = map(stream_from, _of_kind(items, STREAM))
        return CallFacts(
            call=call,
            mailbox=None if call is None else self._mailbox(call.mailbox_id),
            transcript=assemble(call_sid, items, None if call is None else call.over_at),
            recordings=tuple(recordings),
            deliveries=tuple(map(delivery_from, _of_kind(items, DELIVERY))),
            consents=tuple(sorted(map(proof_from, _of_kind(items, CONSENT)), key=lambda proof: proof.at)),
            open_streams=tuple(each.sid for each in streams if each.state is StreamState.OPEN),
            is_open=any(map(is_open, _of_kind(items, OPEN))),
            indexed=next(map(digest_from, _of_kind(items, INDEX)), None),
        )

    def page(self, mailbox_id: MailboxId, limit: int, cursor: str | None, only: CallFilter = EVERY_CALL) -> CallPage:
        """Return a mailbox's calls that *only* takes, newest first; a page reads MOST_READ calls at most.

        Raises: WireError on a cursor that is not ours or another's.
        """
        return self._archive.page(mailbox_id, limit, cursor, only)

    def note_kind(self, call_sid: CallSid, kind: VoicemailKind, instead_of: VoicemailKind | None) -> None:
        """Write down what the caller left, unless something else is written. Raises: NotFoundError."""
        is_as_known = (
            Condition("attribute_exists(#pk) AND attribute_not_exists(#voicemail_kind)")
            if instead_of is None
            else Condition("#voicemail_kind = :before", {"before": instead_of.value})
        )
        self._advance_alone(Update(key(CALL, call_sid), CALL, {"voicemail_kind": kind.value}, is_as_known))

    def mark(self, call_sid: CallSid, marks: Marks) -> None:
        """Store *marks* over those of the revision before. Raises: NotFoundError, ConflictError."""
        changes = marks_values(marks)
        is_as_known = (
            Condition(f"attribute_exists(#pk) AND attribute_not_exists(#{REVISION})")
            if marks.revision == 1
            else Condition(f"#{REVISION} = :before", {"before": marks.revision - 1})
        )
        gone = tuple(name for name, value in changes.items() if value is None)
        try:
            self._table.update(Update(key(CALL, call_sid), CALL, changes, is_as_known, gone))
        except RefusedError as exc:
            if exc.stored is None:
                raise NotFoundError("call") from exc
            # boto3 repeats a request whose answer was lost: then these are our own.
            if marks_from(exc.stored) != marks:
                raise ConflictError("others marked the call") from exc

    def open_calls(self, before: datetime, limit: int) -> tuple[CallSid, ...]:
        """Return up to *limit* open calls that began and were last looked after before then, longest ago first."""
        return self._open.before(before, limit)

    def looked_after(self, call_sid: CallSid, at: datetime) -> None:
        """Have the other open calls come first."""
        self._open.looked_after(call_sid, at)

    def close(self, call_sid: CallSid, at: datetime) -> None:
        """Write down that nothing more is expected of a call."""
        self._open.close(call_sid, at)

    def _advance_alone(self, move: Update) -> None:
        try:
            self._table.update(move)
        except RefusedError as exc:
            if exc.stored is None:
                raise NotFoundError("call") from exc

    def _mailbox(self, mailbox_id: MailboxId) -> Mailbox | None:
        with suppress(NotFoundError):
            return self._directory.mailbox(mailbox_id)
        return None


def _of_kind(items: list[Fields], kind: str) -> list[Fields]:
    return [each for each in items if each.text(KIND) == kind]
