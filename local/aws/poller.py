"""Pollers: what stands between the table's stream, the follow-up queue and our Lambda handlers."""

import json
import sys
import traceback
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from threading import Event
from typing import TYPE_CHECKING, Any, Final

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from local.aws.delivery import Delivery, Handler, failures
from local.aws.shards import Record, Shards
from telephony.aws.clients import CONFIG
from telephony.aws.events import FOLLOW_UPS_BATCH
from telephony.aws.table import wakes_pipeline

if TYPE_CHECKING:  # the stubs are not needed to run
    from mypy_boto3_sqs.type_defs import MessageTypeDef

STREAM_IDLE_S: Final = 0.04
QUEUE_IDLE_S: Final = 0.2
TROUBLE_S: Final = 0.5
"""Before the endpoint is asked again after it failed."""


def on_stderr(description: Mapping[str, Any]) -> None:
    """Show what was given up."""
    print(json.dumps({"event": "changes-given-up", **description}), file=sys.stderr, flush=True)


class Poller(ABC):
    """Takes one turn after the other, for as long as it may."""

    def __init__(self, idle_s: float) -> None:
        self._idle_s = idle_s

    def run(self, stop: Event) -> None:
        """Poll until *stop* is set; an endpoint that fails is asked again a little later."""
        while not stop.is_set():
            try:
                is_idle = self.turn(stop)
            except (BotoCoreError, ClientError):
                if not stop.is_set():
                    traceback.print_exc()
                    stop.wait(TROUBLE_S)
                continue
            if is_idle:
                stop.wait(self._idle_s)

    @abstractmethod
    def turn(self, stop: Event) -> bool:
        """Hand over what there is, and return whether there was nothing."""


class TablePoller(Poller):
    """Hands a table's changes to a handler, from the oldest: those that wake the pipeline.

    What fails too often is given to *give_up* and left behind. *endpoint* is for where the environment names none.
    """

    def __init__(
        self,
        session: boto3.Session,
        table_name: str,
        handler: Handler,
        *,
        give_up: Callable[[Mapping[str, Any]], None] = on_stderr,
        endpoint: str | None = None,
        idle_s: float = STREAM_IDLE_S,
    ) -> None:
        super().__init__(idle_s)
        self.dynamodb = session.client("dynamodb", endpoint_url=endpoint, config=CONFIG)
        # Where the table is its stream is, whatever the environment says of this service.
        self._streams = session.client("dynamodbstreams", endpoint_url=self.dynamodb.meta.endpoint_url, config=CONFIG)
        self._table_name = table_name
        self._handler = handler
        self._give_up = give_up
        self._shards: Shards | None = None

    def turn(self, stop: Event) -> bool:
        """Hand over what is new in each shard."""
        if self._shards is None:
            table = self.dynamodb.describe_table(TableName=self._table_name)["Table"]
            self._shards = Shards(self._streams, table["LatestStreamArn"])
        delivery = Delivery(self._handler, self._give_up, stop)
        is_idle = True
        for shard_id, records in self._shards.read():
            is_idle = False
            delivery.deliver(shard_id, [record for record in records if _wakes(record)])
        return is_idle


def _wakes(record: Record) -> bool:
    return wakes_pipeline(record["dynamodb"].get("NewImage", {}))


class QueuePoller(Poller):
    """Hands a queue's messages to a handler, and deletes those that went well; the others come back by themselves."""

    def __init__(
        self,
        session: boto3.Session,
        queue_url: str,
        handler: Handler,
        *,
        endpoint: str | None = None,
        idle_s: float = QUEUE_IDLE_S,
        name: str = "on_follow_up",
    ) -> None:
        super().__init__(idle_s)
        self._name = name
        self._sqs = session.client("sqs", endpoint_url=endpoint, config=CONFIG)
        self._queue_url = queue_url
        self._arn = f"arn:aws:sqs:{session.region_name}:" + ":".join(queue_url.split("/")[-2:])
        self._handler = handler

    def turn(self, stop: Event) -> bool:  # noqa: ARG002 - one batch is all it takes
        """Hand over up to a batch of messages."""
        answer = self._sqs.receive_message(
            QueueUrl=self._queue_url,
            MaxNumberOfMessages=FOLLOW_UPS_BATCH,
            MessageSystemAttributeNames=["All"],
            MessageAttributeNames=["All"],
        )
        messages = answer.get("Messages", [])
        if messages:
            self._deliver(messages)
        return not messages

    def _deliver(self, messages: "list[MessageTypeDef]") -> None:
        event = {"Records": [self._as_lambda_has_it(each) for each in messages]}
        failed = failures(self._handler, event, self._name)
        known = {each["MessageId"] for each in messages}
        if failed is None or not known.issuperset(failed):
            return
        for each in messages:
            if each["MessageId"] not in failed:
                self._sqs.delete_message(QueueUrl=self._queue_url, ReceiptHandle=each["ReceiptHandle"])

    def _as_lambda_has_it(self, message: "MessageTypeDef") -> dict[str, Any]:
        return {
            "messageId": message["MessageId"],
            "receiptHandle": message["ReceiptHandle"],
            "body": message["Body"],
            "attributes": dict(message.get("Attributes", {})),
            "messageAttributes": dict(message.get("MessageAttributes", {})),
            "md5OfBody": message["MD5OfBody"],
            "eventSource": "aws:sqs",
            "eventSourceARN": self._arn,
            "awsRegion": self._arn.split(":")[3],
        }
