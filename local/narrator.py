"""Tells what happens in the house, a line an event, as it happens."""

import re
import textwrap
import time
from xml.dom import minidom

from rich.console import Console
from rich.live import Live
from rich.text import Text

from local.twilio import events
from local.viewer import Caption

MARGIN = 28
"""Columns of time and title before the text."""


class Narrator:
    """Prints the story of a call; interims are shown in place until their final comes."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._zero = time.monotonic()
        self._live: Live | None = None

    def say(self, what: str, text: str = "", style: str = "") -> None:
        """Print one line with the seconds since the start."""
        line = Text(f"{time.monotonic() - self._zero:6.2f} s  ", style="dim")
        line.append(f"{what:<18}", style="bold cyan")
        room = max(self._console.width - MARGIN, MARGIN)
        parts = textwrap.wrap(text, room, break_long_words=False, break_on_hyphens=False)
        line.append(("\n" + " " * MARGIN).join(parts), style=style)
        self._console.print(line, soft_wrap=True)

    def block(self, text: str) -> None:
        """Print *text* set in from the margin, broken at words where the screen ends."""
        room = max(self._console.width - MARGIN, MARGIN)
        for line in text.splitlines():
            for part in textwrap.wrap(line, room, break_long_words=False, break_on_hyphens=False) or [""]:
                self._console.print(Text(" " * MARGIN + part, style="yellow"), soft_wrap=True)

    def caption(self, caption: Caption) -> None:
        """Show live text."""
        if caption.is_final:
            self.hush()
            self.say("final", caption.text, "bold green")
        elif self._console.is_terminal:
            self._show_interim(caption.text)
        else:
            self.say("interim", caption.text, "dim")

    def hush(self) -> None:
        """Take the interim off the screen."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def event(self, event: events.Event) -> None:
        """Tell one event of the simulated Twilio's."""
        told = _tell(event)
        if told is not None:
            self.hush()
            self.say(*told)
        if isinstance(event, events.TwimlAnswered):
            self.block(_pretty(event.xml))
        if isinstance(event, events.MessageSent):
            self.block(event.body)

    def _show_interim(self, text: str) -> None:
        line = Text(f"{'':10}{'interim':<18}{text[-self._console.width + MARGIN :]}", style="dim")
        if self._live is None:
            self._live = Live(line, console=self._console, transient=True, auto_refresh=False)
            self._live.start()
        self._live.update(line, refresh=True)


def _tell(event: events.Event) -> tuple[str, str] | None:  # noqa: C901, PLR0911, PLR0912 - one table: an event a line
    match event:
        case events.CallRinging(from_=caller, to=number):
            return "call ringing", f"{caller} calls {number}"
        case events.WebhookSent(method=method, path=path, status=status, took_ms=took_ms):
            return "webhook", f"{method} {path} -> {status or 'no answer'} in {took_ms} ms"
        case events.TwimlAnswered():
            return "TwiML answered", ""
        case events.StreamStarted(stream_sid=sid):
            return "stream open", sid
        case events.StreamStopped(frames=frames):
            return "stream stopped", f"{frames} media messages sent"
        case events.StreamFailed(code=code, text=text):
            return "stream failed", f"{code} {text}"
        case events.CallerSpeaking(duration_ms=duration_ms):
            return "caller speaks", f"for {duration_ms / 1000:.1f} s"
        case events.CallEnded(status=status, duration_s=seconds):
            return "hang-up", f"{status} after {seconds} s"
        case events.RecordingCompleted(recording_sid=sid, duration_s=seconds):
            return "recording ready", f"{sid}, {seconds} s"
        case events.MessageSent(to=to):
            return "SMS", f"to {to}"
        case events.CallbackFailed(path=path, code=code):
            return "callback failed", f"{path}: {code}"
        case events.Warned(code=code, text=text):
            return "Twilio warns", f"{code} {text}"
        case _:
            return None


def _pretty(xml: str) -> str:
    document = minidom.parseString(xml)  # noqa: S318 - our own answer, parsed by the simulator before
    lines = document.documentElement.toprettyxml(indent="  ").splitlines() if document.documentElement else []
    # What follows a "#" tells Twilio how to repeat a failed callback; it is long, and the same everywhere.
    return "\n".join(re.sub(r'#ct=[^"]*"', '#..."', line) for line in lines if line.strip())
