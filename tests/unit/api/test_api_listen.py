"""The link in a message to a person."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from telephony.recordings import RecordingStatus
from tests import examples
from tests.fakes.clock import FixedClock
from tests.fakes.table import MemoryTable
from tests.unit.api.asking import Answer, Gateway

A_MONTH = timedelta(days=30)


@pytest.fixture
def link(table: MemoryTable, clock: FixedClock) -> str:
    table.calls.begin(examples.CALL, None)
    return f"/api/listen/{table.links.link(examples.CALL_SID, A_MONTH, clock.now())}"


def _title(answer: Answer) -> str:
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert '<html lang="en">' in answer.body
    found = re.search(r"<title>(.*)</title>", answer.body)
    assert found is not None
    assert f"<h1>{found[1]}</h1>" in answer.body
    return found[1]


def test_it_leads_to_the_sound_without_a_token(api: Gateway, table: MemoryTable, link: str) -> None:
    table.recordings.report(examples.RECORDING)
    table.recordings.stored(examples.CALL_SID, examples.RECORDING_SID, "recordings/a.wav")

    answer = api.get(link)

    assert answer.status == 302
    assert answer.headers["location"] == "https://audio.example/recordings/a.wav?expires=300"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("status", [None, RecordingStatus.ANNOUNCED, RecordingStatus.COMPLETED])
def test_while_the_copy_is_not_there_a_page_says_so_and_looks_again(
    api: Gateway, table: MemoryTable, link: str, status: RecordingStatus | None
) -> None:
    if status is not None:
        table.recordings.report(replace(examples.RECORDING, status=status))

    answer = api.get(link)

    assert answer.status == 200
    assert _title(answer) == "The recording is on its way"
    assert '<meta http-equiv="refresh" content="5">' in answer.body


def test_a_recording_that_will_never_come_is_not_waited_for(api: Gateway, table: MemoryTable, link: str) -> None:
    table.recordings.report(replace(examples.RECORDING, status=RecordingStatus.ABSENT))

    answer = api.get(link)

    assert (answer.status, _title(answer)) == (404, "There is no recording")
    assert "refresh" not in answer.body


def test_a_recording_that_could_not_be_copied_is_not_waited_for(api: Gateway, table: MemoryTable, link: str) -> None:
    table.recordings.report(examples.RECORDING)
    table.recordings.failed(examples.CALL_SID, examples.RECORDING_SID, "not a WAV file")

    assert _title(api.get(link)) == "There is no recording"


@pytest.mark.parametrize("token", ["guess", "x" * 129, "%20", "ü"])
def test_an_unknown_token_gets_a_page_that_says_so(api: Gateway, token: str) -> None:
    answer = api.get(f"/api/listen/{token}")

    assert (answer.status, _title(answer)) == (404, "This link does not work")
    assert answer.headers["referrer-policy"] == "no-referrer"


def test_an_expired_link_is_unknown(api: Gateway, link: str, clock: FixedClock) -> None:
    clock.advance(A_MONTH)

    assert _title(api.get(link)) == "This link does not work"


def test_the_log_does_not_have_the_token(api: Gateway, link: str, capsys: pytest.CaptureFixture[str]) -> None:
    api.get(link)

    assert link.rpartition("/")[2] not in "".join(capsys.readouterr())
