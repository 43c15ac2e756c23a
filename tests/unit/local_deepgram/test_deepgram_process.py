"""The server as a process of its own."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from local.deepgram.stamp import stamp

ROOT = Path(__file__).parents[3]
COMMAND = [sys.executable, "-m", "local.deepgram", "--api-key", "one", "--api-key", "two"]


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_it_prints_its_url_serves_and_ends_on_a_signal(ending: signal.Signals) -> None:
    with subprocess.Popen(
        [*COMMAND, "--port", "0", "--recogniser", "stamped"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            url = json.loads(process.stdout.readline())["url"]
            answer = httpx.post(
                f"{url}/v1/listen?encoding=mulaw&sample_rate=8000",
                content=stamp(0, 1),
                headers={"Authorization": "Token two"},
            )
            assert answer.json()["results"]["channels"][0]["alternatives"][0]["transcript"] == "w00000"
            process.send_signal(ending)
            assert process.wait(10) == 0
            assert process.stdout.read() == ""
        finally:
            process.kill()


@pytest.mark.parametrize("by", ["argument", "environment"])
def test_it_says_which_model_file_is_missing(tmp_path: Path, by: str) -> None:
    argument = ["--model-dir", str(tmp_path)] if by == "argument" else []
    done = subprocess.run(
        [*COMMAND, "--recogniser", "moonshine", *argument],
        env={"LOCAL_STT_MODEL_DIR": str(tmp_path)} if by == "environment" else {},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert done.returncode == 1
    assert "encoder_model.ort cannot be read" in done.stderr
    assert "Traceback" not in done.stderr
