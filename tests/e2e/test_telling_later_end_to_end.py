"""Whole calls of which people are told later: when it is night where the mailbox is, and in a digest."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio

from local.aws.mailroom import Mail, read_mail
from local.deepgram.stamp import stamp, word
from local.house import MAILBOX, OUR_NUMBER, OWNER_EMAIL, OWNER_PHONE, House, Plan, open_house
from local.twilio.call import Call
from local.twilio.caller import Caller
from telephony.calls import CallSid
from telephony.digests import Digest
from telephony.mailboxes import Mailbox
from telephony.quiet_hours import QuietHours
from telephony.telling import Telling
from tests.e2e.asking import eventually
from tests.e2e.conftest import SPEED
from tests.e2e.stores import stores_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

WORDS = 20
NIGHT = Telling(quiet_hours=QuietHours(time(22), time(7)))
SETTINGS = {"SWEEP_EVERY_S": "1", "SWEEP_AGE_S": "1"}
"""What waits for longer than half an hour is left to the sweeper."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house() -> AsyncIterator[House]:
    """Give a house whose sweeper comes by every second."""
    async with open_house(Plan(recogniser="stamped", speed=SPEED, settings=SETTINGS)) as opened:
        yield opened


async def _store(house: House, mailbox: Mailbox) -> None:
    await asyncio.to_thread(stores_of(house).directory.put, mailbox, [house.plan.number])


def _where_it_is(hour: int) -> str:
    """Return a time zone in which it is about that time of the day now."""
    ahead = (hour - datetime.now(UTC).hour) % 24
    ahead -= 24 if ahead > 12 else 0
    return f"Etc/GMT{-ahead:+d}"  # their signs are the other way round


async def _call(house: House, first: int) -> Call:
    call = await house.twilio.ring(Caller(number="+14155550123", speech=stamp(first, WORDS)), to=OUR_NUMBER)
    async with asyncio.timeout(20):
        await call.ended()
    return call


async def _with_deliveries(api: httpx.AsyncClient, call: Call, states: dict[str, str]) -> dict[str, Any]:
    """Return the call, with its sound, once its deliveries are as far as that."""

    async def detail() -> dict[str, Any] | None:
        answer = await api.get(f"/api/calls/{call.sid}")
        if answer.status_code != httpx.codes.OK:
            return None
        found: dict[str, Any] = answer.json()
        is_stored = any(recording["is_stored"] for recording in found["recordings"])
        is_so_far = {each["channel"]: each["state"] for each in found["deliveries"]} == states
        return found if is_stored and is_so_far else None

    return await eventually(detail)


async def _closed(house: House, call: Call) -> None:
    """Return once nothing more is expected of a call."""
    calls = stores_of(house).calls

    async def is_closed() -> bool | None:
        facts = await asyncio.to_thread(calls.facts, CallSid(call.sid))
        return None if facts.is_open else True

    await eventually(is_closed)


async def _mails(house: House, text: str) -> list[Mail]:
    mails = await asyncio.to_thread(read_mail, house.aws_endpoint, house.resources.topic_arn)
    return [each for each in mails if text in each.body]


async def test_at_night_an_sms_waits_for_the_morning_and_nothing_else_does(
    house: House, api: httpx.AsyncClient
) -> None:
    before = len(house.twilio.messages)
    await _store(house, replace(MAILBOX, timezone=_where_it_is(2), telling=NIGHT))
    call = await _call(house, 1_000)
    detail = await _with_deliveries(api, call, {"email": "sent"})
    assert detail["transcript"]["is_complete"]
    assert len(await _mails(house, word(1_000))) == 1
    assert len(house.twilio.messages) == before

    await _store(house, replace(MAILBOX, timezone=_where_it_is(10), telling=NIGHT))
    await _with_deliveries(api, call, {"email": "sent", "sms": "sent"})
    await _closed(house, call)

    (sms,) = house.twilio.messages[before:]
    assert (sms.to, word(1_000) in sms.body) == (OWNER_PHONE, True)
    assert len(await _mails(house, word(1_000))) == 1


async def test_a_digest_tells_of_all_calls_since_the_last_one_in_one_message(
    house: House, api: httpx.AsyncClient
) -> None:
    digesting = replace(MAILBOX, timezone="UTC")
    before, far = len(house.twilio.messages), (datetime.now(UTC) + timedelta(hours=2)).time()
    await _store(house, replace(digesting, telling=Telling(digest=Digest((far,), with_sms=True))))
    calls = await asyncio.gather(*(_call(house, first) for first in (2_000, 3_000)))
    for call in calls:
        await _with_deliveries(api, call, {})
    assert (len(house.twilio.messages), await _mails(house, word(2_000))) == (before, [])

    soon = (datetime.now(UTC) + timedelta(seconds=4)).time()
    await _store(house, replace(digesting, telling=Telling(digest=Digest((soon,), with_sms=True))))
    for call in calls:  # a mark has a call looked at, and so put on the list of the digest of now
        (await api.patch(f"/api/calls/{call.sid}", json={"read": True})).raise_for_status()
    details = [await _with_deliveries(api, call, {"email": "sent", "sms": "sent"}) for call in calls]
    for call in calls:
        await _closed(house, call)

    (sms,) = house.twilio.messages[before:]
    assert (sms.to, "New messages: 2. Missed calls: 0." in sms.body) == (OWNER_PHONE, True)
    (mail,) = await _mails(house, word(2_000))
    assert mail.address == OWNER_EMAIL
    assert all(word(number) in mail.body for first in (2_000, 3_000) for number in range(first, first + WORDS))
    assert mail.body.count("/api/listen/") == 2
    references = {(each["channel"], each["reference"]) for detail in details for each in detail["deliveries"]}
    assert len(references) == 2, "both calls name the one SMS and the one e-mail"
