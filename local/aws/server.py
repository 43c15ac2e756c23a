"""The server: moto on loopback, quiet, and able to run for days."""

import logging
import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from typing import Final

from moto.core.common_models import BaseModel
from moto.core.common_types import TYPE_RESPONSE
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models.table import StreamShard
from moto.dynamodb.responses import DynamoHandler
from moto.dynamodbstreams.models import ShardIterator, dynamodbstreams_backends
from moto.server import ThreadedMotoServer
from moto.sns.models import Topic

from local.aws.resources import REGION

LOOPBACK: Final = "127.0.0.1"
ITERATORS_KEPT: Final = 1_000
"""A poller uses one a moment after it got it; each weighs a kilobyte, and twenty a second are made."""

_ANSWER: Final = DynamoHandler.call_action


@contextmanager
def running(port: int = 0) -> Iterator[str]:
    """Serve until the block ends, and give the endpoint; port 0 is any free one."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    _forget_iterators()
    _forget_instances()
    _copy_streams_lightly()
    _write_one_at_a_time()
    server = ThreadedMotoServer(ip_address=LOOPBACK, port=port, verbose=False)
    server.start()
    try:
        host, bound = server.get_host_and_port()
        yield f"http://{host}:{bound}"
    finally:
        server.stop()


class _Latest(OrderedDict[str, ShardIterator]):
    """Remembers the latest ITERATORS_KEPT."""

    def __setitem__(self, key: str, value: ShardIterator) -> None:
        super().__setitem__(key, value)
        while len(self) > ITERATORS_KEPT:
            self.popitem(last=False)


def _forget_iterators() -> None:
    """Have moto drop old shard iterators: it keeps every one there ever was."""
    dynamodbstreams_backends[DEFAULT_ACCOUNT_ID][REGION].shard_iterators = _Latest()


def _forget_instances() -> None:
    """Have moto's list of everything it ever made hold nothing but topics, which the mailroom reads there.

    Else a day's items and requests fill the memory, and to show the list takes longer each time.
    """

    def untracked(cls: type[BaseModel], *_: object, **__: object) -> BaseModel:
        instance: BaseModel = object.__new__(cls)
        if cls is Topic:
            Topic.instances_tracked.append(instance)  # type: ignore[attr-defined] # its metaclass makes it
        return instance

    BaseModel.__new__ = untracked  # type: ignore[method-assign]


def _copy_streams_lightly() -> None:
    """Have moto, which copies a table before each transaction to be able to undo it, not copy all that ever changed.

    Else each call that is written down takes longer than the one before.
    """

    def copied(shard: StreamShard, _memo: object) -> StreamShard:
        copied_shard = copy(shard)
        copied_shard.items = list(shard.items)
        return copied_shard

    StreamShard.__deepcopy__ = copied  # type: ignore[attr-defined] # it had none


def _write_one_at_a_time() -> None:
    """Have moto answer the table's requests one after the other.

    It answers each in a thread, and between a condition's check and the write another's write may come: of two that set
    out to tell somebody, both would.
    """
    turn = threading.Lock()

    def answer(handler: DynamoHandler) -> TYPE_RESPONSE:
        with turn:
            return _ANSWER(handler)  # type: ignore[no-any-return] # moto's own types

    DynamoHandler.call_action = answer  # type: ignore[method-assign]
