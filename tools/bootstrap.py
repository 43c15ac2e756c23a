"""Make this project's virtual environment from nothing but a Python interpreter.

    python3 tools/bootstrap.py local|dev [--python EXE] [--venv DIR]

Standard library only, and readable by any Python from 3.8 on, so that an interpreter which cannot run
Ringscribe can still say so or find one that can. What is installed is pinned by hash in requirements/, comes
from whichever package index the machine is set up for, and is not installed again until the pins change.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Tuple  # noqa: UP035  see Version

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "requirements"
TOOLS = ROOT / ".tools"

OLDEST = (3, 11)
NEWEST = (3, 13)
NAMES = ("python3.13", "python3.12", "python3.11")

# A group whose pins hold all of another's: an environment with `dev` has no need of `local`.
COVERED_BY = {"local": ("local", "dev"), "dev": ("dev",), "bench": ("bench",), "uv": ("uv",)}

PROBE_S = 30  # to start an interpreter and ask it one thing
INSTALL_S = 1_200  # to download and install all pins on a slow line; a stuck download must end

Version = Tuple[int, int]  # noqa: UP006  evaluated at run time, where 3.8 cannot subscript tuple


class BootstrapError(Exception):
    """The environment cannot be made; the text says what the person at the keyboard must do."""


def say(text: str) -> None:
    """Print one line at once, so that it stands before the output of what is run next."""
    print(f"bootstrap: {text}", flush=True)


@contextmanager
def step(text: str) -> Iterator[None]:
    """Print *text* before the block and its seconds after it."""
    say(f"{text} ...")
    started = time.monotonic()
    yield
    say(f"{text}: done in {time.monotonic() - started:.1f} s")


def refusal(version: Version) -> str:
    """Return the sentence that refuses an interpreter of *version*."""
    return (
        f"Ringscribe needs Python {OLDEST[0]}.{OLDEST[1]} to {NEWEST[0]}.{NEWEST[1]}, this is {version[0]}.{version[1]}"
    )


def is_supported(version: Version) -> bool:
    """Tell whether Ringscribe runs on *version*."""
    return OLDEST <= version <= NEWEST


def version_of(python: str) -> Version | None:
    """Return the version of the interpreter *python*, or None where it does not start.

    A pyenv shim exists for every version that pyenv has, and refuses to run those that are not selected.
    """
    asked = [python, "-c", "import sys; print(*sys.version_info[:2])"]
    try:
        answer = subprocess.run(asked, capture_output=True, text=True, timeout=PROBE_S, check=True).stdout.split()
    except (OSError, subprocess.SubprocessError):
        return None
    return (int(answer[0]), int(answer[1]))


def find_python(asked: str | None = None) -> str:
    """Return an interpreter that Ringscribe runs on: *asked*, else this one, else one on PATH or from pyenv.

    Raises: BootstrapError, if *asked* is given and unfit, or if there is none.
    """
    if asked is not None:
        version = version_of(asked)
        if version is None:
            raise BootstrapError(f"{asked} does not start")
        if not is_supported(version):
            raise BootstrapError(refusal(version))
        return asked
    this: Version = (sys.version_info[0], sys.version_info[1])
    if is_supported(this):
        return sys.executable
    found = [path for path in map(shutil.which, NAMES) if path]
    for name in NAMES:
        found += sorted(map(str, (Path.home() / ".pyenv" / "versions").glob(f"{name[6:]}.*/bin/python")))
    for candidate in found:
        version = version_of(candidate)
        if version is not None and is_supported(version):
            return candidate
    raise BootstrapError(f"{refusal(this)}, and none of {', '.join(NAMES)} works here. Install one and try again.")


def digest(group: str, requirements: Path = REQUIREMENTS) -> str:
    """Return the SHA-256 of a group's pins, as hexadecimal."""
    return hashlib.sha256((requirements / f"{group}.txt").read_bytes()).hexdigest()


def _stamp(venv: Path, group: str) -> Path:
    return venv / f".installed-{group}"


def is_installed(venv: Path, group: str, requirements: Path = REQUIREMENTS) -> bool:
    """Tell whether *venv* holds the pins of *group* as they are now, by itself or within a larger group."""
    for holder in COVERED_BY[group]:
        stamp = _stamp(venv, holder)
        if stamp.is_file() and stamp.read_text(encoding="ascii").strip() == digest(holder, requirements):
            return True
    return False


def mark_installed(venv: Path, group: str, requirements: Path = REQUIREMENTS) -> None:
    """Note that *venv* holds the pins of *group* as they are now; call it only after they were installed."""
    _stamp(venv, group).write_text(digest(group, requirements) + "\n", encoding="ascii")


def run(command: list[str], environment: dict[str, str] | None = None) -> None:
    """Run *command* with its output in view. Raises: BootstrapError, if it fails or takes over INSTALL_S."""
    try:
        subprocess.run(command, check=True, timeout=INSTALL_S, env=environment)
    except subprocess.CalledProcessError as exc:
        raise BootstrapError(f"`{' '.join(command)}` failed with exit code {exc.returncode}") from exc
    except subprocess.TimeoutExpired as exc:
        raise BootstrapError(f"`{' '.join(command)}` was stopped after {INSTALL_S} s") from exc


