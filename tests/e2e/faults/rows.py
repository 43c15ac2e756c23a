"""The fault matrix. One call each; a line says what must come of it where that is not a live transcript of every word.

Times are of the call, but for those in seconds, which are real: they are waits of the product, and are not accelerated.
"""

import signal
from datetime import timedelta
from typing import Final

from local.aws.gate import GateState
from local.deepgram.faults import Faults as Deepgram
from local.twilio.faults import Faults as Twilio
from telephony.transcripts import Rung
from tests.e2e.conftest import SPEED
from tests.e2e.faults import acts
from tests.e2e.faults.row import Row
from tests.e2e.faults.words import COMPLETE, RECORDED

FOR_EVER: Final = 10_000
MID_CALL_MS: Final = 20_050
"""Of the stream: in the middle of a word, wherever the words begin."""
EARLY_MS: Final = 8_050
"""Of the stream: before the middle of the message, where a recording that is cut in half ends."""
MID_MESSAGE: Final = 700
"""The number of a frame in the middle of the message."""

REPLAYED: Final = (Rung.REPLAYED,)
BACKFILLED: Final = (Rung.BACKFILLED,)
NEVER_CUT: Final = (Rung.LIVE, Rung.REPLAYED)
"""Whether words had to be sent again hangs on what had come back when the connection went."""


def _real(call_ms: float) -> int:
    """Return the milliseconds that *call_ms* of a call take here."""
    return round(call_ms / SPEED)


