"""Servers for the tests of this folder."""

from collections.abc import AsyncIterator

import pytest

from local.deepgram.moonshine import MoonshineRecogniser
from local.deepgram.server import DeepgramServer
from local.deepgram.stamp import StampedRecogniser
from tests.unit.local_deepgram.line import KEY


@pytest.fixture
async def server() -> AsyncIterator[DeepgramServer]:
    """A server that reads stamped audio."""
    async with DeepgramServer(recogniser=StampedRecogniser(), api_keys={KEY}, bearer_tokens={"a token"}) as running:
        yield running


@pytest.fixture(scope="session")
def moonshine() -> MoonshineRecogniser:
    """The real recogniser, loaded once."""
    return MoonshineRecogniser()
