"""A world in which one number takes messages, and Twilio calls."""

import asyncio
from collections.abc import Iterator

import pytest

from telephony.numbers import E164, Number, NumberMode
from tests.unit.webhooks.calling import MAILBOX, NUMBER, Twilio, World


@pytest.fixture(autouse=True)
def _loop() -> Iterator[None]:
    """Give the adapter the event loop it expects to find; Lambda's main thread has one."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    yield
    asyncio.set_event_loop(None)
    loop.close()


@pytest.fixture
def world() -> World:
    """A table with one number, which takes messages."""
    world = World()
    world.table.directory.put(MAILBOX, [Number(NUMBER, MAILBOX.id)])
    return world


@pytest.fixture
def twilio(world: World) -> Twilio:
    """Twilio, calling."""
    return world.start()


@pytest.fixture
def ringing(world: World) -> World:
    """The same world, but a person is rung first."""
    number = Number(NUMBER, MAILBOX.id, NumberMode.RING_FIRST, E164("+15005550010"), 25)
    world.table.directory.put(MAILBOX, [number])
    return world
