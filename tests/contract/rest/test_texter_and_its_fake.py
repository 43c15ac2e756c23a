"""What every Texter promises: the fake, and Twilio's library against the simulated Twilio."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio

from local.twilio.account import Account
from local.twilio.server import SimulatedTwilio
from telephony.clock import SystemClock
from telephony.credentials import TwilioCredentials
from telephony.numbers import E164
from telephony.ports.services import Texter
from telephony.rest.texter import TwilioTexter
from tests.fakes.secrets import FixedSecrets
from tests.fakes.sending import MemoryTexter

ACCOUNT = Account(sid="AC" + "0" * 31 + "1", auth_token="12345", api_key="SK" + "0" * 32, api_secret="sesame")
CREDENTIALS = TwilioCredentials(ACCOUNT.sid, ("12345",), ACCOUNT.api_key, ACCOUNT.api_secret)
SENDER, OTHER_SENDER = E164("+15005550006"), E164("+15005550007")
ANNA, BERT = E164("+15005550010"), E164("+15005550011")


@pytest_asyncio.fixture(params=["memory", "twilio"])
async def texter(request: pytest.FixtureRequest) -> AsyncIterator[Texter]:
    if request.param == "memory":
        yield MemoryTexter(clock=SystemClock())
        return
    async with SimulatedTwilio(account=ACCOUNT) as twilio:
        for number in (SENDER, OTHER_SENDER):
            twilio.own_number(number, voice_url="https://a.example/voice")
        yield TwilioTexter(FixedSecrets(CREDENTIALS), twilio.base_url)


async def _find(
    texter: Texter, to: E164 = ANNA, sender: E164 = SENDER, marker: str = "token-1", later: timedelta = timedelta()
) -> str | None:
    return await asyncio.to_thread(texter.find, to, sender, marker, datetime.now(UTC) - timedelta(seconds=5) + later)


async def test_an_sms_is_found_by_what_is_in_it_by_whom_it_is_from_and_by_whom_it_went_to(texter: Texter) -> None:
    sent = [
        await asyncio.to_thread(texter.send, to, SENDER, text)
        for to, text in ((ANNA, "Listen: token-1"), (ANNA, "Listen: token-2"), (BERT, "Listen: token-1"))
    ]
    assert len(set(sent)) == 3
    assert await _find(texter) == sent[0]
    assert await _find(texter, marker="token-2") == sent[1]
    assert await _find(texter, to=BERT) == sent[2]
    assert await _find(texter, marker="token-3") is None
    assert await _find(texter, sender=OTHER_SENDER) is None


async def test_an_sms_that_was_sent_long_before_is_not_found(texter: Texter) -> None:
    await asyncio.to_thread(texter.send, ANNA, SENDER, "Listen: token-1")
    assert await _find(texter, later=timedelta(hours=1)) is None


async def test_before_anything_was_sent_nothing_is_found(texter: Texter) -> None:
    assert await _find(texter) is None
