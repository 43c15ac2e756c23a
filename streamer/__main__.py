"""`python -m streamer`: settings, then stores, then serve until SIGTERM or SIGINT."""

import asyncio
import gc
import signal
import sys
from datetime import UTC, datetime
from typing import Final

import boto3
import uvloop

from streamer.server import Stores, Streamer
from telephony import log
from telephony.aws import stores as aws
from telephony.aws.clients import CONFIG, UNCHECKED
from telephony.aws.secrets import SecretsManagerSecrets
from telephony.errors import ConfigurationError
from telephony.metrics import EmbeddedMeter
from telephony.settings import StreamerSettings, read

GARBAGE: Final = (20_000, 20, 20)
"""How seldom Python looks for garbage: a call makes next to none that has to be looked for, and to look at all that the
calls hold took a sixth of the CPU. What was there before the first call is never looked at."""


async def serve(settings: StreamerSettings) -> None:
    """Run the streamer until a signal asks it to stop."""
    meter = EmbeddedMeter("streamer", sys.stdout, lambda: datetime.now(UTC))
    streamer = Streamer(settings, _stores(settings), meter)
    gc.freeze()
    gc.set_threshold(*GARBAGE)
    loop = asyncio.get_running_loop()
    for signum in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signum, streamer.stop)
    await streamer.run()


def main() -> int:
    """Return the process's exit code: 0 after a stop, 2 when it can't start."""
    log.configure()
    try:
        uvloop.run(serve(read(StreamerSettings)))
    except ConfigurationError as exc:
        log.logger().error("start-failed", error=str(exc))
        return 2
    return 0


def _stores(settings: StreamerSettings) -> Stores:
    session = boto3.Session()
    table = aws.Stores.of(session.client("dynamodb", config=CONFIG.merge(UNCHECKED)), settings.table_name)
    secrets = SecretsManagerSecrets(
        session.client("secretsmanager", config=CONFIG),
        twilio_arn=settings.twilio_secret_arn,
        deepgram_arn=settings.deepgram_secret_arn,
    )
    return Stores(tickets=table.tickets, transcripts=table.transcripts, secrets=secrets)


if __name__ == "__main__":
    sys.exit(main())
