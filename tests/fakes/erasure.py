"""ErasureStore, CallScan, TwilioCopies and SearchIndex in memory."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from telephony.calls import CallSid
from telephony.deliveries import SENT_WITHIN, Attempt, Channel
from telephony.erasure import Belongings, Tombstone
from telephony.errors import ConflictError, HeldError, NotFoundError, TelephonyError
from telephony.numbers import E164, MailboxId
from telephony.ports.erasure import ScannedCalls
from telephony.recordings import RecordingSid
from tests.fakes.call_source import MemoryCallSource
from tests.fakes.recordings import MemoryRecordingSource
from tests.fakes.state import State


class MemoryErasure:
    """Erases calls; keeps the promises of `telephony.ports.ErasureStore`."""

    def __init__(self, state: State | None = None) -> None:
        self._state = state or State()

    def hold(self, call_sid: CallSid, now: datetime) -> None:
        """Put a legal hold on a call. Raises: NotFoundError, ConflictError."""
        with self._state.reached():
            call = self._state.calls.get(call_sid)
            if call is None:
                raise NotFoundError("call")
            if call_sid in self._state.erased:
                raise ConflictError("the call is being erased")
            self._state.calls[call_sid] = replace(call, held_at=call.held_at or now)

    def release(self, call_sid: CallSid) -> None:
        """Take a call's legal hold away. Raises: NotFoundError."""
        with self._state.reached():
            if call_sid not in self._state.calls:
                raise NotFoundError("call")
            self._state.calls[call_sid] = replace(self._state.calls[call_sid], held_at=None)

    def bury(self, tombstone: Tombstone) -> None:
        """Leave *tombstone*. Raises: HeldError."""
        with self._state.reached():
            call = self._state.calls.get(tombstone.call_sid)
            if call is not None and call.held_at is not None:
                raise HeldError
            self._state.erased.setdefault(tombstone.call_sid, tombstone)

    def belongings(self, call_sid: CallSid) -> Belongings:
        """Return what is known of copies elsewhere."""
        with self._state.reached():
            sms = (each for each in self._state.deliveries.values() if each.id.channel is Channel.SMS)
            return Belongings(
                tuple(sid for call, sid in self._state.recordings if call == call_sid),
                tuple(each for each in sms if each.id.call_sid == call_sid),
            )

    def unlink(self, call_sid: CallSid) -> int:
        """Remove the call's link."""
        with self._state.reached():
            return 0 if self._state.links.pop(call_sid, None) is None else 1

    def remove(self, call_sid: CallSid, *, is_all: bool) -> int:
        """Remove the call's items, and return how many there were."""
        with self._state.reached():
            gone = 0
            for place, stored in self._stores(is_all=is_all):
                mine = [key for key in stored if _call_of(place, key) == call_sid]
                gone += len(mine)
                for key in mine:
                    del stored[key]
            return gone

    def remains(self, call_sid: CallSid) -> int:
        """Return how many items are there now."""
        with self._state.reached():
            stores = self._stores(is_all=True)
            return sum(_call_of(place, key) == call_sid for place, stored in stores for key in stored)

    def to_look_at(self, before: datetime, limit: int) -> tuple[Tombstone, ...]:
        """Return up to *limit* tombstones that were to be looked at before then."""
        with self._state.reached():
            due = [(each.look_at, each.call_sid) for each in self._state.erased.values() if each.look_at is not None]
            late = sorted((at, sid) for at, sid in due if at < before)
            return tuple(self._state.erased[sid] for _, sid in late[:limit])

    def looked_at(self, tombstone: Tombstone) -> None:
        """Write down when a tombstone is to be looked at next."""
        with self._state.reached():
            if tombstone.call_sid in self._state.erased:
                self._state.erased[tombstone.call_sid] = tombstone

    def _stores(self, *, is_all: bool) -> Iterator[tuple[str, dict[Any, Any]]]:
        state = self._state
        yield from (("", state.streams), ("", state.utterances), ("", state.repairs), ("", state.repaired))
        yield from (("whole", state.open_calls), ("whole", state.links))
        if is_all:
            yield from (("whole", state.calls), ("", state.recordings), ("delivery", state.deliveries))


def _call_of(place: str, key: Any) -> CallSid:  # noqa: ANN401 - of any of the state's own dictionaries
    if place == "delivery":
        call_sid: CallSid = key.call_sid
        return call_sid
    return CallSid(key if place == "whole" else key[0])


class MemoryScan:
    """A mailbox's calls from the oldest on; keeps the promises of `telephony.ports.CallScan`."""

    def __init__(self, state: State | None = None) -> None:
        self._state = state or State()

    def oldest(
        self, mailbox_id: MailboxId, *, since: datetime | None, until: datetime, after: str | None, limit: int
    ) -> ScannedCalls:
        """Return up to *limit* calls that began from *since* on and before *until*."""
        with self._state.reached():
            calls = sorted(
                (
                    call
                    for call in self._state.calls.values()
                    if call.mailbox_id == mailbox_id and call.started_at < until
                    if since is None or call.started_at >= since
                ),
                key=lambda call: (call.started_at, call.sid),
            )
            places = [f"{call.started_at.isoformat()}#{call.sid}" for call in calls]
            start = 0 if after is None else next((at for at, place in enumerate(places) if place > after), len(places))
            end = start + limit
            return ScannedCalls(tuple(calls[start:end]), places[end - 1] if places[end:] else None)


@dataclass
class MemoryTwilioCopies:
    """What Twilio keeps; keeps the promises of `telephony.ports.TwilioCopies`.

    Attributes:
        lost: of SMS whose SIDs nobody was told: to whom and from whom, the text, and when.
        refusals: raised one after the other, before anything is erased.
    """

    source: MemoryRecordingSource = field(default_factory=MemoryRecordingSource)
    calls: MemoryCallSource = field(default_factory=MemoryCallSource)
    messages: set[str] = field(default_factory=set)
    lost: dict[str, tuple[tuple[E164, E164], str, datetime]] = field(default_factory=dict)
    refusals: list[TelephonyError] = field(default_factory=list)

    def erase_recording(self, recording_sid: RecordingSid) -> bool:
        """Erase a recording. Raises: whatever is in `refusals`."""
        self._refuse()
        self.calls.made = [each for each in self.calls.made if each.recording_sid != recording_sid]
        return self.source.sound.pop(recording_sid, None) is not None

    def erase_message(self, message_sid: str) -> bool:
        """Erase an SMS. Raises: whatever is in `refusals`."""
        self._refuse()
        is_there = message_sid in self.messages
        self.messages.discard(message_sid)
        return is_there

    def messages_with(self, to: E164, attempt: Attempt) -> tuple[str, ...]:
        """Return the SIDs of those of `lost` that are there. Raises: whatever is in `refusals`."""
        self._refuse()
        wanted = (to, attempt.sender)
        return tuple(
            sid
            for sid, (between, text, at) in self.lost.items()
            if sid in self.messages and between == wanted and attempt.marker in text
            if attempt.at <= at <= attempt.at + SENT_WITHIN
        )

    def has_message(self, message_sid: str) -> bool:
        """Return whether there is an SMS. Raises: whatever is in `refusals`."""
        self._refuse()
        return message_sid in self.messages

    def _refuse(self) -> None:
        if self.refusals:
            raise self.refusals.pop(0)
