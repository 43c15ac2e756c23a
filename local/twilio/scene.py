"""Where a verb is carried out: in which call, and from which document."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from local.twilio import urls
from local.twilio.call import Call
from local.twilio.exchange import Exchange


@dataclass(frozen=True, slots=True)
class Goto:
    """Go on with the document at *url*, which is told *params* besides the call's own."""

    url: str
    method: str = "POST"
    params: Mapping[str, str] = field(default_factory=dict)


class End:
    """Nothing more is to be done: hang up."""


Outcome = Goto | End | None
"""What a verb leads to; None: the next verb."""


@dataclass(frozen=True, slots=True)
class Scene:
    """One document of one call; relative URLs start from *document_url*."""

    exchange: Exchange
    call: Call
    document_url: str

    def resolve(self, url: str) -> str:
        """Return *url* as an absolute one; blank means the document itself."""
        return urls.join(self.document_url, url) if url else self.document_url

    def warn(self, code: int, text: str) -> None:
        """Add an entry about this call to the debugger."""
        self.exchange.warn(code, text, call_sid=self.call.sid)

    async def play(self, audio: bytes) -> None:
        """Let the caller hear *audio* to its end. Raises: HungUpError."""
        line, clock = self.call.line, self.exchange.clock
        ends_ms = line.outbound.lay(clock.next_ms(), audio)
        try:
            await line.wait_until(ends_ms)
        finally:
            line.outbound.cut(clock.next_ms())

    async def pause(self, duration_ms: float) -> None:
        """Let time pass. Raises: HungUpError."""
        await self.call.line.wait_until(self.exchange.clock.now_ms() + duration_ms)
