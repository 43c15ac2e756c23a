"""The streamer's image holds what the streamer needs and nothing of the others, shown without a container engine.

This installs packages, as building the image does. `make image-test` builds the image itself.
"""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from infra.bundling import find_uv
from tools import bootstrap, streamer_image

ROOT = streamer_image.ROOT
DOCKERFILE = (ROOT / "streamer" / "Dockerfile").read_text(encoding="utf-8")
IGNORED = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()

# A slow line has to download the wheels.
pytestmark = pytest.mark.timeout(300)

ABSENT = ("functions", "infra", "local", "operations", "fastapi", "starlette", "mangum", "aws_cdk", "moto", "pytest")

PROGRAM = f"""
import importlib.util, sys
import streamer.__main__
assert callable(streamer.__main__.main)
assert [name for name in {ABSENT} if importlib.util.find_spec(name)] == []
files = {{name: getattr(each, "__file__", None) for name, each in sys.modules.items()}}
print(sorted(name for name, file in files.items() if file and "-packages" in file))
"""


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the image holds beside Python."""
    folder = tmp_path_factory.mktemp("image")
    pins = str(ROOT / "requirements" / "streamer.txt")
    install = [
        find_uv(),
        "pip",
        "install",
        "--quiet",
        "--only-binary",
        ":all:",
        "--require-hashes",
        "--requirement",
        pins,
    ]
    target = ["--python", sys.executable, "--target", str(folder)]
    subprocess.run([*install, *target], check=True, timeout=240, env=bootstrap.uv_environment(sys.executable))
    for package in ("telephony", "streamer"):
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__", "Dockerfile"))
    return folder


def run(image: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    # -S: without this environment's packages; -P: without the working directory.
    command = [sys.executable, "-S", "-P", *arguments]
    alone = {"PYTHONPATH": str(image), "PATH": "", "AWS_DEFAULT_REGION": "eu-west-1"}
    return subprocess.run(command, cwd=image.parent, env=alone, capture_output=True, text=True, timeout=60, check=False)


def test_the_streamer_is_imported_with_what_its_image_holds_and_nothing_else(image: Path) -> None:
    done = run(image, "-c", PROGRAM)
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "[]", "")


def test_the_image_starts_and_says_which_settings_it_lacks(image: Path) -> None:
    done = run(image, "-m", "streamer")
    assert done.returncode == 2
    said = json.loads(done.stdout.splitlines()[-1])
    assert "TABLE_NAME" in said["error"]


def test_only_what_the_streamer_needs_may_go_into_the_image() -> None:
    assert IGNORED[1] == "*"
    assert {line for line in IGNORED if line.startswith("!")} == {
        "!requirements",
        "!requirements/streamer.txt",
        "!streamer",
        "!telephony",
    }
    copied = re.findall(r"^COPY (?!--from)(\S+)", DOCKERFILE, re.MULTILINE)
    assert sorted(copied) == ["requirements/streamer.txt", "streamer", "telephony"]


def test_the_image_is_made_for_any_processor_from_hashes_and_runs_as_nobody_in_particular() -> None:
    (base,) = re.findall(r"^ARG BASE=(\S+)$", DOCKERFILE, re.MULTILINE)
    python = re.escape(streamer_image.BASE_PYTHON)
    assert re.fullmatch(rf"[\w.-]+/docker/library/python:{python}[\w.-]*@sha256:[0-9a-f]{{64}}", base)
    assert set(re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)) == {"${BASE}"}
    assert not re.search(r"amd64|arm64|x86_64|aarch64", DOCKERFILE)
    assert "--require-hashes" in DOCKERFILE
    assert re.findall(r"^USER (.*)$", DOCKERFILE, re.MULTILINE) == ["10001"]


def test_a_signal_reaches_the_streamer_itself() -> None:
    (entry,) = re.findall(r"^ENTRYPOINT (.*)$", DOCKERFILE, re.MULTILINE)
    assert json.loads(entry) == ["python", "-m", "streamer"]
