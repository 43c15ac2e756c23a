"""Form: the fields of a webhook as Twilio posts and signs them, the blank and the repeated ones included."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from telephony.errors import WireError

MAX_FORM_BYTES = 64 * 1024
"""Twilio's own ceiling for a document is 64 KB, and its forms have 1 or 2."""

MAX_FORM_FIELDS = 300
"""Twilio sends about 30; a call over SIP may add some dozens of headers."""

FORM_TYPE = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Form:
    """Names and values, decoded, in the order they came. It never shows its values in a log."""

    fields: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    @classmethod
    def parse(cls, body: bytes) -> "Form":
        """Read an `application/x-www-form-urlencoded` body, or a query string.

        Raises: WireError, and nothing else whatever *body* is.
        """
        if len(body) > MAX_FORM_BYTES:
            raise WireError(f"a form has {MAX_FORM_BYTES} bytes at most")
        try:
            text = body.decode()
            fields = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MAX_FORM_FIELDS)
        except ValueError:  # its text would quote what came
            raise WireError(f"not a form in UTF-8 of {MAX_FORM_FIELDS} fields at most") from None
        return cls(tuple(fields))

    def get(self, name: str) -> str:
        """Return the first value of *name*; blank when there is none."""
        return next((value for each, value in self.fields if each == name), "")

    def getlist(self, name: str) -> list[str]:
        """Return every value of *name*, in the order they came."""
        return [value for each, value in self.fields if each == name]

    @property
    def names(self) -> tuple[str, ...]:
        """The names, sorted, each once: all that may be said of a form in a log."""
        return tuple(sorted({name for name, _ in self.fields}))

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)
