"""The query of a `/v1/listen` request: what was asked for, or a refusal that says what is wrong with it."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from local.deepgram.audio import Encoding
from local.deepgram.refusals import NO_SUCH_MODEL, Refused, invalid_query

KINDS = frozenset({"pci", "pii", "phi", "ssn", "numbers", "aggressive_numbers"})
"""What can be redacted; Deepgram knows single entities too."""

_log = logging.getLogger(__name__)

MAX_CHANNELS = 20
MAX_KEYTERM_TOKENS = 500
"""For all keyterms together; tokens are counted as words here, so a few more pass than at Deepgram."""
UTTERANCE_END_RANGE_MS = (1_000, 5_000)
SAMPLE_RATE_RANGE_HZ = (8_000, 48_000)

# Deepgram takes these; the recognisers here cannot act on them, and a client must not fail for it.
_WITHOUT_EFFECT = frozenset(
    {
        "alternatives",
        "callback",
        "callback_method",
        "custom_intent",
        "custom_intent_mode",
        "custom_topic",
        "custom_topic_mode",
        "detect_entities",
        "detect_language",
        "diarize",
        "diarize_model",
        "dictation",
        "extra",
        "filler_words",
        "intents",
        "keywords",
        "language_hint",
        "measurements",
        "mip_opt_out",
        "no_delay",
        "numerals",
        "profanity_filter",
        "replace",
        "search",
        "sentiment",
        "summarize",
        "tag",
        "tier",
        "topics",
        "version",
    }
)
_TASKS = frozenset({"general", "meeting", "phonecall", "finance", "conversationalai", "voicemail", "video"})
_VARIANTS = {
    "nova-3": frozenset({"general", "medical"}),
    "nova-2": _TASKS | {"medical", "drivethru", "automotive", "atc"},
    "nova": frozenset({"general", "phonecall", "medical"}),
    "enhanced": frozenset({"general", "meeting", "phonecall", "finance"}),
    "base": _TASKS,
}
_MODELS = (
    _TASKS
    | {"custom"}
    | {name for family, variants in _VARIANTS.items() for name in (family, *(f"{family}-{one}" for one in variants))}
)
_NOVA_3 = frozenset({"nova-3", "nova-3-general", "nova-3-medical"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenOptions:
    """What a `/v1/listen` request asks for. Source: https://developers.deepgram.com/reference/speech-to-text/listen-streaming."""

    model: str
    encoding: Encoding | None
    """None when the audio says itself what it is (a file)."""
    sample_rate: int
    channels: int
    multichannel: bool
    interim_results: bool
    endpointing_ms: int | None
    """Silence that ends an utterance; None when it was switched off."""
    utterance_end_ms: int | None
    vad_events: bool
    punctuate: bool
    utterances: bool
    utterance_split_s: float
    redact: frozenset[str]


def parse_query(pairs: Sequence[tuple[str, str]]) -> ListenOptions:
    """Read the query's *pairs* in their order; a repeated name keeps its first value, save for the repeatable ones.

    Raises: Refused, for a value or a combination that Deepgram would refuse too, and for an encoding or a language that
    is not spoken here.
    """
    query = _Query(pairs)
    model = query.text("model", "base")
    _check_model(model, query.text("language", "en"))
    _check_keyterms(model, query.all("keyterm"))
    encoding = query.encoding()
    interim_results = query.flag("interim_results")
    utterance_end_ms = query.number("utterance_end_ms", None, UTTERANCE_END_RANGE_MS)
    if utterance_end_ms is not None and not interim_results:
        raise invalid_query("utterance_end_ms requires interim_results=true.")
    punctuate = [query.flag(name) for name in ("punctuate", "smart_format", "paragraphs")]  # the others imply the first
    options = ListenOptions(
        model=model,
        encoding=encoding,
        sample_rate=query.number("sample_rate", None, SAMPLE_RATE_RANGE_HZ) or SAMPLE_RATE_RANGE_HZ[0],
        channels=query.number("channels", None, (1, MAX_CHANNELS)) or 1,
        multichannel=query.flag("multichannel"),
        interim_results=interim_results,
        endpointing_ms=query.endpointing_ms(),
        utterance_end_ms=utterance_end_ms,
        vad_events=query.flag("vad_events"),
        punctuate=any(punctuate),
        utterances=query.flag("utterances"),
        utterance_split_s=query.seconds("utt_split", 0.8),
        redact=_redact(query.all("redact")),
    )
    query.warn_of_the_rest()
    return options


