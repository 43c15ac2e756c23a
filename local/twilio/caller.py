"""The people at both ends: who rings, and whom `<Dial>` reaches."""

from dataclasses import dataclass, field
from enum import StrEnum


class Cue(StrEnum):
    """What a caller waits for before speaking."""

    ANSWER = "answer"
    BEEP = "beep"
    PROMPT = "prompt"
    """The end of what `<Gather>` says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What Twilio's Geo parameters say of a number; blank where it does not know."""

    city: str = ""
    state: str = ""
    zip: str = ""
    country: str = "US"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Somebody who rings, speaks once and hangs up. Stays on the line where no hang-up is given."""

    number: str
    speech: bytes = field(default=b"", repr=False)
    """8 kHz mu-law."""
    speaks_on: Cue = Cue.BEEP
    pause_ms: int = 0
    """Between the cue and the first word."""
    presses: str = ""
    """A key pressed after the speech."""
    presses_after_ms: int = 0
    hangs_up_after_ms: int | None = 400
    """After the speech has ended; None: stays until the other end hangs up."""
    hangs_up_at_ms: int | None = None
    """After the call began, whatever is happening then."""
    answers_prompt: str = ""
    """A key pressed whenever `<Gather>` has said its prompts, apart from the speech."""
    answers_after_ms: int = 500
    place: Place = field(default_factory=Place)
    verification: str = "TN-Validation-Passed-A"
    """StirVerstat; blank leaves the parameter blank."""


class Line(StrEnum):
    """What becomes of ringing a person."""

    FREE = "free"
    BUSY = "busy"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody whom `<Dial>` rings."""

    answers_after_s: float | None = None
    """None: lets it ring."""
    line: Line = Line.FREE
    speech: bytes = field(default=b"", repr=False)
    """8 kHz mu-law, spoken from the answer on; the caller's stream carries it as outbound."""
    hangs_up_after_s: float | None = None
    """After answering; None: stays until the caller hangs up."""
