"""What stands between the table, the queue and our Lambda handlers, on a running server."""

import queue
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from typing import Any

import boto3

from local.aws.poller import Poller, QueuePoller, TablePoller
from local.aws.resources import Resources, make_table
from telephony.aws.clients import CONFIG
from telephony.aws.followups import SqsFollowUps
from telephony.aws.stores import Stores
from telephony.calls import Call, CallSid, CallStatus
from telephony.coverage import Coverage, Track
from telephony.numbers import E164, MailboxId
from telephony.recordings import Recording, RecordingSid, RecordingStatus
from telephony.streams import (
    MediaStream,
    StreamEnd,
    StreamSid,
    StreamState,
    Ticket,
    TicketId,
    TicketPurpose,
)

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
LIMIT_S = 20


@contextmanager
def _polling(poller: Poller) -> Iterator[None]:
    stop = Event()
    thread = Thread(target=poller.run, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(LIMIT_S)
        assert not thread.is_alive()


def _call(name: str) -> Call:
    sid = CallSid("CA" + name.encode().hex().ljust(32, "0"))
    return Call(sid, MailboxId("praxis"), E164("+14155550100"), "+14155550199", NOW)


def _until(events: "queue.Queue[Any]", is_it: Callable[[Any], bool]) -> list[Any]:
    """Return the records that came, up to the first of which *is_it* is true."""
    seen = []
    while True:
        seen.append(events.get(timeout=LIMIT_S))
        if is_it(seen[-1]):
            return seen


def test_changes_of_calls_streams_and_recordings_reach_the_handler_as_lambda_sends_them(
    session: boto3.Session, endpoint: str, resources: Resources
) -> None:
    stores = Stores.of(session.client("dynamodb", endpoint_url=endpoint, config=CONFIG), resources.table_name)
    records: queue.Queue[Any] = queue.Queue()

    def handler(event: Any, _context: object) -> None:  # noqa: ANN401 - Lambda's JSON
        for record in event["Records"]:
            records.put(record)

    call = _call("changes")
    ticket = Ticket(TicketId("changes"), TicketPurpose.MEDIA, call.sid, call.mailbox_id, NOW + timedelta(seconds=60))
    stores.calls.begin(call, ticket)
    with _polling(TablePoller(session, resources.table_name, handler, endpoint=endpoint)):
        stores.calls.report(call.sid, CallStatus.COMPLETED, NOW, 7)
        recording = Recording(RecordingSid("RE" + "1" * 32), call.sid, RecordingStatus.COMPLETED, 7_000, NOW)
        stores.recordings.report(recording)
        seen = _until(records, lambda record: record["dynamodb"]["Keys"]["sk"]["S"] == f"REC#{recording.sid}")
    mine = [record for record in seen if record["dynamodb"]["Keys"]["pk"]["S"] == f"CALL#{call.sid}"]
    assert [(record["eventName"], record["dynamodb"]["NewImage"]["kind"]["S"]) for record in mine] == [
        ("INSERT", "CALL"),
        ("MODIFY", "CALL"),
        ("INSERT", "REC"),
    ]
    ended = mine[1]
    assert ended["eventSource"] == "aws:dynamodb"
    assert ended["eventSourceARN"] == resources.stream_arn
    assert ended["dynamodb"]["OldImage"]["status"] == {"S": "ringing"}
    assert ended["dynamodb"]["NewImage"]["status"] == {"S": "completed"}
    assert isinstance(ended["dynamodb"]["ApproximateCreationDateTime"], float | int)
    assert all(record["dynamodb"]["NewImage"]["kind"]["S"] != "TICKET" for record in seen)


def test_of_a_stream_only_its_end_reaches_the_handler(
    session: boto3.Session, endpoint: str, resources: Resources
) -> None:
    stores = Stores.of(session.client("dynamodb", endpoint_url=endpoint, config=CONFIG), resources.table_name)
    records: queue.Queue[Any] = queue.Queue()

    def handler(event: Any, _context: object) -> None:  # noqa: ANN401 - Lambda's JSON
        for record in event["Records"]:
            records.put(record)

    call = _call("streams")
    stream = MediaStream(StreamSid("MZ" + "1" * 32), call.sid, NOW, (Coverage(Track.INBOUND),))
    ended = replace(stream, state=StreamState.ENDED, end=StreamEnd.STOPPED, ended_at=NOW)
    with _polling(TablePoller(session, resources.table_name, handler, endpoint=endpoint)):
        for received_ms in (0, 1_000, 2_000):
            stores.transcripts.save([replace(stream, coverage=(Coverage(Track.INBOUND, received_ms),))], [])
        stores.transcripts.save([ended], [])
        seen = _until(records, lambda record: record["dynamodb"]["Keys"]["sk"]["S"] == f"STREAM#{stream.sid}")
    assert seen[-1]["dynamodb"]["NewImage"]["state"] == {"S": "ended"}


def test_a_change_whose_handler_fails_is_handed_over_again(
    session: boto3.Session, endpoint: str, resources: Resources
) -> None:
    stores = Stores.of(session.client("dynamodb", endpoint_url=endpoint, config=CONFIG), resources.table_name)
    call = _call("fails")
    done: queue.Queue[str] = queue.Queue()
    turns: list[str] = []

    def handler(event: Any, _context: object) -> dict[str, Any]:  # noqa: ANN401 - Lambda's JSON
        for record in event["Records"]:
            number = record["dynamodb"]["SequenceNumber"]
            if record["dynamodb"]["Keys"]["pk"]["S"] == f"CALL#{call.sid}":
                turns.append(number)
                if len(turns) < 3:
                    return {"batchItemFailures": [{"itemIdentifier": number}]}
                done.put(number)
        return {"batchItemFailures": []}

    stores.calls.begin(call, None)
    with _polling(TablePoller(session, resources.table_name, handler, endpoint=endpoint)):
        done.get(timeout=LIMIT_S)
    assert len(turns) == 3
    assert len(set(turns)) == 1


def test_a_follow_up_reaches_the_handler_as_lambda_sends_it_and_is_gone(session: boto3.Session, endpoint: str) -> None:
    sqs = session.client("sqs", endpoint_url=endpoint, config=CONFIG)
    url = sqs.create_queue(QueueName="as-lambda-sends-it")["QueueUrl"]
    records: queue.Queue[Any] = queue.Queue()

    def handler(event: Any, _context: object) -> None:  # noqa: ANN401 - Lambda's JSON
        for record in event["Records"]:
            records.put(record)

    with _polling(QueuePoller(session, url, handler, endpoint=endpoint, idle_s=0.02)):
        SqsFollowUps(sqs, url).schedule(_call("follow").sid, timedelta())
        record = records.get(timeout=LIMIT_S)
    assert record["body"] == f'{{"call_sid": "{_call("follow").sid}"}}'
    assert (record["eventSource"], record["eventSourceARN"].split(":")[-1]) == ("aws:sqs", "as-lambda-sends-it")
    assert record["attributes"]["ApproximateReceiveCount"] == "1"
    left = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert (left["ApproximateNumberOfMessages"], left["ApproximateNumberOfMessagesNotVisible"]) == ("0", "0")


def test_only_the_follow_ups_that_failed_come_back(session: boto3.Session, endpoint: str) -> None:
    sqs = session.client("sqs", endpoint_url=endpoint, config=CONFIG)
    url = sqs.create_queue(QueueName="some-fail", Attributes={"VisibilityTimeout": "0"})["QueueUrl"]
    bodies: queue.Queue[str] = queue.Queue()

    def handler(event: Any, _context: object) -> dict[str, Any]:  # noqa: ANN401 - Lambda's JSON
        failed = []
        for record in event["Records"]:
            bodies.put(record["body"])
            if record["body"] == "bad" and record["attributes"]["ApproximateReceiveCount"] == "1":
                failed.append({"itemIdentifier": record["messageId"]})
        return {"batchItemFailures": failed}

    for body in ("good", "bad"):
        sqs.send_message(QueueUrl=url, MessageBody=body)
    with _polling(QueuePoller(session, url, handler, endpoint=endpoint, idle_s=0.02)):
        seen = [bodies.get(timeout=LIMIT_S) for _ in range(3)]
    assert sorted(seen) == ["bad", "bad", "good"]


def test_a_poller_outlives_a_table_that_is_not_there_yet(session: boto3.Session, endpoint: str) -> None:
    dynamodb = session.client("dynamodb", endpoint_url=endpoint, config=CONFIG)
    asked, done = Event(), Event()
    poller = TablePoller(session, "late", lambda *_: done.set(), endpoint=endpoint)
    poller.dynamodb.meta.events.register("after-call.dynamodb.DescribeTable", lambda **_: asked.set())
    with _polling(poller):
        assert asked.wait(LIMIT_S)
        make_table(dynamodb, "late")
        Stores.of(dynamodb, "late").calls.begin(_call("late"), None)
        assert done.wait(LIMIT_S)


def test_changes_are_followed_after_a_transaction_was_refused(
    session: boto3.Session, endpoint: str, resources: Resources
) -> None:
    followed: list[str] = []

    def handler(event: Any, _context: object) -> None:  # noqa: ANN401 - Lambda's JSON
        followed.extend(record["dynamodb"]["Keys"]["pk"]["S"] for record in event["Records"])

    calls = Stores.of(session.client("dynamodb", endpoint_url=endpoint, config=CONFIG), resources.table_name).calls
    first, second = _call("refused"), _call("after")
    poller = TablePoller(session, resources.table_name, handler, endpoint=endpoint)
    calls.begin(first, None)
    poller.turn(Event())
    calls.begin(first, None)  # moto goes on with a copy of the table from here on
    calls.begin(second, None)
    poller.turn(Event())
    assert followed[-2:] == [f"CALL#{first.sid}", f"CALL#{second.sid}"]
