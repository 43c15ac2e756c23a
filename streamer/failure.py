"""Why a connection to the recogniser ended, or never began."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Failure:
    """The end of a connection.

    Attributes:
        trouble: in a few words for the operator, the recogniser's own where it said any.
        is_permanent: whether another connection would end the same way.
    """

    trouble: str
    is_permanent: bool = False
