"""The process that follows a call dies after each thing it does; nobody is told twice, and nothing is left undone."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from local.aws.mailroom import read_mail
from local.deepgram.faults import Faults
from local.deepgram.stamp import stamp
from local.house import OUR_NUMBER, House, Plan, open_house
from local.processes import ROOT
from local.twilio.call import Call
from local.twilio.caller import Caller
from tests.e2e.asking import eventually
from tests.e2e.conftest import SPEED
from tests.e2e.faults import report
from tests.e2e.faults.conftest import SETTINGS
from tests.e2e.faults.words import COMPLETE, RECORDED, describe, start_of, words_of, wrong_words

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(120)]

WORDS = 100
FIRST = 1_000
LIMIT_S = 60
JUMP_S = 130
"""Longer than any lease: whoever comes next may take over."""
PATIENT = {**SETTINGS, "PATIENCE_S": "1000000"}

Json = dict[str, Any]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house() -> AsyncIterator[House]:
    """Give a house in which nothing follows a call by itself."""
    plan = Plan(recogniser="stamped", speed=SPEED, settings=PATIENT, with_pipeline=False)
    async with open_house(plan) as opened:
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def api(house: House) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"Authorization": f"Bearer {house.token}"}
    async with httpx.AsyncClient(base_url=house.origin, headers=headers, timeout=10) as client:
        yield client


async def _reported(house: House, api: httpx.AsyncClient, number: str, *, is_live: bool) -> Call:
    """Place a call, and return it once all that can be known of it is stored."""
    call = await house.twilio.ring(Caller(number=number, speech=stamp(FIRST, WORDS)), to=OUR_NUMBER)

    async def is_stored() -> bool | None:
        detail: Json = (await api.get(f"/api/calls/{call.sid}")).json()
        recordings = [each["status"] for each in detail.get("recordings", [])]
        is_over = detail.get("status") == "completed" and recordings == ["completed"]
        return True if is_over and (not is_live or detail["transcript"]["is_ended"]) else None

    async with asyncio.timeout(LIMIT_S):
        await call.ended()
        await house.twilio.settled()
    await eventually(is_stored)
    return call


async def _follow(house: House, call: Call) -> list[str]:
    """Have the call followed by mortals, and return what they died after."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.e2e.faults.mortal", call.sid, str(JUMP_S)),
        cwd=ROOT,
        env=dict(house.environment),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(LIMIT_S):
        said, trouble = await process.communicate()
    assert process.returncode == 0, (said.decode() + trouble.decode())[-3_000:]
    deaths: list[str] = json.loads(said.decode().strip().rpartition("\n")[2])
    return deaths


async def _check(house: House, api: httpx.AsyncClient, call: Call, deaths: list[str], rung: str) -> None:
    transcript = (await api.get(f"/api/calls/{call.sid}/transcript")).json()
    detail = (await api.get(f"/api/calls/{call.sid}")).json()
    mails = await asyncio.to_thread(read_mail, house.aws_endpoint, house.resources.topic_arn)
    sms = [each for each in house.twilio.messages if call.caller.number in each.body]
    emails = [each for each in mails if call.caller.number in each.body]
    words = words_of(transcript)
    line = report.Line(
        part="The pipeline dies after each thing it does",
        place=0 if rung == "live" else 1,
        fault=f"{len(deaths)} deaths, " + ("live text" if rung == "live" else "text by repair"),
        wrong=wrong_words(words, FIRST, WORDS),
        words=WORDS,
        coverage=describe(transcript["coverage"], start_of(words, FIRST, WORDS)),
        rung=transcript["rung"],
        messages=report.messages(len(sms), len(emails)),
    )
    report.write(line)
    assert line.wrong == 0
    assert (line.coverage, line.rung) == (COMPLETE if rung == "live" else RECORDED, rung)
    assert [each["is_stored"] for each in detail["recordings"]] == [True]
    assert sorted((each["channel"], each["state"]) for each in detail["deliveries"]) == [
        ("email", "sent"),
        ("sms", "sent"),
    ]
    assert len(sms) == 1
    # SNS can't be asked what was published: dying right after it, one e-mail more is the price of not losing it.
    assert len(emails) == 2


async def test_a_live_transcript_is_told_once_by_text_however_often_the_teller_dies(
    house: House, api: httpx.AsyncClient
) -> None:
    call = await _reported(house, api, "+14155570001", is_live=True)
    deaths = await _follow(house, call)
    assert any(death.endswith("/Messages.json") for death in deaths)
    assert "SNS Publish" in deaths
    assert len(deaths) >= 7
    await _check(house, api, call, deaths, "live")


async def test_a_transcript_is_repaired_once_however_often_the_repairer_dies(
    house: House, api: httpx.AsyncClient
) -> None:
    await house.deepgram.order(Faults(refuse_handshakes=10_000, refuse_status=401))
    try:
        call = await _reported(house, api, "+14155570002", is_live=True)
    finally:
        await house.deepgram.order(Faults())
    deaths = await _follow(house, call)
    assert len(deaths) >= 9
    await _check(house, api, call, deaths, "backfilled")
