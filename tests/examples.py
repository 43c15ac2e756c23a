"""A call and what belongs to it, made up; a test names only what matters to it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from telephony.calls import Call, CallSid, CallStatus
from telephony.coverage import Coverage, Interval, Track
from telephony.mailboxes import Mailbox
from telephony.numbers import E164, MailboxId
from telephony.recordings import Recording, RecordingSid, RecordingStatus
from telephony.streams import MediaStream, StreamEnd, StreamSid, StreamState
from telephony.transcripts import Rung, Utterance, Word

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
CALL_SID = CallSid("CA" + "1" * 32)
OTHER_CALL_SID = CallSid("CA" + "2" * 32)
RECORDING_SID = RecordingSid("RE" + "3" * 32)
STREAM_SID = StreamSid("MZ" + "4" * 32)
CALLER = "+15005550001"
NUMBER = E164("+15005550006")
OWNER = E164("+15005550010")
DEPUTY = E164("+15005550011")

MAILBOX = Mailbox(
    id=MailboxId("front-desk"),
    name="Front desk",
    sms_recipients=(OWNER,),
    email_recipients=("ada@example.com",),
    readers=("ada",),
)
CALL = Call(CALL_SID, MAILBOX.id, NUMBER, CALLER, NOON, CallStatus.IN_PROGRESS)
RECORDING = Recording(RECORDING_SID, CALL_SID, RecordingStatus.COMPLETED, 12_000, NOON + timedelta(seconds=31))
ENDED_AT = NOON + timedelta(seconds=30)
ENDED_CALL = replace(CALL, status=CallStatus.COMPLETED, ended_at=ENDED_AT, duration_s=30)


def utterance(text: str, start_ms: int = 0, *, track: Track = Track.INBOUND, rung: Rung = Rung.LIVE) -> Utterance:
    """Return *text* as said from *start_ms* on, a word every 400 ms."""
    words = tuple(
        Word(word, at_ms, at_ms + 350, 0.98)
        for at_ms, word in zip(range(start_ms, start_ms + 400 * 10_000, 400), text.split(), strict=False)
    )
    return Utterance(CALL_SID, track, start_ms, words[-1].end_ms, words, rung)


def coverage(received_ms: int = 12_000, *, holes: tuple[Interval, ...] = ()) -> Coverage:
    """Return the coverage of a track that came back final but for *holes*, which are in order."""
    edges = [0, *(edge for hole in holes for edge in (hole.start_ms, hole.end_ms)), received_ms]
    windows = (Interval(start, end) for start, end in zip(edges[::2], edges[1::2], strict=True))
    return Coverage(Track.INBOUND, received_ms, transcribed=tuple(each for each in windows if each.length_ms))


def ended_stream(covered: Coverage | None = None, *, end: StreamEnd = StreamEnd.STOPPED) -> MediaStream:
    """Return a stream that ended with the call; its coverage is complete unless given."""
    return MediaStream(
        sid=STREAM_SID,
        call_sid=CALL_SID,
        started_at=NOON + timedelta(seconds=1),
        coverage=(covered or coverage(),),
        state=StreamState.ENDED,
        end=end,
        ended_at=ENDED_AT,
    )