def _can_import(python: str, modules: str) -> bool:
    return subprocess.run([python, "-c", f"import {modules}"], capture_output=True, check=False).returncode == 0


def ready_uv(python: str) -> Path:
    """Return the pinned uv in .tools, installed there with *python* where it is not yet.

    It has a place of its own so that it can rebuild the environment that the project runs in.

    Raises: BootstrapError, saying what to install where *python* has neither venv nor pip.
    """
    found = [path for path in (TOOLS / "bin" / "uv", TOOLS / "packages" / "bin" / "uv") if path.is_file()]
    if found and is_installed(TOOLS, "uv"):
        return found[0]
    pinned = ["--require-hashes", "--disable-pip-version-check", "-r", str(REQUIREMENTS / "uv.txt")]
    if _can_import(python, "ensurepip, venv"):
        with step("installing the pinned uv into .tools"):
            run([python, "-m", "venv", "--clear", str(TOOLS)])
            run([str(TOOLS / "bin" / "python"), "-m", "pip", "install", "--quiet", *pinned])
        uv = TOOLS / "bin" / "uv"
    elif _can_import(python, "pip"):
        with step("installing the pinned uv into .tools (with pip alone, venv is missing)"):
            shutil.rmtree(TOOLS, ignore_errors=True)
            run([python, "-m", "pip", "install", "--quiet", "--target", str(TOOLS / "packages"), *pinned])
        uv = TOOLS / "packages" / "bin" / "uv"
    else:
        raise BootstrapError(
            f"{python} has neither venv nor pip. On Debian or Ubuntu: apt-get install python3-venv; "
            "on Fedora: dnf install python3-pip. Then try again."
        )
    mark_installed(TOOLS, "uv")
    return uv


def translate_pip_settings(listing: str) -> dict[str, str]:
    """Return, as uv's environment variables, the index and certificates in what `pip config list` prints.

    uv does not read pip's settings, and a machine behind a mirror often has no others. The environment wins
    over the files, as it does in pip.
    """
    names = {"index-url": "UV_DEFAULT_INDEX", "cert": "SSL_CERT_FILE"}
    found: dict[str, str] = {}
    for line in sorted(listing.splitlines(), key=lambda text: text.startswith(":env:")):
        key, _, value = line.partition("=")
        name = names.get(key.rpartition(".")[2])
        if name is not None:
            found[name] = str(ast.literal_eval(value))
    return found


def uv_environment(python: str) -> dict[str, str]:
    """Return the environment to run uv in: this one, completed by what pip is set up for."""
    pip = TOOLS / "bin" / "python"
    asked = [str(pip) if pip.is_file() else python, "-m", "pip", "config", "list"]
    listing = subprocess.run(asked, capture_output=True, text=True, timeout=PROBE_S, check=False).stdout
    mine = dict(os.environ)  # noqa: TID251  handed on to uv as it is; there are no settings in it to read
    given = translate_pip_settings(listing)
    if "UV_INDEX_URL" in mine:
        given.pop("UV_DEFAULT_INDEX", None)
    # A Python that uv fetched would come from a place that no pin or mirror covers.
    return {"UV_PYTHON_DOWNLOADS": "never", **given, **mine}


def ready_venv(venv: Path, group: str, asked: str | None = None) -> None:
    """Leave *venv* with all of *group* installed; where it is so already, nothing is run but a probe.

    An environment whose interpreter is gone, unfit, or not the version of *asked* is made anew.

    Raises: BootstrapError.
    """
    own = version_of(str(venv / "bin" / "python"))
    fits = own is not None and is_supported(own) and (asked is None or own == version_of(asked))
    if fits and is_installed(venv, group):
        say(f"{venv.name} is up to date with requirements/{group}.txt")
        return
    python = find_python(asked)
    uv = str(ready_uv(python))
    environment = uv_environment(python)
    if not fits:
        with step(f"making {venv} with {python}"):
            run([uv, "venv", "--quiet", "--clear", "--python", python, str(venv)], environment)
    pins = REQUIREMENTS / f"{group}.txt"
    with step(f"installing requirements/{group}.txt into {venv.name}"):
        into = ["--python", str(venv / "bin" / "python")]
        run([uv, "pip", "install", *into, "--require-hashes", "-r", str(pins)], environment)
    mark_installed(venv, group)


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line asks; the exit code is 0 only where the environment is ready."""
    parser = argparse.ArgumentParser(description="Make the virtual environment that Ringscribe runs in.")
    parser.add_argument(
        "group",
        choices=["local", "dev", "bench", "functions"],
        help="to run it here, to work on it, or the peers that it is measured beside",
    )
    parser.add_argument("--python", help="the interpreter to use; else one that fits is looked for")
    parser.add_argument("--venv", type=Path, default=ROOT / ".venv", help="where to make it (default: .venv)")
    options = parser.parse_args(arguments)
    try:
        ready_venv(options.venv.absolute(), options.group, options.python)
    except BootstrapError as exc:
        print(f"bootstrap: {exc}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
