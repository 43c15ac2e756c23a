"""The custom resource: create and update point numbers at us, delete gives them back and never fails."""

from collections.abc import Callable
from typing import Final, assert_never

from functions.provision.answer import Answer
from functions.provision.event import Envelope, RequestType, Wanted, parse_old_numbers, parse_wanted
from telephony.errors import TelephonyError, WireError
from telephony.log import logger
from telephony.numbers import E164
from telephony.pointing import Pointer, why

WARNINGS: Final = "Warnings"
"""What the template can read of the resource: what the owner has to be told, or NO_WARNINGS."""
NO_WARNINGS: Final = "none"

MAX_WARNING_CHARS: Final = 1_000

LEFT_FOR_ANSWER_MS: Final = 30_000
"""No number is begun with less time than this: one may take two requests of 5 s, and the answer three."""

RemainingMs = Callable[[], int]
"""Returns how long the function may still run."""

Connect = Callable[[Wanted], Pointer]
"""Makes what points numbers, for the account and the origin of the properties. Asks nothing of the network yet."""


def fulfil(event: object, envelope: Envelope, connect: Connect, remaining_ms: RemainingMs) -> Answer:
    """Do what CloudFormation asks. A create or update that fails is rolled back by it."""
    match envelope.kind:
        case RequestType.CREATE | RequestType.UPDATE:
            return _point(event, connect, remaining_ms)
        case RequestType.DELETE:
            return _delete(event, connect, remaining_ms)
        case other:
            assert_never(other)


def _point(event: object, connect: Connect, remaining_ms: RemainingMs) -> Answer:
    try:
        wanted = parse_wanted(event)
    except WireError as exc:
        return Answer(str(exc))
    pointer, warnings = connect(wanted), []
    for done, number in enumerate(wanted.numbers):
        if remaining_ms() < LEFT_FOR_ANSWER_MS:
            return Answer(f"the time was over after {done} of {len(wanted.numbers)} numbers: Twilio is slow, try again")
        try:
            standing = pointer.point(number)
        except TelephonyError as exc:
            return Answer(why(number, exc))
        if standing.warning:
            logger().warning("number-overruled", by=standing.overruled_by)
            warnings.append(standing.warning)
    # Last: a number that is let go should ask us until all others are known to.
    _give_back(pointer, [each for each in parse_old_numbers(event) if each not in wanted.numbers], remaining_ms)
    return Answer(data={WARNINGS: "; ".join(warnings)[:MAX_WARNING_CHARS] or NO_WARNINGS})


def _delete(event: object, connect: Connect, remaining_ms: RemainingMs) -> Answer:
    try:
        wanted = parse_wanted(event)
    except WireError as exc:  # then creating it failed for the same reason
        logger().warning("nothing-to-give-back", trouble=str(exc))
        return Answer()
    _give_back(connect(wanted), wanted.numbers, remaining_ms)
    return Answer()


def _give_back(pointer: Pointer, numbers: "tuple[E164, ...] | list[E164]", remaining_ms: RemainingMs) -> None:
    for number in numbers:
        if remaining_ms() < LEFT_FOR_ANSWER_MS:
            logger().error("no-time-to-give-back", number_pii=number)
            return
        try:
            outcome = pointer.give_back(number)
        except TelephonyError as exc:
            logger().error("number-not-given-back", trouble=type(exc).__name__, number_pii=number)
        else:
            logger().info("number-given-back", outcome=outcome.value)
