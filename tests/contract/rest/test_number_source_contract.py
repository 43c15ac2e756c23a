"""What every NumberSource promises, and the one on Twilio: simulated, and with answers that that does not give."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio

from local.twilio.account import Account
from local.twilio.server import SimulatedTwilio
from telephony.credentials import TwilioCredentials
from telephony.errors import NotFoundError, UpstreamError
from telephony.number_addresses import NumberAddresses, NumberSid
from telephony.numbers import E164
from telephony.ports.services import NumberSource
from telephony.rest.numbers import TwilioNumbers
from tests.contract.rest.server import Reply, Server
from tests.fakes.numbers import MemoryNumbers
from tests.fakes.secrets import FixedSecrets

ACCOUNT = Account(sid="AC" + "0" * 31 + "1", auth_token="12345", api_key="SK" + "0" * 32, api_secret="sesame")
NUMBER = E164("+15005550006")
ADDRESSES = NumberAddresses(
    *("https://a.example/v#rc=3", "GET", "https://a.example/f", "POST", "https://a.example/s"),
    sms_url="https://a.example/t",
    sms_method="GET",
)


def credentials(account: Account = ACCOUNT) -> FixedSecrets:
    return FixedSecrets(TwilioCredentials(account.sid, ("12345",), account.api_key, account.api_secret))


@pytest_asyncio.fixture
async def simulated() -> AsyncIterator[SimulatedTwilio]:
    async with SimulatedTwilio(account=ACCOUNT) as twilio:
        twilio.own_number(NUMBER, voice_url="https://old.example/voice")
        twilio.own_number(NUMBER + "7", voice_url="https://other.example/voice")
        yield twilio


@pytest.fixture(params=["memory", "twilio"])
def numbers(request: pytest.FixtureRequest, simulated: SimulatedTwilio) -> NumberSource:
    if request.param == "twilio":
        return TwilioNumbers(credentials(), simulated.base_url)
    memory = MemoryNumbers()
    memory.own(NUMBER, NumberAddresses("https://old.example/voice"))
    memory.own(E164(NUMBER + "7"), NumberAddresses("https://other.example/voice"))
    return memory


async def test_a_number_is_found_changed_and_found_changed(numbers: NumberSource) -> None:
    found = await asyncio.to_thread(numbers.find, NUMBER)
    assert (found.number, found.addresses.voice_url, found.overruled_by) == (NUMBER, "https://old.example/voice", "")
    await asyncio.to_thread(numbers.change, found.sid, ADDRESSES)
    assert (await asyncio.to_thread(numbers.find, NUMBER)).addresses == ADDRESSES
    await asyncio.to_thread(numbers.change, found.sid, NumberAddresses())
    assert (await asyncio.to_thread(numbers.find, NUMBER)).addresses == NumberAddresses()


async def test_a_number_that_is_not_the_accounts_is_not_found(numbers: NumberSource) -> None:
    with pytest.raises(NotFoundError):
        await asyncio.to_thread(numbers.find, E164("+1500555000"))  # a part of ours
    with pytest.raises(NotFoundError):
        await asyncio.to_thread(numbers.change, NumberSid("PN0"), ADDRESSES)


async def test_wrong_credentials_have_twilios_code(simulated: SimulatedTwilio) -> None:
    numbers = TwilioNumbers(credentials(replace(ACCOUNT, api_secret="wrong")), simulated.base_url)
    with pytest.raises(UpstreamError) as refused:
        await asyncio.to_thread(numbers.find, NUMBER)
    assert refused.value.code == "20003"


async def test_a_twilio_that_fails_can_be_tried_again(simulated: SimulatedTwilio) -> None:
    numbers = TwilioNumbers(credentials(), simulated.base_url)
    found = await asyncio.to_thread(numbers.find, NUMBER)
    simulated.refuse(1, status=500)
    with pytest.raises(UpstreamError) as failed:
        await asyncio.to_thread(numbers.change, found.sid, ADDRESSES)
    assert failed.value.retryable


@pytest.mark.parametrize(
    ("settings", "overruled_by", "has_sms_application"),
    [
        ({"voice_application_sid": "AP1", "trunk_sid": None, "sms_application_sid": None}, "application", False),
        ({"voice_application_sid": "", "trunk_sid": "TK1", "sms_application_sid": ""}, "trunk", False),
        ({"voice_application_sid": None, "trunk_sid": None, "sms_application_sid": "AP2"}, "", True),
    ],
)
async def test_what_makes_twilio_ignore_the_addresses_is_seen(
    twilio: Server, settings: dict[str, str | None], overruled_by: str, has_sms_application: bool
) -> None:
    found = {"sid": "PN1", "phone_number": NUMBER, "voice_url": None, "sms_url": None, **settings}
    listing = {"incoming_phone_numbers": [found], "page": 0, "page_size": 20, "next_page_uri": None}
    path = f"/2010-04-01/Accounts/{ACCOUNT.sid}/IncomingPhoneNumbers.json?PhoneNumber=%2B15005550006&PageSize=20"
    twilio.replies[path] = [Reply(body=json.dumps(listing).encode())]
    owned = await asyncio.to_thread(TwilioNumbers(credentials(), twilio.origin).find, NUMBER)
    assert (owned.overruled_by, owned.has_sms_application) == (overruled_by, has_sms_application)
    assert owned.addresses == NumberAddresses()
