"""The telephone exchange: everything the simulated Twilio knows, and the tasks that carry its calls."""

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from local.twilio.account import Account
from local.twilio.call import Call
from local.twilio.caller import Person
from local.twilio.clock import Clock
from local.twilio.events import CallbackFailed, EventLog, Warned
from local.twilio.faults import Faults
from local.twilio.messages import Message
from local.twilio.numbers import OwnNumber
from local.twilio.quirks import Quirks
from local.twilio.recordings import Recording
from local.twilio.webhooks import WebhookClient, WebhookError


@dataclass(frozen=True, slots=True)
class DebuggerEntry:
    """An entry of Twilio's debugger."""

    code: int
    text: str


class Exchange:
    """The state that the calls, the streams and the REST API share. Owned and run by SimulatedTwilio."""

    def __init__(self, *, account: Account, clock: Clock, quirks: Quirks, faults: Faults) -> None:
        self.account = account
        self.clock = clock
        self.quirks = quirks
        self.faults = faults
        self.log = EventLog()
        self.webhooks = WebhookClient(account, clock, self.log, same_token_on_retry=quirks.same_token_on_retry)
        self.numbers: dict[str, OwnNumber] = {}
        self.people: dict[str, Person] = {}
        self.opted_out: set[str] = set()
        self.calls: dict[str, Call] = {}
        self.recordings: dict[str, Recording] = {}
        self.messages: list[Message] = []
        self.warnings: list[DebuggerEntry] = []
        self.base_url = ""
        self._group: asyncio.TaskGroup | None = None
        self._tasks: dict[asyncio.Task[None], Call | None] = {}

    def spawn(self, work: Coroutine[None, None, None], call: Call | None = None) -> asyncio.Task[None]:
        """Run *work* for *call*. A bug in it ends the whole simulator, loudly."""
        if self._group is None:
            work.close()
            raise RuntimeError("the simulated Twilio is not running")
        task = self._group.create_task(work)
        self._tasks[task] = call
        task.add_done_callback(lambda done: self._tasks.pop(done, None))
        return task

    async def settled(self) -> None:
        """Return when everything that ended calls and sent messages still owed has been delivered or given up."""
        while owed := {task for task, call in self._tasks.items() if call is None or call.is_over}:
            await asyncio.wait(owed)

    def warn(self, code: int, text: str, *, call_sid: str = "") -> None:
        """Add an entry to the debugger."""
        self.warnings.append(DebuggerEntry(code, text))
        self.log.publish(Warned(at=self.clock.now(), call_sid=call_sid, code=code, text=text))

    async def call_back(
        self, url: str, params: Mapping[str, str], *, purpose: str, method: str = "POST", call_sid: str = ""
    ) -> None:
        """Deliver a callback whose answer does not matter, as often as the faults say; a blank *url* asks for none."""
        for _ in range(self.faults.duplicate_callbacks if url else 0):
            try:
                await self.webhooks.send(url, params, purpose=purpose, method=method, call_sid=call_sid)
            except WebhookError as exc:
                self.warn(exc.code, f"{purpose}: {exc.text}", call_sid=call_sid)
                path = "/" + exc.url.partition("://")[2].partition("/")[2]
                self.log.publish(
                    CallbackFailed(at=self.clock.now(), call_sid=call_sid, purpose=purpose, path=path, code=exc.code)
                )


def rfc2822(at: datetime) -> str:
    """Return *at* as Twilio writes it in most places: Fri, 20 Nov 2026 10:00:42 +0000."""
    return format_datetime(at)


def iso8601(at: datetime) -> str:
    """Return *at* as Twilio writes it in the callbacks of streams: 2026-11-20T10:00:42.123456Z."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
