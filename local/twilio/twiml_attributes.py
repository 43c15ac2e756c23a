"""The attributes of TwiML elements, by Twilio's exact names, and how their values are read."""

import xml.etree.ElementTree as ET
from dataclasses import dataclass
from typing import TypeVar

Value = TypeVar("Value")

_CALLBACK = frozenset({"statusCallback", "statusCallbackMethod"})
_RECORDING_CALLBACK = frozenset(
    {"recordingStatusCallback", "recordingStatusCallbackMethod", "recordingStatusCallbackEvent"}
)

ATTRIBUTES: dict[str, frozenset[str]] = {
    "Say": frozenset({"voice", "language", "loop"}),
    "Play": frozenset({"loop", "digits"}),
    "Pause": frozenset({"length"}),
    "Gather": frozenset({"input", "action", "method", "timeout", "finishOnKey", "numDigits", "actionOnEmptyResult"}),
    "Record": _RECORDING_CALLBACK
    | {"action", "method", "timeout", "finishOnKey", "maxLength", "playBeep", "trim"}
    | {"transcribe", "transcribeCallback", "recordingConfigurationId"},
    "Dial": _RECORDING_CALLBACK
    | {"action", "method", "answerOnBridge", "callerId", "callReason", "hangupOnStar", "record", "recordingTrack"}
    | {"trim", "timeout", "timeLimit", "ringTone", "referUrl", "referMethod", "sequential", "recordingConfigurationId"},
    "Number": _CALLBACK | {"statusCallbackEvent", "sendDigits", "url", "method", "byoc"},
    "Start": frozenset(),
    "Stop": frozenset(),
    "Stream": _CALLBACK | {"url", "name", "track"},
    "Parameter": frozenset({"name", "value"}),
    "Redirect": frozenset({"method"}),
    "Hangup": frozenset(),
    "Reject": frozenset({"reason"}),
}


@dataclass(frozen=True, slots=True)
class Attributes:
    """The attributes of *element*; a value that cannot be read is reported to *warnings* and its default taken."""

    element: ET.Element
    warnings: list[str]

    def text(self, name: str, default: str) -> str:
        """Return the value as it stands."""
        return self.element.get(name, default)

    def optional(self, name: str) -> str | None:
        """Return the value, or None where the attribute is missing."""
        return self.element.get(name)

    def integer(self, name: str, default: int, *, low: int = 0, high: int = 86_400) -> int:
        """Return a whole number between *low* and *high*."""
        value = self.element.get(name)
        if value is None:
            return default
        if value.isascii() and value.isdigit() and len(value) < 10 and low <= int(value) <= high:  # noqa: PLR2004 - digits
            return int(value)
        return self._refuse(name, default)

    def flag(self, name: str, *, default: bool) -> bool:
        """Return true or false."""
        value = self.element.get(name)
        if value is None:
            return default
        return value == "true" if value in ("true", "false") else self._refuse(name, default)

    def method(self, name: str) -> str:
        """Return GET or POST; Twilio's default is POST everywhere."""
        value = self.element.get(name, "POST").upper()
        return value if value in ("GET", "POST") else self._refuse(name, "POST")

    def _refuse(self, name: str, default: Value) -> Value:
        self.warnings.append(f"<{self.element.tag}> cannot have {name}={self.element.get(name)!r}")
        return default
