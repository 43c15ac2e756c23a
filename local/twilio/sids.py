"""Twilio's identifiers: two letters and 32 hexadecimal digits."""

import re
import uuid

E164 = re.compile(r"\+[1-9]\d{1,14}")
"""What Twilio takes for a telephone number."""


def new_sid(prefix: str) -> str:
    """Return an identifier that was never used, such as CA… for a call."""
    return prefix + uuid.uuid4().hex
