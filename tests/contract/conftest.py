"""The two DynamoDB servers that contract tests run against: moto's, and AWS's own DynamoDB Local."""

from collections.abc import Iterator

import pytest
from moto.server import ThreadedMotoServer

from tools import dynamodb_local


@pytest.fixture(scope="session")
def dynamodb_local_endpoint() -> Iterator[str]:
    """Give the URL of a DynamoDB Local that lives as long as the test session, shared by all its tests.

    Where it cannot run, the test skips and says why, or fails if RINGSCRIBE_REQUIRE_DYNAMODB_LOCAL is 1.
    """
    try:
        with dynamodb_local.running() as endpoint:
            yield endpoint
    except dynamodb_local.UnavailableError as exc:
        if dynamodb_local.is_required():
            pytest.fail(f"{dynamodb_local.REQUIRE} is 1, and {exc}")
        pytest.skip(str(exc))


@pytest.fixture(scope="session")
def moto_endpoint() -> Iterator[str]:
    """Give the URL of a moto server that lives as long as the test session, shared by all its tests."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        _, port = server.get_host_and_port()
        yield f"http://127.0.0.1:{port}"
    finally:
        server.stop()
