"""Finding: what a check found, in plain words."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is right or wrong.

    Attributes:
        subject: what was looked at.
        wrong: what is wrong with it; blank when nothing is.
        mend: what the owner can do about it.
    """

    subject: str
    wrong: str = ""
    mend: str = ""

    @property
    def is_ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.wrong
