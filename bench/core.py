"""What one 20 ms frame of one track costs the streamer's core, in microseconds of CPU, without any socket.

    python -m bench.core [SECONDS_OF_SOUND] [ROUNDS]

Prints the median of several rounds for: reading Twilio's message (`parse`), laying the chunk (`timeline`), and all of
it (`session`: reading, laying, keeping, and handing out 100 ms chunks, with an interim each second and a final every
three). The figures are those of one core; they leave out base64's other side, TLS, sockets and the table.
"""

import base64
import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from streamer.rules import Rules
from streamer.session import Session
from streamer.timeline import Timeline
from telephony.calls import CallSid
from telephony.coverage import Track
from telephony.mailboxes import Listening
from telephony.numbers import MailboxId
from telephony.streams import StreamSid, Ticket, TicketId, TicketPurpose
from telephony.wire import deepgram, media_streams
from telephony.wire.media_streams import Media, Start

FRAME_MS = 20
FRAMES = 5
"""How many come together: a chunk."""
FRAME = bytes((at * 7_919 >> 4) % 255 for at in range(160))
CALL_SID = CallSid("CA" + "0" * 32)
WALL = datetime(2026, 1, 1, tzinfo=UTC)


def messages(count: int) -> list[bytes]:
    """Return *count* media messages as Twilio sends them."""
    payload = base64.b64encode(FRAME).decode()
    return [
        json.dumps(
            {
                "event": "media",
                "sequenceNumber": str(number + 2),
                "media": {
                    "track": "inbound",
                    "chunk": str(number + 1),
                    "timestamp": str(number * FRAME_MS),
                    "payload": payload,
                },
                "streamSid": "MZ" + "0" * 32,
            },
            separators=(",", ":"),
        ).encode()
        for number in range(count)
    ]


def parse_all(texts: Sequence[bytes]) -> None:
    """Read every message."""
    for text in texts:
        media_streams.parse(text)


def lay_all(chunks: Sequence[Media]) -> None:
    """Lay every chunk."""
    timeline = Timeline()
    for chunk in chunks:
        timeline.lay(chunk)


def run_session(texts: Sequence[bytes]) -> None:
    """Carry a whole call."""
    session = Session(Rules(), now=0.0, wall=WALL, chance=lambda: 0.5)
    tracks = (Track.INBOUND,)
    ticket = Ticket(TicketId("T"), TicketPurpose.MEDIA, CALL_SID, MailboxId("m"), WALL, Listening(), tracks)
    session.receive(Start(StreamSid("MZ"), CALL_SID, tracks, {"ticket": "T"}), 0.0)
    session.admitted(ticket, 0.0)
    for number, text in enumerate(texts):
        now = number * FRAME_MS / 1000
        session.receive(media_streams.parse(text), now)
        if number % FRAMES == FRAMES - 1:
            session.pass_on(now)
        if number == 0:
            session.recogniser_opened(Track.INBOUND, 1, now)
        elif number % 5 == 0:
            session.tick(now)
        if number and number % 50 == 0:
            session.recogniser_said(Track.INBOUND, 1, window(number // 50), now)


def window(second: int) -> deepgram.Results:
    """Return what the recogniser says after so many seconds."""
    start_ms, end_ms = (second - 1) // 3 * 3_000, second * 1_000
    words = tuple(deepgram.HeardWord("word", at, at + 300, 0.9) for at in range(start_ms, end_ms, 400))
    return deepgram.Results(start_ms, end_ms, words, is_final=second % 3 == 0)


def per_frame_us(what: Callable[[], None], frames: int, rounds: int) -> float:
    """Return the median cost of a frame, in microseconds."""
    taken: list[float] = []
    for _ in range(rounds):
        begun = time.process_time()
        what()
        taken.append((time.process_time() - begun) / frames * 1e6)
    return statistics.median(taken)


def main(seconds: int = 120, rounds: int = 7) -> None:
    """Measure and print."""
    texts = messages(seconds * 1000 // FRAME_MS)
    chunks = [chunk for chunk in map(media_streams.parse, texts) if isinstance(chunk, Media)]
    work: dict[str, Callable[[], None]] = {
        "parse": lambda: parse_all(texts),
        "timeline": lambda: lay_all(chunks),
        "session": lambda: run_session(texts),
    }
    for name, what in work.items():
        sys.stdout.write(f"{name:10} {per_frame_us(what, len(texts), rounds):6.2f} us a frame\n")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
