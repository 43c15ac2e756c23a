"""The counterpart: Deepgram's side of every server under test, as cheap as it can be, and a witness of what arrives.

    python -m bench.bridge.counterpart [--certificate FILE --key FILE]

With a certificate it takes TLS alone. It answers as Deepgram does where the servers look: an interim a second, a final
every three, the rest and Metadata at CloseStream. `GET /stats` tells what arrived since the last `GET /stats`. Prints
its port as a line of JSON.
"""

import argparse
import asyncio
import json
import ssl
import sys
import time
from dataclasses import dataclass, field
from typing import Final

import orjson
import uvloop
from picows import (
    WSCloseCode,
    WSFrame,
    WSListener,
    WSMsgType,
    WSTransport,
    WSUpgradeRequest,
    WSUpgradeResponse,
    WSUpgradeResponseWithListener,
    ws_create_server,
)

from local.load.frames import FRAME_BYTES, read_stamps

INTERIM_MS: Final = 1_000
FINAL_MS: Final = 3_000
WORD_MS: Final = 400
BUCKET_MS: Final = 0.05
BUCKETS: Final = 40_000
"""Latencies up to two seconds."""


@dataclass(slots=True)
class Witness:
    """What arrived since it was last asked."""

    audio_bytes: int = 0
    messages: int = 0
    frames: int = 0
    missing: int = 0
    repeated: int = 0
    connections: int = 0
    open: int = 0
    ciphers: set[str] = field(default_factory=set)
    latencies: dict[int, int] = field(default_factory=dict)

    def tell(self) -> dict[str, object]:
        """Return what arrived, and begin anew; connections that are open stay counted, and their ciphers named."""
        said: dict[str, object] = {
            "audio_bytes": self.audio_bytes,
            "messages": self.messages,
            "frames": self.frames,
            "missing": self.missing,
            "repeated": self.repeated,
            "connections": self.connections,
            "open": self.open,
            "ciphers": sorted(self.ciphers),
            "latency_ms": {str(share): self._latency_ms(share) for share in (0.5, 0.95, 0.99, 0.999, 1.0)},
        }
        self.audio_bytes = self.messages = self.frames = self.missing = self.repeated = self.connections = 0
        self.latencies = {}
        return said

    def _latency_ms(self, share: float) -> float | None:
        wanted = share * sum(self.latencies.values())
        seen = 0
        for bucket in sorted(self.latencies):
            seen += self.latencies[bucket]
            if seen >= wanted:
                return round((bucket + 1) * BUCKET_MS, 3)
        return None


