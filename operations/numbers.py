"""Numbers: what the deployment does with the Twilio numbers, by hand: see whom they ask, point them, give them back."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Final, assert_never

from operations.errors import OperationError
from operations.terminal import Terminal
from telephony.errors import TelephonyError
from telephony.numbers import E164
from telephony.pointing import Aim, GivenBack, Pointer, Standing, why


class Deed(StrEnum):
    """What is to be done."""

    STATUS = "status"
    POINT = "point"
    RESTORE = "restore"


_AIMS: Final = {
    Aim.US: "asks us",
    Aim.US_IN_PART: "asks us, but its fallback, status or SMS address is not ours: `make numbers DO=point` mends it",
    Aim.NOBODY: "asks nobody: calls to it are refused",
}
_GIVEN_BACK: Final = {
    GivenBack.RESTORED: "asks again whom it asked before",
    GivenBack.NOT_OURS: "did not ask us, and was left as it is",
    GivenBack.FORGOTTEN: "asks us, and nobody knows whom it asked before: change it in Twilio's console",
}


def manage_numbers(deed: Deed, numbers: Sequence[E164], pointer: Pointer, terminal: Terminal) -> None:
    """Do it to each number, and say how it then stands. Raises: OperationError if it failed for any of them."""
    if not numbers:
        raise OperationError("which numbers? NUMBERS=+1... names them, or `make configure` keeps them")
    failures = []
    for number in numbers:
        try:
            terminal.say(f"{number} {_do(deed, number, pointer)}")
        except TelephonyError as exc:
            failures.append(why(number, exc))
    if failures:
        raise OperationError("; ".join(failures))


def _do(deed: Deed, number: E164, pointer: Pointer) -> str:
    match deed:
        case Deed.STATUS:
            return _describe(pointer.standing(number))
        case Deed.POINT:
            return _describe(pointer.point(number))
        case Deed.RESTORE:
            return _GIVEN_BACK[pointer.give_back(number)]
        case other:
            assert_never(other)


def _describe(standing: Standing) -> str:
    said = _AIMS.get(standing.aim, f"asks {standing.voice_url}")
    return ". ".join(filter(None, (said, standing.warning, standing.note)))
