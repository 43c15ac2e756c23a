"""Build the streamer's image where there is no container engine: `python -m tools.streamer_image`.

It needs root, buildah and debootstrap (`apt-get install --no-install-recommends buildah debootstrap`) and a Debian
mirror. The base is a Debian with the image's Python, made here: the Dockerfile takes any, and no registry is asked.
Everything lies in .local/image/, so that `make clean` takes it away.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from tools import bootstrap

ROOT: Final = Path(__file__).resolve().parent.parent
PLACE: Final = ROOT / ".local" / "image"

RELEASE: Final = "trixie"
"""The Debian whose Python is the image's, 3.13."""
BASE_PYTHON: Final = "3.13"
BASE: Final = "localhost/ringscribe-base"
IMAGE: Final = "localhost/ringscribe-streamer"

STEP_S: Final = 600
"""For any one step; the longest, the base, takes under a minute on a fast line."""

# What is built here comes from here: there is nobody whose signature could be asked for.
POLICY: Final = {"default": [{"type": "insecureAcceptAnything"}]}


class ImageError(Exception):
    """The image cannot be built; the text says what is missing or which step failed."""


def missing() -> str:
    """Return why no image can be built on this machine, or nothing."""
    lacking = [name for name in ("buildah", "debootstrap") if shutil.which(name) is None]
    if lacking:
        return f"{' and '.join(lacking)} not found: apt-get install --no-install-recommends buildah debootstrap"
    return "" if os.geteuid() == 0 else "only root can build an image without a container engine"


def buildah(command: str, *arguments: str, place: Path = PLACE) -> list[str]:
    """Return the command line of buildah on a store of our own, which no other engine's images are in."""
    store = ["--root", str(place / "store"), "--runroot", str(place / "run")]
    return ["buildah", *store, command, *arguments]


def build(place: Path = PLACE) -> None:
    """Leave IMAGE in the store of *place*. Raises: ImageError."""
    reason = missing()
    if reason:
        raise ImageError(reason)
    place.mkdir(parents=True, exist_ok=True)
    (place / "policy.json").write_text(json.dumps(POLICY), encoding="ascii")
    if subprocess.run(buildah("inspect", BASE, place=place), capture_output=True, check=False).returncode != 0:
        _build_base(place)
    _fetch_wheels(place)
    with bootstrap.step("building the streamer's image"):
        _run([*_bud(place), "--format", "docker", "--network", "host", *_wheels(place), *_image(), str(ROOT)])


def _build_base(place: Path) -> None:
    rootfs, context = place / "rootfs", place / "base"
    packages = "python3,python3-venv,python3-pip,ca-certificates"
    with bootstrap.step(f"making a Debian {RELEASE} with Python {BASE_PYTHON}"):
        shutil.rmtree(rootfs, ignore_errors=True)
        _run(["debootstrap", "--variant=minbase", f"--include={packages}", RELEASE, str(rootfs)])
    with bootstrap.step("making a base image of it"):
        context.mkdir(exist_ok=True)
        _run(["tar", "-C", str(rootfs), "-cf", str(context / "rootfs.tar"), "."])
        shutil.rmtree(rootfs)
        (context / "Dockerfile").write_text("FROM scratch\nADD rootfs.tar /\n", encoding="ascii")
        _run([*_bud(place), "--tag", BASE, str(context)])
        shutil.rmtree(context)


def _fetch_wheels(place: Path) -> None:
    """Download the pins with this machine's pip, which knows its mirrors; the build then needs no network."""
    asked = ["--only-binary", ":all:", "--python-version", BASE_PYTHON, "--require-hashes", "--quiet"]
    pins = ["--requirement", str(ROOT / "requirements" / "streamer.txt"), "--dest", str(place / "wheels")]
    python = str(bootstrap.TOOLS / "bin" / "python")  # this project's own environment has no pip
    with bootstrap.step("fetching the streamer's wheels"):
        _run([python if Path(python).is_file() else sys.executable, "-m", "pip", "download", *asked, *pins])
    settings = "[global]\nno-index = true\nfind-links = /wheels\nbreak-system-packages = true\n"
    (place / "pip.conf").write_text(settings, encoding="ascii")


def _wheels(place: Path) -> list[str]:
    return ["--volume", f"{place}/wheels:/wheels:ro", "--volume", f"{place}/pip.conf:/etc/pip.conf:ro"]


def _image() -> list[str]:
    return ["--build-arg", f"BASE={BASE}", "--file", str(ROOT / "streamer" / "Dockerfile"), "--tag", IMAGE]


def _bud(place: Path) -> list[str]:
    policy = str(place / "policy.json")
    return buildah("bud", "--quiet", "--isolation", "chroot", "--signature-policy", policy, place=place)


def _run(command: list[str]) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=STEP_S, check=False)
    except (OSError, subprocess.SubprocessError) as exc:
        raise ImageError(f"{command[0]} could not be run: {exc}") from exc
    if done.returncode != 0:
        raise ImageError(f"`{' '.join(command)}` failed:\n{(done.stderr or done.stdout)[-4_000:]}")


def main() -> int:
    """Build the image, and say in plain words why not."""
    try:
        build()
    except ImageError as exc:
        print(f"streamer_image: {exc}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
