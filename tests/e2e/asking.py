"""Asking again until there is an answer, within a limit."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

LIMIT_S = 15
PAUSE_S = 0.05


async def eventually(ask: Callable[[], Awaitable[T | None]]) -> T:
    """Return the first answer of *ask* that is not None. Raises: TimeoutError."""
    async with asyncio.timeout(LIMIT_S):
        while True:
            answer = await ask()
            if answer is not None:
                return answer
            await asyncio.sleep(PAUSE_S)