ROWS: Final = (
    Row(name="no fault"),
    # --- Deepgram ---
    Row(name="opens 3 s late", deepgram=Deepgram(open_late_ms=_real(3_000))),
    Row(name="429 three times", deepgram=Deepgram(refuse_handshakes=3, refuse_status=429), rungs=NEVER_CUT),
    Row(name="503 once", deepgram=Deepgram(refuse_handshakes=1), rungs=NEVER_CUT),
    Row(
        name="401",
        deepgram=Deepgram(refuse_handshakes=FOR_EVER, refuse_status=401),
        rungs=BACKFILLED,
        coverage=(RECORDED,),
    ),
    Row(
        name="closes with 1011 mid-word",
        deepgram=Deepgram(close_after_ms=MID_CALL_MS, cuts=1),
        rungs=REPLAYED,
    ),
    Row(
        name="closes with 1000 mid-call",
        deepgram=Deepgram(close_after_ms=MID_CALL_MS, close_code=1000, cuts=1),
        rungs=REPLAYED,
    ),
    Row(name="RST mid-send", deepgram=Deepgram(reset_after_ms=MID_CALL_MS, cuts=1), rungs=REPLAYED),
    Row(
        name="accepts and goes silent",
        deepgram=Deepgram(silent_after_ms=0, cuts=1),
        rungs=NEVER_CUT,
    ),
    Row(name="goes silent mid-call", deepgram=Deepgram(silent_after_ms=MID_CALL_MS, cuts=1), rungs=REPLAYED),
    Row(name="sends garbage", deepgram=Deepgram(garbage='{"type":"Results","channel":{"alternatives":[{')),
    Row(name="repeats results", deepgram=Deepgram(repeat_results=2)),
    Row(name="finals 5 s late", deepgram=Deepgram(finals_late_ms=_real(5_000))),
    Row(
        name="drops five times in a call",
        deepgram=Deepgram(close_after_ms=EARLY_MS, cuts=5),
        rungs=REPLAYED,
    ),
    Row(
        name="down for the whole call",
        deepgram=Deepgram(refuse_handshakes=FOR_EVER),
        rungs=BACKFILLED,
        coverage=(RECORDED,),
    ),
    Row(
        name="batch down too",
        deepgram=Deepgram(refuse_handshakes=FOR_EVER, refuse_posts=FOR_EVER),
        rungs=(Rung.PLACEHOLDER,),
        has_words=False,
        coverage=(),
        says="could not be put in writing",
        limit_s=110,
        is_slow=True,
    ),
    # --- Twilio ---
    Row(name="media before start", twilio=Twilio(early_frames=5)),
    Row(
        name="gap of 400 ms",
        twilio=Twilio(drop_frames=range(MID_MESSAGE, MID_MESSAGE + 20)),
        rungs=BACKFILLED,
    ),
    Row(name="chunks repeated", twilio=Twilio(repeat_frames=range(100, 1_100, 50))),
    Row(name="chunks out of order", twilio=Twilio(swap_frames=range(100, 1_100, 50))),
    Row(name="chunks out of order by 60 ms", twilio=Twilio(swap_frames=range(100, 1_100, 50), swap_distance=3)),
    Row(name="socket closed without stop", twilio=Twilio(skip_stop=True), rungs=(Rung.LIVE, Rung.BACKFILLED)),
    Row(name="socket lost mid-call, stream-error", twilio=Twilio(lose_socket_at=MID_MESSAGE), rungs=BACKFILLED),
    Row(name="second stream for the same call", during=acts.stream_again),
    Row(name="stream-error for a healthy stream", during=acts.report_stream_error),
    Row(name="recording callback first", twilio=Twilio(recording_callback_first=True)),
    Row(name="every callback three times", twilio=Twilio(duplicate_callbacks=3)),
    Row(name="recording callback never", twilio=Twilio(lose_recording_callback=True), limit_s=20),
    Row(name="recording 404 twice, then there", twilio=Twilio(recording_absent=2), limit_s=40, is_slow=True),
    Row(name="recording is no sound", twilio=Twilio(recording_media=b"<html>"), keeps_sound=False),
    Row(
        name="gap of 400 ms, recording is no sound",
        twilio=Twilio(drop_frames=range(MID_MESSAGE, MID_MESSAGE + 20), recording_media=b"<html>"),
        coverage=(),
        most_lost=5,
        says="The text is incomplete",
        keeps_sound=False,
    ),
    Row(name="recording is cut in half", twilio=Twilio(truncate_recordings=True)),
    Row(
        name="recording is cut in half, live text ends early",
        deepgram=Deepgram(close_after_ms=EARLY_MS, cuts=1, is_gone_once_cut=True),
        twilio=Twilio(truncate_recordings=True),
        rungs=BACKFILLED,
        coverage=(),
        most_lost=105,
        says="The text is incomplete",
    ),
    # --- ours ---
    Row(name="no streamer", before=acts.end_streamer, rungs=BACKFILLED),
    Row(name="streamer: SIGTERM mid-call", during=acts.signal_streamer(signal.SIGTERM, after_ms=10_000)),
    Row(
        name="streamer: SIGKILL mid-call",
        during=acts.signal_streamer(signal.SIGKILL, after_ms=10_000),
        rungs=BACKFILLED,
        # Both hang on what it had come to write down before it was killed: with no word, nothing can be compared.
        coverage=(COMPLETE, RECORDED),
        is_placed=False,
        limit_s=30,
        is_slow=True,
    ),
    Row(
        name="table throttled for 10 s of the call",
        during=acts.table_fails(GateState.THROTTLED, after_ms=5_000, for_s=_real(10_000) / 1_000),
    ),
    Row(
        name="table down for 10 s of the call",
        during=acts.table_fails(GateState.SHUT, after_ms=5_000, for_s=_real(10_000) / 1_000),
    ),
    Row(
        name="table throttled for 10 s around the hang-up",
        during=acts.table_fails(GateState.THROTTLED, after_ms=15_000, for_s=10),
        limit_s=30,
        is_slow=True,
    ),
    Row(
        name="table down for 10 s around the hang-up",
        during=acts.table_fails(GateState.SHUT, after_ms=15_000, for_s=10),
        limit_s=30,
        is_slow=True,
    ),
    Row(
        name="table down when the call comes",
        during=acts.table_fails_at_the_ring,
        rungs=BACKFILLED,
        limit_s=30,
    ),
    # Whether it was taken is not known: it is looked for when the claim's lease is over, and only then sent again.
    Row(name="SMS API: 500, then good", before=acts.sms_fails(1), limit_s=100, is_slow=True),
    Row(
        name="SMS refused for good (21610)",
        before=acts.opt_out,
        sms=0,
        states=(("email", "sent"), ("sms", "failed")),
    ),
    Row(name="SMS API takes it, its answer is lost", twilio=Twilio(lose_sms_answers=True), limit_s=100, is_slow=True),
    Row(name="SNS down for 10 s", during=acts.topic_fails(for_s=10), limit_s=100, is_slow=True),
    Row(name="Twilio's clock 7 minutes ahead", before=acts.skew(timedelta(minutes=7))),
    Row(name="Twilio's clock 7 minutes behind", before=acts.skew(timedelta(minutes=-7))),
)
