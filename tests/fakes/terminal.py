"""A terminal with an owner whose answers are known."""

from dataclasses import dataclass, field

from operations.errors import OperationError


@dataclass
class ScriptedTerminal:
    """Remembers what is said, and gives each question the answer of the first key that it holds; else a blank one.

    Attributes:
        asked_openly: the questions whose answers were shown.
    """

    answers: dict[str, str] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    asked_openly: list[str] = field(default_factory=list)
    is_there: bool = True

    def say(self, text: str = "") -> None:
        """Remember a line."""
        self.said.append(text)

    def ask(self, question: str) -> str:
        """Return the answer. Raises: OperationError when nobody is there."""
        self.asked_openly.append(question)
        return self._answer(question)

    def ask_secret(self, question: str) -> str:
        """Return the answer. Raises: OperationError when nobody is there."""
        return self._answer(question)

    def confirm(self, question: str) -> bool:
        """Tell whether the answer is yes."""
        return self.ask(question) == "yes"

    @property
    def text(self) -> str:
        """All that was said."""
        return "\n".join(self.said)

    def _answer(self, question: str) -> str:
        if not self.is_there:
            raise OperationError("there is nobody to answer: run it in a terminal")
        return next((answer for key, answer in self.answers.items() if key in question), "")
