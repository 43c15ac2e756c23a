"""TranscriptStore on DynamoDB."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Final

from telephony.aws.attributes import Fields, Item
from telephony.aws.dynamodb import RefusedError, Table
from telephony.aws.items import stream_from, stream_item, utterance_from, utterance_item
from telephony.aws.pauses import pause_from
from telephony.aws.repair_items import repair_from
from telephony.aws.table import CALL, KIND, PAUSE, REPAIR, STREAM, UTTERANCE, key
from telephony.aws.writes import Condition, Put, Update
from telephony.calls import CallSid
from telephony.streams import MediaStream, StreamEnd, StreamSid, StreamState
from telephony.transcripts import Transcript, Utterance

_AFTER = "$"  # the character after "#"
_IS_OPEN: Final = Condition("#state = :open", {"open": StreamState.OPEN.value})


class DynamoTranscripts:
    """What the streamer writes; see `telephony.ports.TranscriptStore`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def save(self, streams: Sequence[MediaStream], utterances: Sequence[Utterance]) -> None:
        """Store the utterances 25 a request, then each stream; an ENDED stream is never opened again."""
        self._table.put_all([utterance_item(said) for said in utterances])
        latest: dict[str, MediaStream] = {}
        for stream in streams:
            before = latest.get(stream.sid)
            if before is None or _may_follow(stream, before):
                latest[stream.sid] = stream
        for stream in latest.values():
            self._save(stream)

    def end_stream(
        self, call_sid: CallSid, stream_sid: StreamSid, *, end: StreamEnd, trouble: str, at: datetime
    ) -> None:
        """End a stream that nobody ended, and leave the rest as it is written."""
        changes: Item = {"state": StreamState.ENDED.value, "end": end.value, "trouble": trouble, "ended_at": at}
        with suppress(RefusedError):
            self._table.update(Update(key(CALL, call_sid), key(STREAM, stream_sid), changes, _IS_OPEN))

    def transcript(self, call_sid: CallSid) -> Transcript:
        """Return what was said so far."""
        return assemble(call_sid, self._table.items(key(CALL, call_sid), since=PAUSE, until=UTTERANCE + _AFTER))

    def _save(self, stream: MediaStream) -> None:
        if stream.state is StreamState.ENDED:
            self._table.put(Put(stream_item(stream)))
            return
        is_open = Condition("attribute_not_exists(#pk) OR #state = :open", {"open": StreamState.OPEN.value})
        with suppress(RefusedError):
            self._table.put(Put(stream_item(stream), is_open))


def assemble(call_sid: CallSid, items: Iterable[Fields], over_at: datetime | None = None) -> Transcript:
    """Put a transcript together from a call's items, whatever else is among them; the call was *over_at*, if it is."""
    by_kind: dict[str, list[Fields]] = {STREAM: [], UTTERANCE: [], REPAIR: [], PAUSE: []}
    for fields in items:
        by_kind.setdefault(fields.text(KIND), []).append(fields)
    streams = sorted(map(stream_from, by_kind[STREAM]), key=lambda stream: (stream.started_at, stream.sid))
    repairs = map(repair_from, by_kind[REPAIR])
    return Transcript.assemble(
        call_sid,
        streams,
        map(utterance_from, by_kind[UTTERANCE]),
        repairs,
        pauses=map(pause_from, by_kind[PAUSE]),
        over_at=over_at,
    )


def _may_follow(stream: MediaStream, before: MediaStream) -> bool:
    return before.state is StreamState.OPEN or stream.state is StreamState.ENDED
