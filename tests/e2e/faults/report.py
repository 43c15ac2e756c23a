"""What came of each fault, kept in `.local/faults.jsonl` for `make faults` to show."""

import json
from dataclasses import asdict, dataclass

from local.processes import ROOT

PATH = ROOT / ".local" / "faults.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of the table.

    Attributes:
        part: under which heading it stands.
        place: its place under that.
        wrong, words: how many words are wrong, of how many.
        told_ms: real milliseconds from the hang-up to the SMS; None when there is none.
    """

    part: str
    place: int
    fault: str
    wrong: int
    words: int
    coverage: str
    rung: str
    messages: str
    told_ms: int | None = None


CONDEMNED = ROOT / ".local" / "faults.condemned"
"""The faults whose outcome no wait excuses; `.ci/run` tries none of them again."""


def condemn(fault: str) -> None:
    """Note that a call came out wrong, and not just late."""
    CONDEMNED.parent.mkdir(exist_ok=True)
    with CONDEMNED.open("a") as file:
        file.write(fault + "\n")


def write(line: Line) -> None:
    """Add a line; of one fault the last stands."""
    PATH.parent.mkdir(exist_ok=True)
    with PATH.open("a") as file:
        file.write(json.dumps(asdict(line)) + "\n")


def messages(sms: int, emails: int) -> str:
    """Say how many messages there were."""
    return f"{sms} SMS, {emails} e-mail" + ("s" if emails > 1 else "")
