"""Logging is JSON, a line an event, and says nothing of people."""

import ast
import io
import json
import logging
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
import structlog

from telephony import log

ROOT = Path(__file__).parents[3]
LEVELS = {"debug", "info", "warning", "error", "exception", "critical"}


def _events(code: str) -> Iterator[str]:
    """Yield what is logged by `logger().info("...")` and its like."""
    for node in ast.walk(ast.parse(code)):
        match node:
            case ast.Call(
                func=ast.Attribute(
                    value=ast.Call(func=ast.Name(id="logger") | ast.Attribute(attr="logger")), attr=level
                ),
                args=[ast.Constant(value=str(event)), *_],
            ) if level in LEVELS:
                yield event


@pytest.fixture(autouse=True)
def _unconfigured() -> Iterator[None]:
    before = structlog.get_config()
    yield
    structlog.configure(**before)  # that of the other tests: structlog's defaults draw tracebacks for seconds


def test_an_event_is_a_line_of_json(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure()

    with structlog.contextvars.bound_contextvars(call_sid="CA1"):
        log.logger().info("call-ended", duration_s=7)

    line = json.loads(capsys.readouterr().out)
    assert datetime.fromisoformat(line.pop("timestamp")).tzinfo is not None
    assert line == {"event": "call-ended", "level": "info", "call_sid": "CA1", "duration_s": 7}


def test_a_line_is_one_write_so_that_no_other_threads_comes_into_it(monkeypatch: pytest.MonkeyPatch) -> None:
    writes: list[str] = []
    out = io.StringIO()
    monkeypatch.setattr(out, "write", writes.append)
    monkeypatch.setattr("sys.stdout", out)
    log.configure()
    log.logger().info("call-ended")
    [line] = writes
    assert line.endswith("}\n")


@pytest.mark.parametrize("level", ["info", "warning", "error"])
def test_what_is_of_people_is_left_out(capsys: pytest.CaptureFixture[str], level: str) -> None:
    log.configure()

    getattr(log.logger(), level)("call-ended", caller_pii="+15005550001")

    assert "5005550001" not in capsys.readouterr().out


def test_only_debugging_shows_what_is_of_people(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure(logging.DEBUG)

    log.logger().debug("call-ended", caller_pii="+15005550001")

    assert json.loads(capsys.readouterr().out)["caller_pii"] == "+15005550001"


def test_debugging_is_off_unless_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure()

    log.logger().debug("detail")

    assert capsys.readouterr().out == ""


def test_a_traceback_stays_on_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure()
    try:
        raise ZeroDivisionError("a bug")
    except ZeroDivisionError:
        log.logger().error("crashed", exc_info=True)

    [line] = capsys.readouterr().out.splitlines()
    assert "ZeroDivisionError: a bug" in json.loads(line)["exception"]


@pytest.mark.parametrize("package", ["streamer", "functions"])
def test_every_event_is_words_of_small_letters_with_hyphens(package: str) -> None:
    events = [event for path in (ROOT / package).rglob("*.py") for event in _events(path.read_text(encoding="utf-8"))]
    assert events
    assert [event for event in events if not re.fullmatch(r"[a-z]+(-[a-z]+)*", event)] == []
