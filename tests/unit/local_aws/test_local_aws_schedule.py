"""What stands between the clock and a Lambda handler."""

from threading import Event, Thread
from typing import Any

import pytest

from local.aws.schedule import EVENT, Schedule

LIMIT_S = 20


def test_a_handler_is_called_again_and_again_also_after_it_failed(capsys: pytest.CaptureFixture[str]) -> None:
    events: list[Any] = []
    stop, done = Event(), Event()

    def handler(event: Any, _context: object) -> None:  # noqa: ANN401 - Lambda's JSON
        events.append(event)
        if len(events) == 3:
            done.set()
        raise RuntimeError("a run failed")

    thread = Thread(target=Schedule(handler, 0.01).run, args=(stop,))
    thread.start()
    assert done.wait(LIMIT_S)
    stop.set()
    thread.join(LIMIT_S)
    assert not thread.is_alive()
    assert events[:3] == [EVENT] * 3
    assert "a run failed" in capsys.readouterr().err


def test_a_schedule_that_is_stopped_calls_nobody() -> None:
    stop = Event()
    stop.set()
    Schedule(lambda *_: pytest.fail("called"), 0.01).run(stop)
