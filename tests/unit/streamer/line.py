"""A recogniser's connection as a test sees it, and a result that it may be sent."""

import asyncio
import json
import ssl
from dataclasses import dataclass, field

from streamer.failure import Failure
from streamer.recogniser import Recogniser
from telephony.credentials import DeepgramCredentials
from telephony.wire import deepgram
from tests.unit.streamer.house import KEY, LIMIT_S

RESULTS = json.dumps(
    {
        "type": "Results",
        "start": 0,
        "duration": 1,
        "is_final": True,
        "channel": {"alternatives": [{"words": [{"word": "a" * 200, "start": 0, "end": 1, "confidence": 1}]}]},
    }
).encode()


@dataclass
class Line:
    """A recogniser's connection and all that came of it."""

    opened: int = 0
    heard: list[deepgram.Message] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    fault: Exception | None = None
    """Raised at the first message, as a bug of ours would be."""

    def __post_init__(self) -> None:
        self.recogniser = Recogniser(on_open=self._open, on_message=self._hear, on_close=self.failures.append)

    async def run(self, url: str, key: str = KEY, within_s: float = LIMIT_S, tls: ssl.SSLContext | None = None) -> None:
        async with asyncio.timeout(LIMIT_S):
            await self.recogniser.run(url, DeepgramCredentials(key), within_s, tls)

    @property
    def failure(self) -> Failure:
        (failure,) = self.failures
        return failure

    def _open(self) -> None:
        self.opened += 1

    def _hear(self, message: deepgram.Message) -> None:
        if self.fault is not None:
            raise self.fault
        self.heard.append(message)
