"""The whole product, run as `make local` runs it, on a clock twenty times as fast."""

from collections.abc import AsyncIterator

import httpx
import pytest_asyncio

from local.house import House, Plan, open_house

SPEED = 20.0


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house() -> AsyncIterator[House]:
    """Give a house whose recogniser reads stamped words; shared by a module's tests, each with calls of its own."""
    async with open_house(Plan(recogniser="stamped", speed=SPEED)) as opened:
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def api(house: House) -> AsyncIterator[httpx.AsyncClient]:
    """Give a client of the house's API, signed in as the owner."""
    headers = {"Authorization": f"Bearer {house.token}"}
    async with httpx.AsyncClient(base_url=house.origin, headers=headers, timeout=10) as client:
        yield client
