"""Time limits and retries of a webhook, as its URL's fragment sets them.

Source: https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self
from urllib.parse import parse_qsl


class Trouble(StrEnum):
    """Why an attempt failed, in the words of the `rp` override where it has one."""

    CONNECT = "ct"
    READ = "rt"
    CLIENT_ERROR = "4xx"
    SERVER_ERROR = "5xx"
    REDIRECT = "3xx"
    PROTOCOL = "protocol"
    TOO_LARGE = "too-large"
    BAD_HOST = "bad-host"

    @classmethod
    def of_status(cls, status: int) -> "Trouble | None":
        """Return what is wrong with an HTTP status, None for 2xx."""
        kinds = {2: None, 3: cls.REDIRECT, 4: cls.CLIENT_ERROR, 5: cls.SERVER_ERROR}
        return kinds.get(status // 100, cls.PROTOCOL)

    @property
    def code(self) -> int:
        """Twilio's error code."""
        codes = {
            Trouble.CONNECT: 11_205,
            Trouble.CLIENT_ERROR: 11_217,
            Trouble.SERVER_ERROR: 11_217,
            Trouble.PROTOCOL: 11_206,
            Trouble.TOO_LARGE: 11_750,
            Trouble.BAD_HOST: 11_210,
        }
        return codes.get(self, 11_200)


_RETRIABLE = (Trouble.CONNECT, Trouble.READ, Trouble.CLIENT_ERROR, Trouble.SERVER_ERROR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """How long to wait for what, in real milliseconds, and when to try again."""

    connect_ms: int = 5_000
    read_ms: int = 15_000
    total_ms: int = 15_000
    retries: int = 1
    policy: frozenset[str] = frozenset({Trouble.CONNECT})

    @classmethod
    def parse(cls, fragment: str) -> Self:
        """Read a fragment such as `rc=2&rp=5xx,ct&tt=12000`; what is out of range keeps its default."""
        given = dict(parse_qsl(fragment))
        policy = frozenset(given.get("rp", "ct").split(","))
        known = policy <= {*_RETRIABLE, "all"}
        return cls(
            connect_ms=_integer(given.get("ct"), 100, 10_000, 5_000),
            read_ms=_integer(given.get("rt"), 100, 15_000, 15_000),
            total_ms=_integer(given.get("tt"), 100, 15_000, 15_000),
            retries=_integer(given.get("rc"), 0, 5, 1),
            policy=policy if known else frozenset({Trouble.CONNECT}),
        )

    def retries_on(self, trouble: Trouble) -> bool:
        """Tell whether *trouble* is worth another attempt."""
        return trouble in self.policy or ("all" in self.policy and trouble in _RETRIABLE)


def _integer(value: str | None, low: int, high: int, default: int) -> int:
    if value is None or not (value.isascii() and value.isdigit() and len(value) <= len(str(high))):
        return default
    return int(value) if low <= int(value) <= high else default
