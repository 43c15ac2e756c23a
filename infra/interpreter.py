"""Which Python the functions run on, and where it is on this machine: only that one can compile for them."""

import shutil
import sys
from pathlib import Path
from typing import Final

from tools import bootstrap

LAMBDA_PYTHON: Final = "3.13"


def find_interpreter(version: str) -> str | None:
    """Return a Python of *version* ("3.13") that starts on this machine, or None."""
    wanted = tuple(map(int, version.split(".")))
    installed = (Path.home() / ".pyenv" / "versions").glob(f"{version}.*/bin/python")
    candidates = [sys.executable, shutil.which(f"python{version}"), *map(str, sorted(installed))]
    return next((path for path in candidates if path and bootstrap.version_of(path) == wanted), None)
