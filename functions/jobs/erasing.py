"""Erases one call, everywhere, and proves it by reading again."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from functions.jobs.ports import JobsPorts
from functions.jobs.reasons import reason
from telephony.calls import CallSid
from telephony.deliveries import Delivery
from telephony.erasure import Belongings, Copy, Erased, buried
from telephony.errors import HeldError, NotFoundError, TelephonyError
from telephony.log import logger
from telephony.numbers import E164, MailboxId
from telephony.recordings import RecordingSid, audio_prefixes

MAX_COPIES: Final = 100
"""Recordings of one call at Twilio; a call has one."""

SENDING: Final = "An SMS about it is being sent at this moment."


class Eraser:
    """One procedure, whoever asks for it. Doing it again, from wherever it broke off, removes what is still there."""

    def __init__(self, ports: JobsPorts) -> None:
        self._ports = ports

    def erase(self, call_sid: CallSid, mailbox_id: MailboxId) -> Erased:
        """Erase a call: from now on it is not there, for nobody.

        First of all stands the tombstone. Twilio is asked before the items go that say what it has; if it does not do
        what it was asked for, these items stay, and everything else goes all the same.

        Raises: HeldError, and then nothing was changed; UpstreamError if AWS failed.
        """
        self._check_hold(mailbox_id)
        now = self._ports.clock.now()
        self._ports.erasure.bury(buried(call_sid, mailbox_id, now))
        counts: Counter[str] = Counter()
        known = self._ports.erasure.belongings(call_sid)
        left = self._erase_at_twilio(call_sid, known, counts)
        for prefix in audio_prefixes(call_sid, mailbox_id):
            counts[Copy.AUDIO] += self._ports.sound.erase(prefix)
        counts[Copy.POSTINGS] += self._ports.index.forget(call_sid)
        counts[Copy.LINKS] += self._ports.erasure.unlink(call_sid)
        counts[Copy.ITEMS] += self._ports.erasure.remove(call_sid, is_all=not left)
        left = left or self._found_again(call_sid, mailbox_id)
        self._tell(call_sid, counts, left, now)
        return Erased(dict(counts), tuple(left))

    def _check_hold(self, mailbox_id: MailboxId) -> None:
        try:
            is_held = self._ports.directory.mailbox(mailbox_id).keeping.is_on_hold
        except NotFoundError:  # its calls can be erased when the mailbox is gone
            return
        if is_held:
            raise HeldError

    def _erase_at_twilio(self, call_sid: CallSid, known: Belongings, counts: Counter[str]) -> list[str]:
        """Erase what Twilio has; return what it did not, in words."""
        left: list[str] = []
        recordings = dict.fromkeys(known.recordings)
        try:
            recordings |= dict.fromkeys(self._at_twilio(call_sid))
        except TelephonyError as exc:
            left.append(f"Twilio could not say which recordings it has: {reason(exc)}")
        for sid in list(recordings)[:MAX_COPIES]:
            try:
                counts[Copy.RECORDINGS] += self._ports.twilio_copies.erase_recording(sid)
            except TelephonyError as exc:
                left.append(f"Twilio's recording {sid}: {reason(exc)}")
        return [*left, *self._erase_messages(known.sms, counts)]

    def _erase_messages(self, sms: Sequence[Delivery], counts: Counter[str]) -> Iterator[str]:
        """Erase SMS, and say which are there still. Only the items know which there are, so it is asked at once."""
        now = self._ports.clock.now()
        if any(each.is_under_way(now) for each in sms):
            yield SENDING
        copies = self._ports.twilio_copies
        sids = {sid for each in sms for sid in each.messages}
        for to, attempt in ((E164(each.id.recipient), attempt) for each in sms for attempt in each.lost):
            try:
                sids.update(copies.messages_with(to, attempt))
            except TelephonyError as exc:
                yield f"Twilio could not say whether it has an SMS whose SID it never gave: {reason(exc)}"
        for sid in sorted(sids):
            try:
                counts[Copy.MESSAGES] += copies.erase_message(sid)
                if copies.has_message(sid):
                    yield f"Twilio's SMS {sid}: it is there still"
            except TelephonyError as exc:
                yield f"Twilio's SMS {sid}: {reason(exc)}"

    def _at_twilio(self, call_sid: CallSid) -> list[RecordingSid]:
        return [each.recording_sid for each in self._ports.twilio_calls.recordings(call_sid)]

    def _found_again(self, call_sid: CallSid, mailbox_id: MailboxId) -> list[str]:
        """Read everything again, and return what is there, in words."""
        left: list[str] = []
        items = self._ports.erasure.remains(call_sid)
        if items:
            left.append(f"{items} items of the table came while they were removed")
        versions = sum(self._ports.sound.count(prefix) for prefix in audio_prefixes(call_sid, mailbox_id))
        if versions:
            left.append(f"{versions} versions of the sound came while they were removed")
        try:
            left.extend(f"Twilio's recording {sid}: it is there again" for sid in self._at_twilio(call_sid))
        except TelephonyError as exc:
            left.append(f"Twilio could not say whether it has recordings: {reason(exc)}")
        return left

    def _tell(self, call_sid: CallSid, counts: Counter[str], left: list[str], began_at: datetime) -> None:
        took = self._ports.clock.now() - began_at
        logger().info(
            "call-erased",
            call_sid=call_sid,
            counts=dict(counts),
            left=len(left),
            took_ms=round(took.total_seconds() * 1000),
        )
