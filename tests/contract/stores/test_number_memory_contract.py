"""What every NumberMemory promises."""

from collections.abc import Iterator

import pytest

from local.aws.resources import aws_session, make_table
from telephony.aws.clients import CONFIG
from telephony.aws.dynamodb import Table
from telephony.aws.number_memory import DynamoNumberMemory
from telephony.number_addresses import NumberAddresses, Remembered
from telephony.ports.stores import NumberMemory
from tests.contract.stores.backends import any_number
from tests.fakes.numbers import MemoryNumberMemory

BEFORE = NumberAddresses(
    *("https://a.example/voice?x=ü&y=1", "GET", "", "POST", "https://a.example/status", "GET"),
    *("https://a.example/sms", "GET"),
)


@pytest.fixture(params=["memory", "moto", "dynamodb-local"])
def memory(request: pytest.FixtureRequest) -> Iterator[NumberMemory]:
    match request.param:
        case "memory":
            yield MemoryNumberMemory()
        case "moto":
            yield DynamoNumberMemory(Table(request.getfixturevalue("moto_client"), "calls"))
        case _:
            endpoint = request.getfixturevalue("dynamodb_local_endpoint")
            client = aws_session().client("dynamodb", endpoint_url=endpoint, config=CONFIG)
            make_table(client, "number-memory")
            yield DynamoNumberMemory(Table(client, "number-memory"))
            client.close()


def test_what_is_remembered_is_recalled_whole(memory: NumberMemory) -> None:
    number, other = any_number(), any_number()
    memory.remember(number, Remembered(BEFORE, ("https://b.example/twilio/voice", "https://c.example/twilio/voice")))
    memory.remember(other, Remembered(NumberAddresses(), ()))
    assert memory.recall(number) == Remembered(
        BEFORE, ("https://b.example/twilio/voice", "https://c.example/twilio/voice")
    )
    assert memory.recall(other) == Remembered(NumberAddresses(), ())


def test_the_latest_memory_stands(memory: NumberMemory) -> None:
    number = any_number()
    memory.remember(number, Remembered(BEFORE, ("https://b.example/twilio/voice",)))
    memory.remember(number, Remembered(BEFORE, ()))
    assert memory.recall(number) == Remembered(BEFORE, ())


def test_of_an_unknown_number_nothing_is_recalled(memory: NumberMemory) -> None:
    assert memory.recall(any_number()) is None
