"""Repairs as items of the table, and back."""

from telephony.aws.attributes import Fields, Item
from telephony.aws.item_keys import call_sid_of, keys, sid_after
from telephony.aws.items import interval_values, intervals_from
from telephony.aws.table import CALL, REPAIR, SORT_KEY, key
from telephony.coverage import Track
from telephony.recordings import RecordingSid
from telephony.repairs import OffsetSource, Repair, RepairState
from telephony.streams import StreamSid


def repair_item(repair: Repair) -> Item:
    """Write a repair."""
    return {
        **keys(key(CALL, repair.call_sid), key(REPAIR, repair.recording_sid), REPAIR),
        "state": repair.state.value,
        "attempts": repair.attempts,
        "retry_at": repair.retry_at,
        "stream_sid": repair.stream_sid,
        "track": repair.track.value,
        "offset_ms": repair.offset_ms,
        "offset_found_by": None if repair.offset_found_by is None else repair.offset_found_by.value,
        "recording_ms": repair.recording_ms,
        "windows": interval_values(repair.windows),
        "trouble": repair.trouble,
    }


def repair_from(fields: Fields) -> Repair:
    """Read a repair."""
    stream_sid, found_by = fields.maybe_text("stream_sid"), fields.maybe_text("offset_found_by")
    return Repair(
        recording_sid=RecordingSid(sid_after(REPAIR, fields.text(SORT_KEY))),
        call_sid=call_sid_of(fields),
        state=RepairState(fields.text("state")),
        attempts=fields.count("attempts"),
        retry_at=fields.maybe_at("retry_at"),
        stream_sid=None if stream_sid is None else StreamSid(stream_sid),
        track=Track(fields.text("track")),
        offset_ms=fields.maybe_count("offset_ms"),
        offset_found_by=None if found_by is None else OffsetSource(found_by),
        recording_ms=fields.count("recording_ms"),
        windows=intervals_from(fields, "windows"),
        trouble=fields.text("trouble"),
    )
