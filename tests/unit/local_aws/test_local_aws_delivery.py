"""How batches of changes reach a handler that fails, as Lambda does it."""

from collections.abc import Mapping
from threading import Event
from typing import Any

import pytest

from local.aws import delivery as module
from local.aws.delivery import Delivery
from local.aws.shards import Record
from telephony.aws.events import CHANGE_RETRIES, CHANGES_BATCH

ARN = "arn:aws:dynamodb:us-east-1:1:table/calls/stream/now"


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAUSE_S", 0)


def _records(*numbers: int) -> list[Record]:
    return [{"eventSourceARN": ARN, "dynamodb": {"SequenceNumber": str(number)}} for number in numbers]


class Handler:
    """Fails for *poison*, and names what failed unless it is told to raise."""

    def __init__(self, *poison: str, names_failures: bool = True) -> None:
        self.poison = set(poison)
        self.names_failures = names_failures
        self.seen: list[list[str]] = []
        self.given_up: list[Mapping[str, Any]] = []

    def __call__(self, event: Any, _context: object) -> dict[str, Any]:  # noqa: ANN401 - Lambda's JSON
        numbers = [record["dynamodb"]["SequenceNumber"] for record in event["Records"]]
        self.seen.append(numbers)
        failed = [number for number in numbers if number in self.poison]
        if failed and not self.names_failures:
            raise RuntimeError("poison")
        return {"batchItemFailures": [{"itemIdentifier": number} for number in failed]}

    def deliver(self, records: list[Record]) -> None:
        Delivery(self, self.given_up.append, Event()).deliver("shard-1", records)


def test_what_goes_well_is_handed_over_once_in_batches_in_order() -> None:
    handler = Handler()
    handler.deliver(_records(*range(23)))
    assert [len(batch) for batch in handler.seen] == [CHANGES_BATCH, CHANGES_BATCH, 3]
    assert [number for batch in handler.seen for number in batch] == [str(number) for number in range(23)]


def test_nothing_is_handed_over_when_there_is_nothing() -> None:
    handler = Handler()
    handler.deliver([])
    assert handler.seen == []


def test_what_went_well_before_the_failure_is_not_repeated() -> None:
    handler = Handler("3")
    handler.deliver(_records(1, 2, 3))
    assert handler.seen == [["1", "2", "3"], *([["3"]] * (CHANGE_RETRIES + 1))]


@pytest.mark.parametrize("names_failures", [True, False])
def test_one_poisoned_record_is_given_up_alone_and_the_others_arrive(*, names_failures: bool) -> None:
    handler = Handler("4", names_failures=names_failures)
    handler.deliver(_records(*range(10)))
    (lost,) = handler.given_up
    info = lost["DDBStreamBatchInfo"]
    assert (info["startSequenceNumber"], info["endSequenceNumber"], info["batchSize"]) == ("4", "4", 1)
    assert (info["shardId"], info["streamArn"]) == ("shard-1", ARN)
    assert lost["requestContext"]["condition"] == "RetryAttemptsExhausted"
    arrived = {number for batch in handler.seen if "4" not in batch for number in batch}
    assert arrived | {str(number) for number in range(4)} == {str(number) for number in range(10) if number != 4}
    assert handler.seen.count(["4"]) <= CHANGE_RETRIES + 1
    assert handler.seen[-1][-1] == "9"


def test_a_failure_that_passes_is_repeated_until_it_has() -> None:
    handler = Handler("1")

    def mended(event: Any, context: object) -> dict[str, Any]:  # noqa: ANN401 - Lambda's JSON
        if len(handler.seen) == 2:
            handler.poison.clear()
        return handler(event, context)

    Delivery(mended, handler.given_up.append, Event()).deliver("shard-1", _records(1))
    assert (handler.seen, handler.given_up) == ([["1"]] * 3, [])


@pytest.mark.parametrize("answer", [None, {}, {"batchItemFailures": []}, {"batchItemFailures": None}])
def test_an_answer_without_failures_is_success(answer: object) -> None:
    given_up: list[Mapping[str, Any]] = []
    Delivery(lambda *_: answer, given_up.append, Event()).deliver("shard-1", _records(1, 2))
    assert given_up == []


@pytest.mark.parametrize("identifier", ["", None, "no-such-record"])
def test_a_failure_without_a_known_name_is_the_whole_batchs(identifier: str | None) -> None:
    given_up: list[Mapping[str, Any]] = []
    answer = {"batchItemFailures": [{"itemIdentifier": identifier}]}
    Delivery(lambda *_: answer, given_up.append, Event()).deliver("shard-1", _records(1, 2))
    assert sum(lost["DDBStreamBatchInfo"]["batchSize"] for lost in given_up) == 2


def test_nothing_more_is_handed_over_once_it_is_to_stop() -> None:
    handler, stop = Handler(), Event()
    stop.set()
    Delivery(handler, handler.given_up.append, stop).deliver("shard-1", _records(1))
    assert handler.seen == []
