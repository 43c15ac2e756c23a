"""While it has calls, the task asks ECS not to end it: neither to scale in nor to deploy.

Source: docs.aws.amazon.com/AmazonECS/latest/developerguide/task-scale-in-protection-endpoint.html.
"""

import asyncio
import json
import time
from collections.abc import Callable
from typing import Final, Protocol
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from telephony import log
from telephony.errors import UpstreamError

EXPIRES_MINUTES: Final = 15
"""How long a protection lasts that nobody renews: what a task that died leaves behind."""

RENEW_S: Final = 300.0
CEILING_S: Final = 5 * 3600.0
"""How long a call may keep the task protected. Twilio ends a call after four hours, so a stream that is still there
after five is a fault of ours, and must not keep a deployment waiting for ever."""

TURN_S: Final = 10.0
"""How often the state is looked at when nothing changes, and how soon a request that failed is made again."""

TIMEOUT_S: Final = 2.0


class TaskProtector(Protocol):
    """What can keep the task from being ended. Blocks; raises UpstreamError."""

    def protect(self, minutes: int) -> None:
        """Have the task left alone for so long from now on."""
        ...

    def release(self) -> None:
        """Let the task be ended at any time."""
        ...


class EcsAgent:
    """The ECS agent beside the task, at the address that `ECS_AGENT_URI` names."""

    def __init__(self, agent_uri: str) -> None:
        self._url = f"{agent_uri}/task-protection/v1/state"

    def protect(self, minutes: int) -> None:
        """Have the task left alone for so long. Raises: UpstreamError."""
        self._put({"ProtectionEnabled": True, "ExpiresInMinutes": minutes})

    def release(self) -> None:
        """Let the task be ended. Raises: UpstreamError."""
        self._put({"ProtectionEnabled": False})

    def _put(self, state: dict[str, object]) -> None:
        content = json.dumps(state).encode()
        headers = {"Content-Type": "application/json"}
        request = Request(self._url, content, headers, method="PUT")  # noqa: S310 - ECS's own address
        try:
            with urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310 - as above
                said = json.loads(answer.read())
        except HTTPError as exc:
            exc.close()
            raise UpstreamError("ecs", str(exc.code), retryable=True) from exc
        except (OSError, ValueError) as exc:
            raise UpstreamError("ecs", type(exc).__name__, retryable=True) from exc
        if not isinstance(said, dict) or "protection" not in said:
            raise UpstreamError("ecs", "not protected", retryable=True)


class Watch:
    """Says when to protect and when to release. Sans-I/O."""

    def __init__(self) -> None:
        self._protected_at: float | None = None

    def wants(self, *, newest: float | None, now: float) -> bool | None:
        """Return True to protect now, False to release now, None to leave things as they are.

        *newest* is when the newest of the calls there are began; None when there is none.
        """
        if newest is None or now - newest >= CEILING_S:
            return None if self._protected_at is None else False
        is_fresh = self._protected_at is not None and now - self._protected_at < RENEW_S
        return None if is_fresh else True

    def done(self, *, is_protected: bool, now: float) -> None:
        """What was wanted has been done."""
        self._protected_at = now if is_protected else None


class Protection:
    """Keeps the task protected for as long as it has a call that is not too old."""

    def __init__(
        self,
        protector: TaskProtector,
        newest: Callable[[], float | None],
        *,
        now: Callable[[], float] = time.monotonic,
        turn_s: float = TURN_S,
    ) -> None:
        self._protector = protector
        self._newest = newest
        self._now = now
        self._turn_s = turn_s
        self._watch = Watch()
        self._changed = asyncio.Event()

    def look(self) -> None:
        """Look at once what calls there are: it may have changed."""
        self._changed.set()

    async def run(self) -> None:
        """Protect and release until cancelled. What fails is tried again, and never fatal."""
        while True:
            self._changed.clear()
            await self._turn()
            try:
                async with asyncio.timeout(self._turn_s):
                    await self._changed.wait()
            except TimeoutError:
                continue

    async def _turn(self) -> None:
        wanted = self._watch.wants(newest=self._newest(), now=self._now())
        if wanted is None:
            return
        try:
            if wanted:
                await asyncio.to_thread(self._protector.protect, EXPIRES_MINUTES)
            else:
                await asyncio.to_thread(self._protector.release)
        except UpstreamError as exc:
            log.logger().error("task-protection-not-changed", error=str(exc), wanted=wanted)
        else:
            self._watch.done(is_protected=wanted, now=self._now())
