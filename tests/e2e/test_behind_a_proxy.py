"""What runs on loopback is asked directly, also where the user's environment names a proxy for everything."""

import asyncio
import io
from pathlib import Path

import numpy as np
import pytest
import soundfile
from rich.console import Console

from local import loopback
from local.aws.mailroom import Mail, read_mail
from local.calling import call_in
from local.house import OUR_NUMBER, House, Plan, open_house
from local.standing import Addresses
from local.twilio.events import StreamStarted
from local.viewer import captions
from tests.e2e.asking import eventually
from tests.e2e.conftest import SPEED

NOBODY = "http://127.0.0.1:9"
CALLER = "+14155550142"


@pytest.fixture
def _proxied(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, NOBODY)
        monkeypatch.setenv(name.lower(), NOBODY)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)


async def _streaming(house: House) -> str | None:
    async for event in house.twilio.subscribe():
        if isinstance(event, StreamStarted):
            return event.call_sid
    return None


async def _watch(house: House) -> None:
    call_sid = await _streaming(house)
    assert call_sid is not None
    headers = {"Authorization": f"Bearer {house.token}"}
    async with loopback.client(base_url=house.origin, headers=headers) as api:
        async for _ in captions(api, call_sid):
            pass


async def _mail(house: House) -> Mail | None:
    mails = await asyncio.to_thread(read_mail, house.aws_endpoint, house.resources.topic_arn)
    return next(iter(mails), None)


@pytest.mark.usefixtures("_proxied")
async def test_a_proxy_of_the_users_is_asked_nothing(tmp_path: Path) -> None:
    wav = tmp_path / "tone.wav"
    soundfile.write(wav, (0.2 * np.sin(np.arange(5 * 8_000) / 3)).astype(np.float32), 8_000)
    said = io.StringIO()
    async with open_house(Plan(recogniser="stamped", speed=SPEED)) as house, asyncio.timeout(45):
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_watch(house))
            await call_in(Console(file=said), wav, house=Addresses.of(house), caller=CALLER, number=OUR_NUMBER)
        mail = await eventually(lambda: _mail(house))
    assert CALLER in said.getvalue()
    assert CALLER in mail.subject
