"""Ordering faults of a server that is another process on this machine."""

from dataclasses import asdict, dataclass

import httpx

from local.deepgram.faults import Faults

LIMIT_S = 5


@dataclass(frozen=True, slots=True)
class ServerState:
    """What the server has to do, and has done.

    Attributes:
        open_streams: live streams now.
        streams: live streams that there ever were.
        posts: batch requests that came, refused ones too.
        spoken: texts that were to be spoken, refused ones too.
    """

    open_streams: int
    streams: int
    posts: int
    spoken: int


@dataclass(frozen=True, slots=True)
class ServerControl:
    """Speaks to the server at *base_url*. Its methods raise httpx's errors."""

    base_url: str

    async def order(self, faults: Faults) -> None:
        """Have *faults* be in force instead of those before."""
        async with self._client() as client:
            (await client.put("/simulator/faults", json=asdict(faults))).raise_for_status()

    async def state(self) -> ServerState:
        """Return how things stand."""
        async with self._client() as client:
            return ServerState(**(await client.get("/simulator/state")).raise_for_status().json())

    def _client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=self.base_url, timeout=LIMIT_S, trust_env=False)
