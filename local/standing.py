"""`make local`: everything runs until it is stopped, and says what can be done with it."""

import asyncio
import json
import signal
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from rich.console import Console

from local.house import MAILBOX, OUR_NUMBER, House, Plan, open_house
from local.narrator import Narrator
from local.processes import ROOT

ADDRESSES = ROOT / ".local" / "house.json"


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the running house can be reached, for `make call`."""

    twilio: str
    origin: str
    token: str
    number: str

    @classmethod
    def of(cls, house: House) -> Self:
        """Return where *house* is."""
        return cls(house.twilio.base_url, house.origin, house.token, OUR_NUMBER)


def addresses(path: Path = ADDRESSES) -> Addresses | None:
    """Return where the running house is; None when none has been started."""
    try:
        return Addresses(**json.loads(path.read_text()))
    except (OSError, TypeError, ValueError):
        return None


async def stand(console: Console) -> None:
    """Run everything until SIGINT or SIGTERM, and tell of every call."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    narrator = Narrator(console)
    narrator.say("starting", "local AWS, recogniser, Lambdas, streamer, simulated Twilio")
    async with open_house(Plan()) as house:
        _write_addresses(house)
        try:
            _explain(console, house)
            async with asyncio.TaskGroup() as tasks:
                telling = tasks.create_task(_narrate(house, narrator))
                await stop.wait()
                telling.cancel()
        finally:
            ADDRESSES.unlink(missing_ok=True)
    console.print("Stopped.")


async def _narrate(house: House, narrator: Narrator) -> None:
    async for event in house.twilio.subscribe():
        narrator.event(event)


def _write_addresses(house: House) -> None:
    ADDRESSES.parent.mkdir(parents=True, exist_ok=True)
    ADDRESSES.touch(mode=0o600)
    ADDRESSES.write_text(json.dumps(asdict(Addresses.of(house))))


def _explain(console: Console, house: House) -> None:
    console.print(f"""
[bold]Ringscribe runs on this machine.[/bold] Ctrl-C stops it. Its logs are in .local/logs/.

  our number      {OUR_NUMBER} (mailbox "{MAILBOX.id}")
  its page        {house.origin}/
  webhooks, API   {house.origin}/twilio/*, {house.origin}/api/*
  Twilio          {house.twilio.base_url} (simulated)
  AWS             {house.aws_endpoint} (moto)

Phone in a sound file, from another terminal:

  make call WAV=local/speech/sense-and-sensibility.wav
  make call WAV=my.wav FROM=+14155550199 TO={OUR_NUMBER}

Read what was said:
""")
    # Printed plain, so that a line can be copied whole. The README's examples have the same two names.
    asking = 'curl -H "Authorization: Bearer $TOKEN"'
    print(f'  export ORIGIN="{house.origin}"')
    print(f'  export TOKEN="{house.token}"')
    print(f"  {asking} $ORIGIN/api/mailboxes/{MAILBOX.id}/calls")
    print(f'  {asking} "$ORIGIN/api/mailboxes/{MAILBOX.id}/search?q=amiable"')
    print(f'  {asking} "$ORIGIN/api/calls/CALL_SID/transcript?format=text"')
    print(f'  {asking} "$ORIGIN/api/calls/CALL_SID/transcript?format=vtt"\n')
