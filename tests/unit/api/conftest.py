"""The API behind API Gateway, on stores in memory, with an issuer of tokens."""

import asyncio
from collections.abc import Iterator

import pytest

from functions.api.ports import ApiPorts
from tests.fakes.audio import MemoryAudio
from tests.fakes.clock import FixedClock
from tests.fakes.table import MemoryTable
from tests.unit.api.asking import Gateway, Issuer, memory_ports


@pytest.fixture(scope="session")
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture
def table() -> MemoryTable:
    return MemoryTable()


@pytest.fixture
def audio() -> MemoryAudio:
    return MemoryAudio()


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def ports(table: MemoryTable, audio: MemoryAudio, clock: FixedClock, issuer: Issuer) -> ApiPorts:
    return memory_ports(table, audio, clock, issuer)


@pytest.fixture
def loop() -> Iterator[None]:
    """Give Mangum the event loop that it expects to find; Lambda's main thread has one."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    yield
    asyncio.set_event_loop(None)
    loop.close()


@pytest.fixture
def api(ports: ApiPorts, loop: None) -> Gateway:  # noqa: ARG001 - it must be there, and has no value
    return Gateway(ports)
