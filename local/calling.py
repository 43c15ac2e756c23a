"""`make call`: phones a sound file into the house that `make local` runs."""

import asyncio
import base64
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console

from local import loopback
from local.phone import RATE, mu_law
from local.standing import Addresses
from telephony.deliveries import DeliveryState

ENDING_LIMIT_S = 60
"""How long a call may last beyond its speech: greeting, tone, hang-up, and the telling."""


class CallError(Exception):
    """The call can't be placed, or came to nothing; the text says why."""


async def call_in(console: Console, wav: Path, *, house: Addresses | None, caller: str, number: str) -> None:
    """Phone *wav* into *house*, None when there is none, and print what was written of it.

    Raises: CallError, SoundError.
    """
    speech = await asyncio.to_thread(mu_law, wav)
    if house is None:
        raise CallError("nothing runs here to call: start it with `make local` in another terminal")
    seconds = len(speech) / RATE
    try:
        async with loopback.client() as http:
            sid = await _ring(http, house, {"from": caller, "to": number or house.number, "audio": _text(speech)})
            console.print(f"{caller} calls {number or house.number}: {sid}, {seconds:.1f} s of speech", soft_wrap=True)
            async with asyncio.timeout(seconds + ENDING_LIMIT_S):
                await _until_told(http, house, sid)
            api = {"Authorization": f"Bearer {house.token}"}
            answer = await http.get(
                f"{house.origin}/api/calls/{sid}/transcript", params={"format": "text"}, headers=api
            )
            console.print(answer.text or "No words could be made out.", markup=False, soft_wrap=True)
    except httpx.TransportError as exc:
        raise CallError(f"the house does not answer ({type(exc).__name__}): is `make local` still running?") from exc
    except (KeyError, ValueError) as exc:  # no JSON, or another's
        raise CallError("the house gives no answer that can be read: see .local/logs/") from exc
    except TimeoutError:
        raise CallError("the call did not come to an end in time: see what `make local` prints") from None


async def _ring(http: httpx.AsyncClient, house: Addresses, call: dict[str, str]) -> str:
    answer = await http.post(f"{house.twilio}/simulator/calls", json=call)
    said: dict[str, Any] = answer.json()
    if answer.status_code != httpx.codes.ACCEPTED:
        raise CallError(str(said.get("message", answer.text)))
    return str(said["sid"])


async def _until_told(http: httpx.AsyncClient, house: Addresses, sid: str) -> None:
    while True:
        call = (await http.get(f"{house.twilio}/simulator/calls/{sid}")).json()
        api = await http.get(f"{house.origin}/api/calls/{sid}", headers={"Authorization": f"Bearer {house.token}"})
        told = api.json()["deliveries"] if api.status_code == httpx.codes.OK else []
        if call["over"] and told and all(DeliveryState(each["state"]).is_over for each in told):
            return
        await asyncio.sleep(0.2)


def _text(audio: bytes) -> str:
    return base64.b64encode(audio).decode("ascii")
