"""TwiML as Twilio reads it: strict about names, nesting and size; what it does not know it skips with a warning."""

import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import dataclass

from local.twilio.twiml_attributes import ATTRIBUTES, Attributes
from local.twilio.verbs import (
    Dial,
    Gather,
    Hangup,
    Pause,
    Play,
    Record,
    Redirect,
    Reject,
    Say,
    StartStream,
    StopStream,
    Verb,
)

MAX_BYTES = 64 * 1024
"""Twilio's own ceiling for a document (11750)."""
MAX_PARAMETER_CHARS = 500
"""Name and value of one `<Parameter>` together must stay under this."""
SCHEMA_WARNING = 12_200


class TwimlError(Exception):
    """A document that Twilio cannot carry out at all; *code* is its debugger's."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What a TwiML document asks for, and what in it was skipped."""

    verbs: tuple[Verb, ...]
    warnings: tuple[str, ...]


def parse(content: bytes) -> Document:
    """Read one TwiML document. Raises: TwimlError, and nothing else whatever *content* is."""
    root = _root(content)
    if root.tag != "Response":
        raise TwimlError(12_100, f"the root element is <{root.tag}>, not <Response>")
    reader = _Reader()
    verbs = [verb for element in root for verb in reader.verbs(element)]
    return Document(verbs=tuple(verbs), warnings=tuple(reader.warnings))


def _root(content: bytes) -> ET.Element:
    if len(content) > MAX_BYTES:
        raise TwimlError(11_750, f"the document has {len(content)} bytes; {MAX_BYTES} are allowed")
    try:
        text = content.decode()
        if "<!DOCTYPE" in text or "<!ENTITY" in text:
            raise TwimlError(12_100, "a document type definition is not allowed")
        return ET.fromstring(text)  # noqa: S314 - small, and without the DTD that every known attack needs
    except (ET.ParseError, UnicodeDecodeError, ValueError) as exc:
        raise TwimlError(12_100, f"the document is not XML: {exc}") from exc


class _Reader:
    def __init__(self) -> None:
        self.warnings: list[str] = []
        self._readers: dict[str, Callable[[ET.Element, Attributes], list[Verb]]] = {
            "Say": lambda element, at: [Say(text=_text(element), loop=at.integer("loop", 1))],
            "Play": lambda element, at: [Play(url=_text(element), loop=at.integer("loop", 1))],
            "Pause": lambda _, at: [Pause(length_s=at.integer("length", 1))],
            "Gather": self._gather,
            "Record": lambda _, at: [_record(at)],
            "Dial": self._dial,
            "Start": self._start,
            "Stop": self._stop,
            "Redirect": lambda element, at: [Redirect(url=_text(element), method=at.method("method"))],
            "Hangup": lambda _element, _at: [Hangup()],
            "Reject": lambda _, at: [Reject(reason=at.text("reason", "rejected"))],
        }

    def verbs(self, element: ET.Element) -> list[Verb]:
        reader = self._readers.get(element.tag)
        if reader is None:
            self._skip(element, "Response")
            return []
        if element.tag not in ("Dial", "Gather", "Start", "Stop", "Say"):
            self._skip_children(element)
        return reader(element, self._attributes(element))

    def _dial(self, element: ET.Element, at: Attributes) -> list[Verb]:
        numbers = [(element.text or "").strip()]
        for child in element:
            if child.tag == "Number":
                self._attributes(child)
                numbers.append(_text(child))
            else:
                self._skip(child, "Dial")
        return [
            Dial(
                numbers=tuple(number for number in numbers if number),
                action=at.optional("action"),
                method=at.method("method"),
                timeout_s=at.integer("timeout", 30, low=5, high=600),
                time_limit_s=at.integer("timeLimit", 14_400, low=1, high=14_400),
                answer_on_bridge=at.flag("answerOnBridge", default=False),
            )
        ]

    def _gather(self, element: ET.Element, at: Attributes) -> list[Verb]:
        prompts: list[Say | Play | Pause] = []
        for child in element:
            if child.tag not in ("Say", "Play", "Pause"):
                self._skip(child, "Gather")
                continue
            prompts += [verb for verb in self.verbs(child) if isinstance(verb, Say | Play | Pause)]
        if at.text("input", "dtmf") != "dtmf":
            self.warnings.append("<Gather> is simulated with input='dtmf' alone")
        return [
            Gather(
                prompts=tuple(prompts),
                action=at.text("action", ""),
                method=at.method("method"),
                timeout_s=at.integer("timeout", 5),
                finish_on_key=at.text("finishOnKey", "#"),
                num_digits=at.integer("numDigits", 0, low=1, high=100) or None,
                action_on_empty_result=at.flag("actionOnEmptyResult", default=False),
            )
        ]

    def _start(self, element: ET.Element, _: Attributes) -> list[Verb]:
        streams: list[Verb] = []
        for child in element:
            if child.tag != "Stream":
                self._skip(child, "Start")
                continue
            at = self._attributes(child)
            streams.append(
                StartStream(
                    url=at.text("url", ""),
                    name=at.text("name", ""),
                    track=at.text("track", "inbound_track"),
                    callback=at.text("statusCallback", ""),
                    callback_method=at.method("statusCallbackMethod"),
                    parameters=self._parameters(child),
                )
            )
        return streams

    def _stop(self, element: ET.Element, _: Attributes) -> list[Verb]:
        stops: list[Verb] = []
        for child in element:
            if child.tag == "Stream":
                stops.append(StopStream(name=self._attributes(child).text("name", "")))
            else:
                self._skip(child, "Stop")
        return stops

    def _parameters(self, stream: ET.Element) -> dict[str, str]:
        parameters: dict[str, str] = {}
        for child in stream:
            if child.tag != "Parameter":
                self._skip(child, "Stream")
                continue
            at = self._attributes(child)
            name, value = at.text("name", ""), at.text("value", "")
            if len(name) + len(value) >= MAX_PARAMETER_CHARS:
                self.warnings.append(f"<Parameter> {name[:40]!r} has {MAX_PARAMETER_CHARS} characters or more")
            else:
                parameters[name] = value
        return parameters

    def _attributes(self, element: ET.Element) -> Attributes:
        for name in element.attrib.keys() - ATTRIBUTES[element.tag]:
            self.warnings.append(f"<{element.tag}> has no attribute {name!r}")
        return Attributes(element, self.warnings)

    def _skip(self, element: ET.Element, parent: str) -> None:
        self.warnings.append(f"<{element.tag}> is not allowed, or not simulated, in <{parent}>")

    def _skip_children(self, element: ET.Element) -> None:
        for child in element:
            self._skip(child, element.tag)


def _record(at: Attributes) -> Record:
    return Record(
        action=at.text("action", ""),
        method=at.method("method"),
        timeout_s=at.integer("timeout", 5),
        finish_on_key=at.text("finishOnKey", "1234567890*#"),
        max_length_s=at.integer("maxLength", 3_600, low=2, high=14_400),
        play_beep=at.flag("playBeep", default=True),
        trim=at.text("trim", "trim-silence") == "trim-silence",
        callback=at.text("recordingStatusCallback", ""),
        callback_method=at.method("recordingStatusCallbackMethod"),
        callback_events=frozenset(at.text("recordingStatusCallbackEvent", "completed").split()),
    )


def _text(element: ET.Element) -> str:
    return " ".join("".join(element.itertext()).split())
