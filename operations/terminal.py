"""Terminal: what is said to the owner, and asked."""

import getpass
import sys
from typing import Protocol

from operations.errors import OperationError


class Terminal(Protocol):
    """A conversation with the owner. Questions raise OperationError when nobody is there to answer."""

    def say(self, text: str = "") -> None:
        """Show a line."""
        ...

    def ask(self, question: str) -> str:
        """Return the answer, without spaces around it; maybe blank."""
        ...

    def ask_secret(self, question: str) -> str:
        """Return an answer that is not shown while it is typed; maybe blank."""
        ...

    def confirm(self, question: str) -> bool:
        """Tell whether the owner said yes; anything else is a no."""
        ...


class Console:
    """The terminal that the command was started in."""

    def __init__(self, *, says_yes: bool = False) -> None:
        self._says_yes = says_yes

    def say(self, text: str = "") -> None:
        """Show a line."""
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()

    def ask(self, question: str) -> str:
        """Return the answer. Raises: OperationError."""
        try:
            return input(f"{question}: ").strip()
        except EOFError:
            raise OperationError("there is nobody to answer: run it in a terminal") from None

    def ask_secret(self, question: str) -> str:
        """Return an answer that is not shown. Raises: OperationError."""
        try:
            return getpass.getpass(f"{question} (not shown): ").strip()
        except EOFError:
            raise OperationError("there is nobody to answer: run it in a terminal") from None

    def confirm(self, question: str) -> bool:
        """Tell whether the owner said yes, now or on the command line. Raises: OperationError."""
        if self._says_yes:
            self.say(f"{question} yes, says the command line")
            return True
        return self.ask(f"{question} [y/N]").lower() in {"y", "yes"}
