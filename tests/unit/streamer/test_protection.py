"""While it has calls, the task is protected."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
import structlog

from streamer.protection import CEILING_S, EXPIRES_MINUTES, RENEW_S, EcsAgent, Protection, Watch
from telephony.errors import UpstreamError
from tests.unit.streamer.house import LIMIT_S, serving, ticket, until


class Agent(HTTPServer):
    """Stands for the ECS agent; keeps what it is asked, and answers as told."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[tuple[str, str, object]] = []
        self.answers: list[tuple[int, bytes]] = []

    @property
    def uri(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/api/abc"

    @property
    def states(self) -> list[object]:
        return [state for _, _, state in self.asked]


class _Handler(BaseHTTPRequestHandler):
    server: Agent

    def do_PUT(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append((self.command, self.path, json.loads(content)))
        status, answer = self.server.answers.pop(0) if self.server.answers else (200, b'{"protection":{}}')
        self.send_response(status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def agent() -> Iterator[Agent]:
    made = Agent()
    serving_agent = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
    serving_agent.start()
    yield made
    made.shutdown()
    serving_agent.join()
    made.server_close()


PROTECTED = {"ProtectionEnabled": True, "ExpiresInMinutes": EXPIRES_MINUTES}
RELEASED = {"ProtectionEnabled": False}


def test_the_agent_is_asked_as_ecs_documents_it(agent: Agent) -> None:
    EcsAgent(agent.uri).protect(EXPIRES_MINUTES)
    EcsAgent(agent.uri).release()
    path = "/api/abc/task-protection/v1/state"
    assert agent.asked == [("PUT", path, PROTECTED), ("PUT", path, RELEASED)]


@pytest.mark.parametrize(
    "answer",
    [(500, b"{}"), (200, b'{"failure":{"Reason":"DEPLOYMENT_BLOCKED"}}'), (200, b"<html>"), (200, b"[]"), (200, b"")],
)
def test_an_answer_that_does_not_protect_is_an_error(agent: Agent, answer: tuple[int, bytes]) -> None:
    agent.answers = [answer]
    with pytest.raises(UpstreamError) as raised:
        EcsAgent(agent.uri).protect(1)
    assert raised.value.retryable


def test_a_task_is_protected_while_it_has_a_call_and_released_when_it_has_none() -> None:
    watch = Watch()
    assert watch.wants(newest=None, now=0) is None
    assert watch.wants(newest=1, now=1) is True
    watch.done(is_protected=True, now=1)
    assert watch.wants(newest=1, now=2) is None
    assert watch.wants(newest=None, now=3) is False
    watch.done(is_protected=False, now=3)
    assert watch.wants(newest=None, now=4) is None


def test_what_failed_is_wanted_again() -> None:
    watch = Watch()
    assert watch.wants(newest=1, now=1) is True
    assert watch.wants(newest=1, now=11) is True


def test_a_protection_is_renewed_well_before_it_expires_but_a_call_has_a_ceiling() -> None:
    watch = Watch()
    renewed: list[float] = []
    for now in range(0, int(CEILING_S), 10):
        if watch.wants(newest=0, now=now):
            watch.done(is_protected=True, now=now)
            renewed.append(now)
    assert renewed == list(range(0, int(CEILING_S), int(RENEW_S)))
    assert 2 * RENEW_S < 60 * EXPIRES_MINUTES
    assert watch.wants(newest=0, now=CEILING_S) is False
    watch.done(is_protected=False, now=CEILING_S)
    assert watch.wants(newest=0, now=CEILING_S + 60) is None


def test_a_fresh_call_is_protected_however_long_the_task_has_never_been_idle() -> None:
    watch = Watch()
    for now in range(0, 2 * int(CEILING_S), 600):
        wanted = watch.wants(newest=now - 60, now=now)
        assert wanted is True
        watch.done(is_protected=wanted, now=now)


@asynccontextmanager
async def protecting(agent: Agent, calls: list[float]) -> AsyncIterator[Protection]:
    async with asyncio.timeout(LIMIT_S), asyncio.TaskGroup() as tasks:
        protection = Protection(EcsAgent(agent.uri), lambda: max(calls, default=None), now=lambda: 60, turn_s=0.01)
        running = tasks.create_task(protection.run())
        yield protection
        running.cancel()


async def test_an_agent_that_fails_is_asked_again_and_nothing_else_happens(agent: Agent) -> None:
    agent.answers = [(500, b"{}"), (500, b"{}")]
    calls = [50.0]
    with structlog.testing.capture_logs() as logs:
        async with protecting(agent, calls) as protection:
            await until(lambda: len(agent.asked) == 3)
            calls.clear()
            protection.look()
            await until(lambda: len(agent.asked) == 4)
    assert agent.states == [PROTECTED, PROTECTED, PROTECTED, RELEASED]
    assert [each["event"] for each in logs] == ["task-protection-not-changed"] * 2


async def test_a_streamer_is_protected_while_it_has_streams(agent: Agent, caplog: pytest.LogCaptureFixture) -> None:
    async with serving(caplog, ecs_agent_uri=agent.uri) as house:
        house.table.tickets.issue(ticket())
        async with house.dial() as phone:
            await phone.start()
            await until(lambda: agent.states == [PROTECTED])
            await phone.stop()
            await phone.closed()
        await until(lambda: agent.states == [PROTECTED, RELEASED])


async def test_without_an_agent_nothing_is_asked(agent: Agent, caplog: pytest.LogCaptureFixture) -> None:
    async with serving(caplog) as house:
        house.table.tickets.issue(ticket())
        async with house.dial() as phone:
            await phone.start()
            await phone.stop()
            await phone.closed()
    assert agent.asked == []
