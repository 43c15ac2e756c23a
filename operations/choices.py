"""Choices: what the owner chose, in cdk.context.json, which every `cdk` command reads: the flags, and the numbers."""

import difflib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from infra.context import NAMES, ContextError, check
from operations.errors import OperationError
from telephony.errors import WireError
from telephony.numbers import E164, parse_e164

ROOT: Final = Path(__file__).resolve().parent.parent
FILE: Final = ROOT / "cdk.context.json"

NUMBERS: Final = "numbers"
TAKE_SMS: Final = "takeSms"
NO_NUMBERS: Final = "none"
"""In place of numbers: that none is to point at us is meant, and was not forgotten."""


@dataclass(frozen=True, slots=True)
class Choices:
    """The flags of the deployment, kept in *file* so that the next deployment has them too."""

    file: Path = FILE

    def read(self) -> dict[str, object]:
        """Return all flags. Raises: OperationError."""
        try:
            values = json.loads(self.file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as exc:
            raise OperationError(f"{self.file} cannot be read: {exc}") from exc
        if not isinstance(values, dict):
            raise OperationError(f"{self.file} must be a JSON object")
        return values

    def joined(self, values: Mapping[str, str]) -> dict[str, object]:
        """Return all flags as they would be with *values*, of which a blank one is taken away. Nothing is kept.

        Raises: OperationError for a name that there is not, and for a value that makes no sense.
        """
        for name in [name for name, value in values.items() if value and name not in NAMES]:
            near = difflib.get_close_matches(name, NAMES, n=1)
            meant = f"did you mean {near[0]}?" if near else f"there are {', '.join(NAMES)}"
            raise OperationError(f"there is no flag {name}: {meant}")
        joined = {name: value for name, value in {**self.read(), **values}.items() if value != ""}
        try:
            check(joined)
        except ContextError as exc:
            raise OperationError(str(exc).replace("context: ", "flags: ")) from exc
        return joined

    def add(self, values: Mapping[str, str]) -> None:
        """Keep *values* beside the others. Raises: OperationError, as `joined` does."""
        kept = self.joined(values)
        self.file.write_text(json.dumps(kept, indent=2, sort_keys=True) + "\n", encoding="utf-8")

    def numbers(self) -> tuple[E164, ...]:
        """Return the numbers that are to point at us. Raises: OperationError."""
        text = str(self.read().get(NUMBERS, ""))
        return () if text == NO_NUMBERS else parse_numbers(text)

    def takes_sms(self) -> bool:
        """Tell whether the numbers' SMS are wanted where somebody gets them already. Raises: OperationError."""
        return self.joined({}).get(TAKE_SMS) == "on"


def parse_flags(texts: Sequence[str]) -> dict[str, str]:
    """Read `name=value`. Raises: OperationError."""
    flags = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not name or not equals:
            raise OperationError(f"a flag is name=value, not {text!r}")
        flags[name] = value
    return flags


def parse_numbers(text: str) -> tuple[E164, ...]:
    """Read numbers with commas or spaces between them, each once. Raises: OperationError."""
    try:
        return tuple(dict.fromkeys(parse_e164(each) for each in text.replace(",", " ").split()))
    except WireError as exc:
        raise OperationError(f"{exc}, as in +14155550123") from exc
