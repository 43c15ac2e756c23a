"""Whatever fails, no word is lost or told twice, and nothing stays open."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.e2e.faults import report
from tests.e2e.faults.conftest import open_stage
from tests.e2e.faults.row import Outcome, Row
from tests.e2e.faults.rows import ROWS
from tests.e2e.faults.staging import WORDS, Stage, differences, is_condemned

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(150)]

ROWS_PER_HOUSE = 14

Playing = dict[str, asyncio.Task[Outcome]]


class Stages:
    """Stages one after the other: each for so many rows, since local AWS gets slower with all that it holds."""

    def __init__(self) -> None:
        self._rows = 0
        self._stack = contextlib.AsyncExitStack()
        self._stage: Stage | None = None

    async def next(self) -> Stage:
        """Return the stage for the next row."""
        if self._stage is None or self._rows % ROWS_PER_HOUSE == 0:
            await self.close()
            self._stage = await self._stack.enter_async_context(open_stage())
        self._rows += 1
        return self._stage

    async def close(self) -> None:
        """Close the house."""
        await self._stack.aclose()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stages() -> AsyncIterator[Stages]:
    opened = Stages()
    yield opened
    await opened.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module", autouse=True)
async def playing(request: pytest.FixtureRequest) -> AsyncIterator[Playing]:
    """Give the slow rows that are to be tested, each of which is played by now in a house of its own."""
    names = [item.name for item in request.session.items]
    slow = [row for row in ROWS if row.is_slow and any(name.endswith(f"[{row.name}]") for name in names)]
    opening = asyncio.Lock()
    tasks = {row.name: asyncio.create_task(_alone(row, opening)) for row in slow}
    yield tasks
    for task in tasks.values():
        task.cancel()
    await asyncio.gather(*tasks.values(), return_exceptions=True)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
async def test_no_word_is_lost_and_everyone_is_told_once(stages: Stages, playing: Playing, row: Row) -> None:
    outcome = await (playing[row.name] if row.is_slow else (await stages.next()).play(row))
    report.write(_line(row, outcome))
    if is_condemned(row, outcome):
        report.condemn(row.name)
    assert differences(row, outcome) == {}


async def _alone(row: Row, opening: asyncio.Lock) -> Outcome:
    async with contextlib.AsyncExitStack() as stack:
        async with opening:  # all at once would keep the machine too busy for those that are played meanwhile
            stage = await stack.enter_async_context(open_stage())
        return await stage.play(row)


def _line(row: Row, outcome: Outcome) -> report.Line:
    return report.Line(
        part="A voicemail",
        place=ROWS.index(row),
        fault=row.name,
        wrong=outcome.wrong if row.has_words else outcome.words,
        words=WORDS if row.has_words else 0,
        coverage=outcome.coverage,
        rung=outcome.rung,
        messages=report.messages(len(outcome.sms), len(outcome.emails)),
        told_ms=outcome.told_ms,
    )