class Recogniser(WSListener):
    """One connection of a server under test."""

    def __init__(self, witness: Witness, bytes_per_ms: int, *, is_stamped: bool) -> None:
        self._witness = witness
        self._bytes_per_ms = bytes_per_ms
        self._is_stamped = is_stamped
        self._heard = 0
        self._next = -1
        self._said_ms = self._final_ms = 0

    def on_ws_connected(self, transport: WSTransport) -> None:
        """A server has connected."""
        self._witness.connections += 1
        self._witness.open += 1
        if transport.is_secure:
            cipher, version, _ = transport.underlying_transport.get_extra_info("cipher")
            self._witness.ciphers.add(f"{version}, {cipher}")

    def on_ws_disconnected(self, _transport: WSTransport) -> None:
        """A server has gone."""
        self._witness.open -= 1

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Sound, or a word about it."""
        match frame.msg_type:
            case WSMsgType.BINARY:
                self._listen(transport, frame.get_payload_as_bytes())
            case WSMsgType.TEXT if b"CloseStream" in frame.get_payload_as_bytes():
                self._end(transport)
            case WSMsgType.TEXT if b"Finalize" in frame.get_payload_as_bytes():
                self._say(transport, self._heard_ms, is_final=True)
            case WSMsgType.CLOSE:
                transport.send_close(WSCloseCode.OK)
                transport.disconnect()

    @property
    def _heard_ms(self) -> int:
        return self._heard // self._bytes_per_ms

    def _listen(self, transport: WSTransport, sound: bytes) -> None:
        witness = self._witness
        witness.messages += 1
        witness.audio_bytes += len(sound)
        if self._is_stamped and self._heard % FRAME_BYTES == 0:
            self._count(sound)
        self._heard += len(sound)
        heard_ms = self._heard_ms
        if heard_ms - self._final_ms >= FINAL_MS:
            self._say(transport, heard_ms, is_final=True)
        elif heard_ms - self._said_ms >= INTERIM_MS:
            self._say(transport, heard_ms, is_final=False)

    def _count(self, sound: bytes) -> None:
        witness = self._witness
        now_ns = time.monotonic_ns()
        for number, sent_ns in read_stamps(sound):
            witness.frames += 1
            if self._next >= 0 and number != self._next:
                if number > self._next:
                    witness.missing += number - self._next
                else:
                    witness.repeated += 1
            self._next = number + 1
            bucket = min(int((now_ns - sent_ns) / 1e6 / BUCKET_MS), BUCKETS)
            witness.latencies[bucket] = witness.latencies.get(bucket, 0) + 1

    def _say(self, transport: WSTransport, end_ms: int, *, is_final: bool) -> None:
        start_ms = self._final_ms
        self._said_ms = end_ms
        if is_final:
            self._final_ms = end_ms
        transport.send(WSMsgType.TEXT, results(start_ms, end_ms, is_final=is_final))

    def _end(self, transport: WSTransport) -> None:
        self._say(transport, self._heard_ms, is_final=True)
        metadata = {
            "type": "Metadata",
            "request_id": "r",
            "sha256": "",
            "created": "",
            "duration": self._heard_ms / 1000,
        }
        transport.send(WSMsgType.TEXT, orjson.dumps({**metadata, "channels": 1}))
        transport.send_close(WSCloseCode.OK)


def results(start_ms: int, end_ms: int, *, is_final: bool) -> bytes:
    """Return a Results message with a word each 400 ms, as long as Deepgram's own."""
    words = [
        {"word": "word", "start": at / 1000, "end": (at + 300) / 1000, "confidence": 0.98, "punctuated_word": "word"}
        for at in range(start_ms, end_ms - 300, WORD_MS)
    ]
    alternative = {"transcript": " ".join("word" for _ in words), "confidence": 0.98, "words": words}
    message = {
        "type": "Results",
        "channel_index": [0, 1],
        "duration": (end_ms - start_ms) / 1000,
        "start": start_ms / 1000,
        "is_final": is_final,
        "speech_final": is_final,
        "from_finalize": False,
        "channel": {"alternatives": [alternative]},
        "metadata": {
            "request_id": "00000000-0000-0000-0000-000000000000",
            "model_info": {"name": "nova-3", "version": "2025-01-01.0", "arch": "nova-3"},
            "model_uuid": "00000000-0000-0000-0000-000000000000",
        },
    }
    return orjson.dumps(message)


async def serve(tls: ssl.SSLContext | None) -> None:
    """Serve until the process is stopped."""
    witness = Witness()

    def accept(request: WSUpgradeRequest) -> WSListener | WSUpgradeResponseWithListener:
        path, _, query = request.path.partition(b"?")
        if path == b"/stats":
            body = json.dumps(witness.tell()).encode()
            return WSUpgradeResponseWithListener(WSUpgradeResponse.create_ok_response(body), None)
        is_linear = b"linear16" in query
        return Recogniser(witness, 16 if is_linear else 8, is_stamped=not is_linear)

    server = await ws_create_server(accept, "127.0.0.1", 0, backlog=4_096, ssl=tls)
    sys.stdout.write(json.dumps({"port": server.sockets[0].getsockname()[1]}) + "\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


def main() -> int:
    """Serve, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--certificate")
    parser.add_argument("--key")
    given = parser.parse_args()
    tls = None
    if given.certificate:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(given.certificate, given.key)
    uvloop.run(serve(tls))
    return 0


if __name__ == "__main__":
    sys.exit(main())
