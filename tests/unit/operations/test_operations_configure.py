"""Credentials are asked for, checked with those who gave them, and put away; nothing wrong is ever stored."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from local.deepgram.faults import Faults
from local.deepgram.server import DeepgramServer
from local.deepgram.stamp import StampedRecogniser
from local.twilio.account import Account
from local.twilio.server import SimulatedTwilio
from operations import vault
from operations.choices import Choices
from operations.configure import Configure
from operations.errors import OperationError
from operations.stack import Cloud
from operations.vault import Vault
from operations.vendors import Origins
from telephony.credentials import parse_deepgram, parse_twilio
from tests.fakes.terminal import ScriptedTerminal
from tests.unit.operations.conftest import MakeStack

ACCOUNT = Account(sid="AC" + "0" * 31 + "1", auth_token="t0ken", api_key="SK" + "0" * 32, api_secret="s3same")
NUMBER = "+15005550006"
DEEPGRAM_KEY = "deepgram-k3y"
GOOD = {
    "account SID": ACCOUNT.sid,
    "auth token": ACCOUNT.auth_token,
    "API key SID": ACCOUNT.api_key,
    "API key secret": ACCOUNT.api_secret,
    "Deepgram API key": DEEPGRAM_KEY,
    "numbers": NUMBER,
}


class Scene:
    """An owner at a terminal, two vendors, one AWS account."""

    def __init__(self, cloud: Cloud, choices: Choices, twilio: SimulatedTwilio, deepgram: DeepgramServer) -> None:
        self.cloud, self.choices, self.twilio, self.deepgram = cloud, choices, twilio, deepgram

    async def configure(self, **changes: str) -> ScriptedTerminal:
        terminal = ScriptedTerminal({**GOOD, **{name.replace("_", " "): value for name, value in changes.items()}})
        origins = Origins(self.twilio.base_url, self.deepgram.base_url)
        await asyncio.to_thread(Configure(self.cloud, terminal, self.choices, origins).run)
        return terminal

    def stored(self, name: str) -> dict[str, str]:
        return dict(Vault(self.cloud).read(name))


@pytest_asyncio.fixture
async def scene(cloud: Cloud, choices: Choices) -> AsyncIterator[Scene]:
    async with (
        SimulatedTwilio(account=ACCOUNT) as twilio,
        DeepgramServer(recogniser=StampedRecogniser(), api_keys=[DEEPGRAM_KEY]) as deepgram,
    ):
        twilio.own_number(NUMBER)
        yield Scene(cloud, choices, twilio, deepgram)


async def test_good_credentials_are_stored_as_the_product_reads_them(scene: Scene) -> None:
    terminal = await scene.configure()
    twilio = parse_twilio(json.dumps(scene.stored(vault.TWILIO)))
    assert (twilio.account_sid, twilio.auth_tokens) == (ACCOUNT.sid, ("t0ken",))
    assert (twilio.api_key, twilio.api_secret) == (ACCOUNT.api_key, "s3same")
    assert parse_deepgram(json.dumps(scene.stored(vault.DEEPGRAM))).api_key == DEEPGRAM_KEY
    assert scene.choices.numbers() == (NUMBER,)
    assert "make deploy" in terminal.text


async def test_no_secret_is_shown_or_asked_for_in_the_open(scene: Scene) -> None:
    terminal = await scene.configure()
    for secret in (ACCOUNT.auth_token, ACCOUNT.api_secret, DEEPGRAM_KEY):
        assert secret not in terminal.text
    assert not [each for each in terminal.asked_openly if "token" in each or "secret" in each or "Deepgram" in each]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"auth_token": "wrong"}, "account SID with the auth token"),
        ({"API_key_secret": "wrong"}, "API key with its secret"),
        ({"Deepgram_API_key": "wrong"}, "Deepgram refuses the API key"),
        ({"numbers": "+15005550007"}, "is not a number of this Twilio account"),
        ({"numbers": "5550007"}, r"as in \+1"),
        ({"account_SID": "SK1"}, "that is no account sid"),
        ({"API_key_SID": "AC1"}, "that is no api key"),
        ({"auth_token": ""}, "are needed"),
        ({"Deepgram_API_key": ""}, "is needed"),
    ],
)
async def test_what_is_wrong_is_said_and_nothing_is_stored(scene: Scene, changes: dict[str, str], words: str) -> None:
    with pytest.raises(OperationError, match=words) as refusal:
        await scene.configure(**changes)
    assert "wrong" not in str(refusal.value)
    assert scene.stored(vault.TWILIO) == scene.stored(vault.DEEPGRAM) == {}
    assert not scene.choices.file.exists()


@pytest.mark.parametrize(
    ("status", "words"), [(402, "no credit left"), (429, "too many streams"), (403, "no right"), (500, "answers 500")]
)
async def test_a_deepgram_project_that_would_not_transcribe_is_noticed(scene: Scene, status: int, words: str) -> None:
    scene.deepgram.faults = Faults(refuse_posts=1, refuse_status=status)
    with pytest.raises(OperationError, match=words):
        await scene.configure()


async def test_a_twilio_that_fails_is_not_taken_for_wrong_credentials(scene: Scene) -> None:
    scene.twilio.refuse(5, status=500)
    with pytest.raises(OperationError, match="Twilio could not be asked"):
        await scene.configure()


async def test_without_an_api_key_the_auth_token_is_used(scene: Scene) -> None:
    await scene.configure(API_key_SID="")
    twilio = parse_twilio(json.dumps(scene.stored(vault.TWILIO)))
    assert (twilio.api_key, twilio.api_secret) == (ACCOUNT.sid, "t0ken")


async def test_blank_answers_keep_what_is_there(scene: Scene) -> None:
    await scene.configure()
    before = scene.stored(vault.TWILIO)
    await scene.configure(**{name.replace(" ", "_"): "" for name in GOOD})
    assert scene.stored(vault.TWILIO) == before
    assert scene.choices.numbers() == (NUMBER,)


async def test_a_new_auth_token_keeps_the_old_one_beside_it_for_the_rotation(scene: Scene) -> None:
    Vault(scene.cloud).write(vault.TWILIO, {"account_sid": ACCOUNT.sid, "auth_token": "older"})
    for _ in range(2):
        await scene.configure()
        twilio = parse_twilio(json.dumps(scene.stored(vault.TWILIO)))
        assert twilio.auth_tokens == ("t0ken", "older")


async def test_another_account_takes_nothing_over_from_the_one_before(scene: Scene) -> None:
    Vault(scene.cloud).write(vault.TWILIO, {"account_sid": "AC" + "9" * 32, "auth_token": "older"})
    await scene.configure()
    assert parse_twilio(json.dumps(scene.stored(vault.TWILIO))).auth_tokens == ("t0ken",)


async def test_a_stack_that_reads_secrets_of_its_own_has_them_filled_in(scene: Scene, make_stack: MakeStack) -> None:
    client = scene.cloud.client("secretsmanager")
    arn = client.create_secret(Name="made-by-the-stack", SecretString='{"account_sid": ""}')["ARN"]
    make_stack(TwilioSecret=arn)
    await scene.configure()
    assert scene.stored(arn)["account_sid"] == ACCOUNT.sid
    assert scene.stored(vault.TWILIO) == {}


async def test_secrets_that_were_thrown_away_are_taken_back(scene: Scene) -> None:
    await scene.configure()
    safe = Vault(scene.cloud)
    assert [safe.throw_away(vault.TWILIO), safe.throw_away(vault.TWILIO)] == [True, False]
    assert (safe.arn(vault.TWILIO), scene.stored(vault.TWILIO)) == (None, {})
    await scene.configure()
    assert safe.arn(vault.TWILIO) is not None


async def test_a_secret_that_is_not_ours_is_not_written_over(scene: Scene) -> None:
    scene.cloud.client("secretsmanager").create_secret(Name=vault.TWILIO, SecretString="[]")
    with pytest.raises(OperationError, match="not a JSON object"):
        await scene.configure()
