"""The house in which faults are played: every wait of the product is as short as an accelerated call."""

import contextlib
from collections.abc import AsyncIterator

import httpx
import pytest

from local.aws.resources import aws_session
from local.house import Plan, open_house
from telephony.aws.clients import CONFIG
from tests.e2e.conftest import SPEED
from tests.e2e.faults.row import Row
from tests.e2e.faults.staging import Stage

SETTINGS = {
    "STALL_S": "1",
    "BACKOFF_S": "0.05",
    "GATHER_S": "0.1",
    "FINISH_WITHIN_S": "2",
    "PATIENCE_S": "8",
    "SWEEP_AGE_S": "3",
    "SWEEP_EVERY_S": "1",
    "LOST_STREAM_S": "5",
    # Ninety writes a call, to a local AWS of one process, at twenty times a call's speed; search has its own tests.
    "IS_SEARCHED": "false",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Ask for what the slow rows came to behind the others of their module: they are played meanwhile."""
    slow = [item for item in items if _is_slow(item)]
    if not slow:
        return
    others = [item for item in items if item not in slow]
    end = max((at for at, item in enumerate(others, 1) if item.path == slow[0].path), default=len(others))
    items[:] = [*others[:end], *slow, *others[end:]]


def _is_slow(item: pytest.Item) -> bool:
    row = item.callspec.params.get("row") if isinstance(item, pytest.Function) and hasattr(item, "callspec") else None
    return isinstance(row, Row) and row.is_slow


@contextlib.asynccontextmanager
async def open_stage() -> AsyncIterator[Stage]:
    """Give a stage in a house of its own, whose recogniser reads stamped words and whose patience is short."""
    async with open_house(Plan(recogniser="stamped", speed=SPEED, settings=SETTINGS)) as house:
        headers = {"Authorization": f"Bearer {house.token}"}
        table = aws_session().client("dynamodb", endpoint_url=house.aws_endpoint, config=CONFIG)
        async with httpx.AsyncClient(base_url=house.origin, headers=headers, timeout=10) as api:
            stage = Stage(house, api, table)
            yield stage
            await stage.recount()
        table.close()
