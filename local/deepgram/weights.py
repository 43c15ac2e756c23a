"""Files of model weights, known by their hash."""

import hashlib
from dataclasses import dataclass
from pathlib import Path


class WeightsError(Exception):
    """The weights of a model are missing or are others than those this code was written for."""


@dataclass(frozen=True, slots=True)
class WeightsFile:
    """A file and the sha256 that it must have."""

    name: str
    sha256: str


def verified(folder: Path, file: WeightsFile) -> Path:
    """Return the path of *file* in *folder*. Raises: WeightsError, when it is not there or not the same."""
    path = folder / file.name
    try:
        with path.open("rb") as opened:
            found = hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError as exc:
        raise WeightsError(f"model file {path} cannot be read: {exc.strerror}") from exc
    if found != file.sha256:
        raise WeightsError(f"model file {path} has sha256 {found}, expected {file.sha256}")
    return path
