"""The TwiML verbs that this Twilio carries out, as values. Defaults are Twilio's."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """Speak *text*, *loop* times."""

    text: str
    loop: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """Play the sound at *url*, *loop* times."""

    url: str
    loop: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Say nothing for a while."""

    length_s: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Gather:
    """Play *prompts* and wait for keys; then ask *action* (blank: this document's URL), or go on when there is none."""

    prompts: "tuple[Say | Play | Pause, ...]" = ()
    action: str = ""
    method: str = "POST"
    timeout_s: int = 5
    finish_on_key: str = "#"
    num_digits: int | None = None
    action_on_empty_result: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Record the caller, then ask *action* (blank: this document's URL) what to do."""

    action: str = ""
    method: str = "POST"
    timeout_s: int = 5
    finish_on_key: str = "1234567890*#"
    max_length_s: int = 3_600
    play_beep: bool = True
    trim: bool = True
    callback: str = ""
    callback_method: str = "POST"
    callback_events: frozenset[str] = frozenset({"completed"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Dial:
    """Ring *numbers* at once; then ask *action*, or go on with the next verb when it is None."""

    numbers: tuple[str, ...] = ()
    action: str | None = None
    method: str = "POST"
    timeout_s: int = 30
    time_limit_s: int = 14_400
    answer_on_bridge: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StartStream:
    """Fork the call's sound to a WebSocket."""

    url: str
    name: str = ""
    track: str = "inbound_track"
    callback: str = ""
    callback_method: str = "POST"
    parameters: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class StopStream:
    """End the stream called *name*."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirect:
    """Go on with the document at *url* (blank: this one again)."""

    url: str
    method: str = "POST"


@dataclass(frozen=True, slots=True)
class Hangup:
    """End the call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject:
    """Do not answer the call."""

    reason: str = "rejected"


Verb = Say | Play | Pause | Gather | Record | Dial | StartStream | StopStream | Redirect | Hangup | Reject
