"""Templates: an owner's own words for a message, with places for what is known of the call."""

import re
from collections.abc import Mapping
from string import Template
from typing import Final

PLACEHOLDERS: Final = ("caller", "time", "length", "words", "quality", "link", "mailbox")
"""What may stand in a template, each with a "$" before it; "$$" is a dollar."""

KEPT: Final = ("quality", "link")
"""What no message goes without: where the template lacks one, it follows on a line of its own."""

MAX_SMS_CHARACTERS: Final = 300
MAX_EMAIL_CHARACTERS: Final = 2_000

_EMPTY_LINES = re.compile(r"\n(?:[ \t]*\n)+")


def check(template: str) -> None:
    """Return if *template* can be filled. Raises: ValueError, naming the placeholder that is not one."""
    read = Template(template)
    if not read.is_valid():
        raise ValueError("a dollar stands before a placeholder; write $$ for a dollar")
    unknown = [name for name in read.get_identifiers() if name not in PLACEHOLDERS]
    if unknown:
        raise ValueError(
            f"${unknown[0]} is no placeholder; these are: {', '.join(f'${each}' for each in PLACEHOLDERS)}"
        )


def fill(template: str, values: Mapping[str, str], *, gap: str) -> str:
    """Fill a checked template, with what it must have at its end if it lacks it.

    What is blank leaves no empty line; *gap* is what stands between two paragraphs: one line's end, or two.
    """
    known = Template(template).get_identifiers()
    whole = gap.join([template, *(f"${name}" for name in KEPT if name not in known)])
    filled = Template(whole).safe_substitute(values)
    return _EMPTY_LINES.sub(gap, filled).strip()
