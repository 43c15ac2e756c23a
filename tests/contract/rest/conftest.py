"""A server that stands for Twilio's REST API."""

from collections.abc import Iterator

import pytest

from tests.contract.rest import server
from tests.contract.rest.server import Server


@pytest.fixture
def twilio() -> Iterator[Server]:
    """Give a server that answers 404 until it is told otherwise."""
    with server.running() as twilio:
        yield twilio
