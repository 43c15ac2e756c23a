"""The poller of the table's stream reads both DynamoDB servers."""

import queue
from contextlib import closing
from threading import Event, Thread
from typing import Any
from uuid import uuid4

import pytest

from local.aws.poller import TablePoller
from local.aws.resources import aws_session, make_table
from telephony.aws.clients import CONFIG
from telephony.aws.stores import Stores
from telephony.calls import CallStatus
from tests.contract.stores.backends import NOW, any_call, any_ticket

LIMIT_S = 20


@pytest.mark.parametrize("server", ["moto_endpoint", "dynamodb_local_endpoint"])
def test_each_change_of_a_call_reaches_the_handler_once_in_order(server: str, request: pytest.FixtureRequest) -> None:
    endpoint, name, session = request.getfixturevalue(server), f"calls-{uuid4().hex}", aws_session()
    records: queue.Queue[Any] = queue.Queue()
    stop = Event()

    def handler(event: Any, _context: object) -> None:  # noqa: ANN401 - Lambda's JSON
        for record in event["Records"]:
            records.put(record["dynamodb"]["NewImage"]["status"]["S"])

    with closing(session.client("dynamodb", endpoint_url=endpoint, config=CONFIG)) as client:
        make_table(client, name)
        calls, call = Stores.of(client, name).calls, any_call()
        thread = Thread(target=TablePoller(session, name, handler, endpoint=endpoint).run, args=(stop,))
        thread.start()
        try:
            calls.begin(call, any_ticket(call.sid))
            calls.report(call.sid, CallStatus.IN_PROGRESS, NOW, None)
            calls.report(call.sid, CallStatus.COMPLETED, NOW, 9)
            seen = [records.get(timeout=LIMIT_S) for _ in range(3)]
        finally:
            stop.set()
            thread.join(LIMIT_S)
        client.delete_table(TableName=name)
    assert seen == ["ringing", "in-progress", "completed"]
    assert records.empty()
