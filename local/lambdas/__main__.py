"""Runs the Lambda functions as a process: `python -m local.lambdas --fd LISTENING_SOCKET`.

Prints one line of JSON with a token once it is ready; stops on SIGTERM or SIGINT.
"""

import argparse
import asyncio
import contextlib
import json
import signal
import socket
import sys
import threading
from collections.abc import Iterator

import boto3
import msgspec
import uvicorn

# The functions build their objects when their handlers are imported, as Lambda has them do.
from functions.api.handler import handler as api
from functions.jobs.handler import on_job
from functions.jobs.handler import on_schedule as on_round
from functions.pipeline.handler import on_follow_up, on_schedule, on_table_change
from functions.webhooks.handler import handler as webhooks
from local.aws.poller import Poller, QueuePoller, TablePoller
from local.aws.schedule import Schedule
from local.lambdas.gateway import app
from local.lambdas.issuer import Issuer
from telephony import log
from telephony.settings import read


class LambdasSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What this process itself needs; the functions read their own."""

    table_name: str
    followups_queue_url: str
    jobs_queue_url: str
    jwt_issuer: str
    runs_pipeline: bool = True
    """False leaves all that is stored unfollowed."""
    sweep_every_s: float = 3
    """How often calls that have been open for long are looked after."""
    round_every_s: float = 30
    """How often it is looked for what is kept no longer, and for jobs that stand still."""


class _Server(uvicorn.Server):
    """A server that leaves signals to this process and says when it listens."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def _serve(listener: socket.socket) -> None:
    settings = read(LambdasSettings)
    stop, stopping = asyncio.Event(), threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    issuer = Issuer(settings.jwt_issuer)
    gateway = app({"/twilio": webhooks, "/api": api}, (issuer.route,))
    server = _Server(uvicorn.Config(gateway, log_config=None, access_log=False, ws="none", lifespan="off"))
    session = boto3.Session()
    pollers: list[Poller | Schedule] = [
        TablePoller(session, settings.table_name, on_table_change),
        QueuePoller(session, settings.followups_queue_url, on_follow_up),
        Schedule(on_schedule, settings.sweep_every_s),
        QueuePoller(session, settings.jobs_queue_url, on_job, name="on_job"),
        Schedule(on_round, settings.round_every_s),
    ]
    async with asyncio.TaskGroup() as tasks:
        serving = tasks.create_task(server.serve(sockets=[listener]))
        for poller in pollers if settings.runs_pipeline else ():
            tasks.create_task(asyncio.to_thread(poller.run, stopping))
        print(json.dumps({"token": issuer.token()}), flush=True)
        await stop.wait()
        stopping.set()
        server.should_exit = True
        await serving


def main() -> int:
    """Serve until a signal and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m local.lambdas", description=__doc__)
    parser.add_argument("--fd", type=int, required=True, help="the listening socket")
    log.configure()
    asyncio.run(_serve(socket.socket(fileno=parser.parse_args().fd)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
