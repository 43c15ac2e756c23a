"""What is still open, running or held after a call, and should not be."""

import asyncio
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx

from local.house import House
from local.twilio.call import Call
from telephony.aws.table import ARCHIVE_PARTITION_KEY, CALL, OPEN, PARTITION_KEY, SORT_KEY

if TYPE_CHECKING:  # the stubs are not needed to run
    from mypy_boto3_dynamodb import DynamoDBClient

HEALTH_LIMIT_S = 2


async def left(
    house: House, api: httpx.AsyncClient, table: "DynamoDBClient", call: Call, status: str
) -> tuple[str, ...]:
    """Return the names of what is left of *call*, which the API says is *status*."""
    found = {
        "a stream at the recogniser": (await house.deepgram.state()).open_streams > 0,
        "a stream at Twilio": any(stream.is_live for stream in call.streams),
        "the call": status != "completed",
        "something in the streamer's memory": _is_held(await _health(house, api)),
        "the list of open calls": await asyncio.to_thread(_is_open, house, table, call.sid),
    }
    return tuple(name for name, is_left in found.items() if is_left)


async def _health(house: House, api: httpx.AsyncClient) -> str:
    """Return what the streamer says that it holds; nothing when there is none."""
    if house.streamer is None or not house.streamer.is_running:
        return ""
    url = urlsplit(house.environment["MEDIA_URL"])
    try:
        return (await api.get(f"http://{url.netloc}/healthz", timeout=HEALTH_LIMIT_S)).text
    except httpx.TransportError:
        return ""  # it has just ended


def _is_held(health: str) -> bool:
    """Tell whether a streamer holds a stream, a task, sound or words: its first line says so."""
    return any(int(count) for count in re.findall(r"=(\d+)", health.partition("\n")[0]))


def _is_open(house: House, table: "DynamoDBClient", call_sid: str) -> bool:
    key = {PARTITION_KEY: {"S": f"{CALL}#{call_sid}"}, SORT_KEY: {"S": OPEN}}
    item = table.get_item(TableName=house.resources.table_name, Key=key).get("Item", {})
    return ARCHIVE_PARTITION_KEY in item
