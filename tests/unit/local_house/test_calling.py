"""`make call` says plainly why a call can't be placed."""

import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from rich.console import Console

from local.calling import CallError, call_in
from local.standing import Addresses, addresses
from local.wording import word_error_rate
from tests.contract.rest import server as servers
from tests.contract.rest.server import Reply

ROOT = Path(__file__).parents[3]


def _call(wav: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "local", "call", "--wav", str(wav)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)


def test_a_wav_that_is_none_ends_with_a_reason_and_no_traceback(tmp_path: Path) -> None:
    path = tmp_path / "broken.wav"
    path.write_bytes(b"RIFF\x00\x00")
    ended = _call(path)
    assert ended.returncode == 1
    assert "broken.wav is no sound file that can be read" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("answer", [Reply(500, b"<html>"), Reply(202, b"{}"), Reply(is_lost=True)])
async def test_a_house_whose_answer_makes_no_sense_ends_with_a_reason(tmp_path: Path, answer: Reply) -> None:
    path = tmp_path / "silence.wav"
    soundfile.write(path, np.zeros(800, np.float32), 8_000)
    with servers.running() as server:
        server.replies["/simulator/calls"] = [answer]
        house = Addresses(server.origin, server.origin, "token", "+15005550006")
        with pytest.raises(CallError, match="the house"):
            await call_in(Console(file=io.StringIO()), path, house=house, caller="+14155550123", number="")


@pytest.mark.parametrize("content", ["", "no JSON", "[]", '{"twilio": "x"}'])
def test_a_note_of_addresses_that_cannot_be_read_is_as_good_as_none(tmp_path: Path, content: str) -> None:
    path = tmp_path / "house.json"
    path.write_text(content)
    assert addresses(path) is None


def test_the_word_error_rate_counts_what_is_wrong_missing_and_added() -> None:
    said = "And Mr. Dashwood had then leisure to consider."
    assert word_error_rate(said, "and mister dashwood had then leisure to consider") == 0
    assert word_error_rate(said, "and mister dashwood had leisure to consider it") == 2 / 8
    assert word_error_rate(said, "") == 1