class _Query:
    """The pairs, read by name; remembers what was asked of it."""

    def __init__(self, pairs: Sequence[tuple[str, str]]) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in pairs:
            self._values.setdefault(name, []).append(value)
        self._read: set[str] = set()

    def all(self, name: str) -> list[str]:
        self._read.add(name)
        return self._values.get(name, [])

    def text(self, name: str, default: str) -> str:
        values = self.all(name)
        return values[0] if values else default

    def flag(self, name: str) -> bool:
        match self.text(name, "false").lower():
            case "true":
                return True
            case "false":
                return False
            case other:
                raise invalid_query(f"{name} must be true or false, not {other!r}.")

    def number(self, name: str, default: int | None, within: tuple[int, int]) -> int | None:
        values = self.all(name)
        if not values:
            return default
        least, most = within
        if not (values[0].isascii() and values[0].isdecimal() and least <= int(values[0][:10]) <= most):
            raise invalid_query(f"{name} must be a number from {least} to {most}, not {values[0]!r}.")
        return int(values[0])

    def seconds(self, name: str, default: float) -> float:
        value = self.text(name, str(default))
        try:
            seconds = float(value)
        except ValueError as exc:
            raise invalid_query(f"{name} must be a number of seconds, not {value!r}.") from exc
        if not 0 < seconds < float("inf"):
            raise invalid_query(f"{name} must be more than 0, not {value!r}.")
        return seconds

    def encoding(self) -> Encoding | None:
        value = self.text("encoding", "")
        if not value:
            return None
        if value not in set(Encoding):
            raise invalid_query(f"encoding {value!r} is not supported; use {' or '.join(Encoding)}.")
        if "sample_rate" not in self._values:
            raise invalid_query("sample_rate is required with encoding.")
        return Encoding(value)

    def endpointing_ms(self) -> int | None:
        if self.text("endpointing", "").lower() == "false":
            return None
        return 10 if self.text("endpointing", "true").lower() == "true" else self.number("endpointing", 10, (0, 60_000))

    def warn_of_the_rest(self) -> None:
        """Log each parameter that is without effect here: the caller may count on it."""
        for name in self._values.keys() - (self._read - {"keyterm", "paragraphs"}):
            known = name in _WITHOUT_EFFECT or name in self._read
            _log.warning("parameter-without-effect" if known else "unknown-parameter", extra={"parameter": name})


def _check_model(model: str, language: str) -> None:
    is_english = language == "en" or language.startswith("en-")
    if model not in _MODELS or not is_english:
        raise Refused(NO_SUCH_MODEL)


def _redact(values: Sequence[str]) -> frozenset[str]:
    wanted = {"numbers" if value == "true" else value for value in values} - {"false"}
    if not wanted <= KINDS:
        raise invalid_query(f"redact cannot be {min(wanted - KINDS)!r} here; use {', '.join(sorted(KINDS))}.")
    return frozenset(wanted)


def _check_keyterms(model: str, keyterms: Sequence[str]) -> None:
    if keyterms and model not in _NOVA_3:
        raise invalid_query("Keyterms are only available for nova-3 models.")
    if sum(len(keyterm.split()) for keyterm in keyterms) > MAX_KEYTERM_TOKENS:
        raise invalid_query(
            f"Keyterm limit exceeded. The maximum number of tokens across all keyterms is {MAX_KEYTERM_TOKENS}."
        )
