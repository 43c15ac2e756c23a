"""TranscriptStore in memory."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from telephony.calls import CallSid
from telephony.streams import MediaStream, StreamEnd, StreamSid, StreamState
from telephony.transcripts import Transcript, Utterance
from tests.fakes.state import State


class MemoryTranscripts:
    """Keeps streams and utterances; keeps the promises of `telephony.ports.TranscriptStore`."""

    def __init__(self, state: State | None = None) -> None:
        self._state = state or State()

    def save(self, streams: Sequence[MediaStream], utterances: Sequence[Utterance]) -> None:
        """Store all of these; an ENDED stream is never opened again."""
        with self._state.reached():
            for said in utterances:
                place = (said.call_sid, said.track, said.start_ms, said.stream_sid, said.number)
                self._state.utterances[place] = said
            for stream in streams:
                known = self._state.streams.get((stream.call_sid, stream.sid))
                if known is None or known.state is StreamState.OPEN or stream.state is StreamState.ENDED:
                    self._state.streams[stream.call_sid, stream.sid] = stream

    def end_stream(
        self, call_sid: CallSid, stream_sid: StreamSid, *, end: StreamEnd, trouble: str, at: datetime
    ) -> None:
        """End a stream that nobody ended."""
        with self._state.reached():
            known = self._state.streams.get((call_sid, stream_sid))
            if known is not None and known.state is StreamState.OPEN:
                ended = replace(known, state=StreamState.ENDED, end=end, trouble=trouble, ended_at=at)
                self._state.streams[call_sid, stream_sid] = ended

    def transcript(self, call_sid: CallSid) -> Transcript:
        """Return what was said so far."""
        with self._state.reached():
            streams = (each for each in self._state.streams.values() if each.call_sid == call_sid)
            said = [*self._state.utterances.values(), *self._state.repaired.values()]
            return Transcript.assemble(
                call_sid,
                sorted(streams, key=lambda each: (each.started_at, each.sid)),
                (each for each in said if each.call_sid == call_sid),
                (each for each in self._state.repairs.values() if each.call_sid == call_sid),
                pauses=[each for _, each in sorted(self._state.pauses.items()) if each.call_sid == call_sid],
                over_at=call.over_at if (call := self._state.calls.get(call_sid)) else None,
            )
