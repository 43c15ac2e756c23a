"""The sending side of a live stream, where the faults strike."""

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress

from starlette.websockets import WebSocket, WebSocketDisconnect

from local.deepgram.faults import FaultPlan
from local.deepgram.messages import Json


class Outlet:
    """Sends messages until the stream is over; what comes after that is dropped, as the peer would."""

    def __init__(self, socket: WebSocket, plan: Callable[[], FaultPlan], reset: Callable[[WebSocket], None]) -> None:
        self._socket = socket
        self._plan = plan
        self._reset = reset
        self.received_ms = 0.0
        """How much audio the stream has received; faults are due by it."""
        self.is_open = True
        self._silenced_by: FaultPlan | None = None
        self._held: asyncio.Queue[tuple[float, str]] = asyncio.Queue()
        self._holding = 0

    async def run(self) -> None:
        """Send what faults have held back, each when it is due and in order, until cancelled."""
        while True:
            due_at, text = await self._held.get()
            await asyncio.sleep(max(0.0, due_at - asyncio.get_running_loop().time()))
            await self._send_text(text)
            self._holding -= 1
            self._held.task_done()

    async def send(self, message: Json) -> None:
        """Send *message*, unless the stream is over or a fault has silenced it."""
        faults = self._plan().faults
        if not self.is_open or self._is_silenced():
            return
        is_results = message["type"] == "Results"
        late_s = faults.finals_late_ms / 1_000 if is_results and message["is_final"] else 0.0
        texts = [json.dumps(message, separators=(",", ":"), ensure_ascii=False)]
        if is_results:
            garbage = [] if faults.garbage is None else [faults.garbage]
            texts = [*garbage, *texts * (1 + faults.repeat_results)]
        for text in texts:
            if late_s or self._holding:
                self._holding += 1
                self._held.put_nowait((asyncio.get_running_loop().time() + late_s, text))
            else:
                await self._send_text(text)

    async def close(self, code: int, reason: str = "") -> None:
        """Close the stream, unless it is over or a fault keeps it hanging."""
        if not self.is_open or self._is_silenced():
            return
        await self._held.join()
        self.is_open = False
        with suppress(WebSocketDisconnect, RuntimeError):  # the peer may have gone first
            await self._socket.close(code, reason)

    def end(self) -> None:
        """Take note that the peer has gone."""
        self.is_open = False

    async def strike(self) -> None:
        """Cut the stream if a fault is due."""
        plan = self._plan()
        if plan.cuts_at(self.received_ms, plan.faults.close_after_ms):
            await self.close(plan.faults.close_code, plan.faults.close_reason)
        elif plan.cuts_at(self.received_ms, plan.faults.reset_after_ms):
            self.is_open = False
            self._reset(self._socket)
        else:
            self._is_silenced()

    def _is_silenced(self) -> bool:
        plan = self._plan()
        if self._silenced_by is not plan and plan.cuts_at(self.received_ms, plan.faults.silent_after_ms):
            self._silenced_by = plan
        return self._silenced_by is plan

    async def _send_text(self, text: str) -> None:
        try:
            await self._socket.send_text(text)
        except (WebSocketDisconnect, RuntimeError):  # the latter once Starlette has seen the peer go
            self.is_open = False
