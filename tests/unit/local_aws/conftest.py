"""One moto server with our resources, for all tests of local AWS."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest

from local.aws.resources import Resources, aws_session, make_resources

ROOT = Path(__file__).resolve().parents[3]
STOP_S = 20


@pytest.fixture(scope="session")
def endpoint() -> Iterator[str]:
    """Give the endpoint of a process of its own: moto's mocks in other tests would empty a server in this one."""
    command = [sys.executable, "-m", "local.aws"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            assert process.stdout is not None
            yield json.loads(process.stdout.readline())["endpoint"]
            process.terminate()
            process.wait(STOP_S)
        finally:
            process.kill()


@pytest.fixture(scope="session")
def session() -> boto3.Session:
    """Give a session that the server takes."""
    return aws_session()


@pytest.fixture(scope="session")
def resources(session: boto3.Session, endpoint: str) -> Resources:
    """Give what the stack has."""
    twilio = {"account_sid": "AC1", "auth_token": "token"}
    return make_resources(session, endpoint, twilio_secret=twilio, deepgram_secret={"api_key": "key"})
