"""The simulated Twilio itself: one loopback server, and the calls that are rung."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator
from typing import Self

import uvicorn
from starlette.applications import Starlette

from local.twilio.account import Account
from local.twilio.call import Call
from local.twilio.caller import Caller, Place
from local.twilio.clock import Clock
from local.twilio.control import ControlResource
from local.twilio.events import Event
from local.twilio.exchange import Exchange
from local.twilio.faults import Faults
from local.twilio.flow import CallFlow
from local.twilio.numbers import OwnNumber
from local.twilio.quirks import Quirks
from local.twilio.rest import RestGate
from local.twilio.rest_calls import CallsResource
from local.twilio.rest_messages import MessagesResource
from local.twilio.rest_numbers import NumbersResource
from local.twilio.rest_recordings import RecordingsResource
from local.twilio.sids import new_sid

STOP_LIMIT_S = 5
"""How long open requests may take at the end."""
TICK_S = 0.1
"""uvicorn's own pulse: it counts ten of them to the second."""


class SimulatedTwilio(Exchange):
    """Runs inside an event loop between `async with` and its end. A bug in it is raised at that end."""

    def __init__(
        self,
        *,
        account: Account,
        clock: Clock | None = None,
        quirks: Quirks | None = None,
        faults: Faults | None = None,
        port: int = 0,
    ) -> None:
        super().__init__(account=account, clock=clock or Clock(), quirks=quirks or Quirks(), faults=faults or Faults())
        self._port = port
        self._gate = RestGate(self)
        self._started = asyncio.Event()
        self._closing = asyncio.Event()
        self._owner: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        listener = socket.create_server(("127.0.0.1", self._port))
        self.base_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        # One task holds the TaskGroup, so that this object may be entered in one task and left in another.
        self._owner = asyncio.create_task(self._run(listener), name="simulated Twilio")
        started = asyncio.create_task(self._started.wait())
        await asyncio.wait({self._owner, started}, return_when=asyncio.FIRST_COMPLETED)
        started.cancel()
        if self._owner.done():
            await self._owner
        return self

    async def __aexit__(self, *_: object) -> None:
        self._closing.set()
        if self._owner is not None:
            await self._owner

    def own_number(
        self,
        number: str,
        *,
        voice_url: str = "",
        voice_fallback_url: str = "",
        status_callback: str = "",
        sms_url: str = "",
        place: Place | None = None,
    ) -> OwnNumber:
        """Give the account *number* and say what answers it; what it was before is replaced."""
        own = OwnNumber(
            sid=new_sid("PN"),
            number=number,
            friendly_name=number,
            voice_url=voice_url,
            voice_fallback_url=voice_fallback_url,
            status_callback=status_callback,
            sms_url=sms_url,
            place=place or Place(),
        )
        self.numbers[number] = own
        return own

    async def ring(self, caller: Caller, *, to: str) -> Call:
        """Place a call to one of our numbers and return while it rings. Raises: KeyError if it is not ours."""
        return self._ring(caller, to)

    def subscribe(self) -> AsyncIterator[Event]:
        """Return an iterator over all events from now on; it ends with the simulator."""
        return self.log.subscribe()

    @property
    def events(self) -> list[Event]:
        """All events so far."""
        return self.log.all()

    def refuse(self, requests: int, *, status: int = 429, path: str = "") -> None:
        """Answer the next *requests* to the REST API with *status*: those whose path holds *path*."""
        self._gate.refusals, self._gate.refusal_status, self._gate.refusal_path = requests, status, path

    def _ring(self, caller: Caller, to: str) -> Call:
        call = Call(sid=new_sid("CA"), caller=caller, number=self.numbers[to], clock=self.clock, log=self.log)
        self.calls[call.sid] = call
        flow = CallFlow(self, call)
        self.spawn(flow.run(), call)
        self.spawn(flow.attend_end(), call)
        return call

    async def _run(self, listener: socket.socket) -> None:
        server = _Server(
            uvicorn.Config(
                self._app(),
                lifespan="off",
                log_config=None,
                access_log=False,
                ws="none",
                timeout_graceful_shutdown=STOP_LIMIT_S,
            ),
            self._closing,
        )
        try:
            async with asyncio.TaskGroup() as group:
                self._group = group
                group.create_task(server.serve(sockets=[listener]))
                self._started.set()  # the socket listens already
                await self._closing.wait()
                for task in tuple(self._tasks):
                    task.cancel()
                server.should_exit = True
        finally:
            self._group = None
            for call in self.calls.values():
                call.complete()  # whoever waits for its end must not wait for ever
            self.log.close()
            await self.webhooks.close()

    def _app(self) -> Starlette:
        gate = self._gate
        resources = (CallsResource(gate), MessagesResource(gate), NumbersResource(gate), RecordingsResource(gate))
        routes = [route for resource in resources for route in resource.routes]
        return Starlette(routes=routes + gate.nowhere() + ControlResource(self, self._ring).routes)


class _Server(uvicorn.Server):
    """A server inside somebody else's process: it leaves that process's signals alone, and ends at once when told."""

    def __init__(self, config: uvicorn.Config, closing: asyncio.Event) -> None:
        super().__init__(config)
        self._closing = closing

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def main_loop(self) -> None:
        ticks = 0
        while not await self.on_tick(ticks) and not self._closing.is_set():
            ticks += 1
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(TICK_S):
                    await self._closing.wait()
