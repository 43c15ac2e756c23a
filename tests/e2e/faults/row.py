"""A row of the fault matrix: what goes wrong in a whole call, and what must come of it all the same."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field

from local.deepgram.faults import Faults as DeepgramFaults
from local.house import House
from local.twilio.call import Call
from local.twilio.faults import Faults as TwilioFaults
from telephony.transcripts import Rung
from tests.e2e.faults.words import COMPLETE

Prepare = Callable[[House], Coroutine[None, None, None]]
Act = Callable[[House, Call], Coroutine[None, None, None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One fault.

    Attributes:
        name: as it stands in the table of `docs/reliability.md`.
        before: done before the call is placed.
        during: done beside the call, from its first ring on.
        rungs: on which of these the transcript may be; most faults leave no choice.
        has_words: whether every word is to be there; else there is to be none, and a placeholder that says so.
        most_lost: how many words at most are in a declared hole that nothing can fill; at least one is, if not 0.
        coverage: what the transcript may say of itself, in the words of `describe`; empty when that is not foreseeable.
        sms, emails: how many messages people are to get.
        states: of the deliveries, by channel.
        says: what the SMS must hold beside the first words.
        keeps_sound: whether the recording can be listened to in the end.
        limit_s: how long everything may take after the call is over.
        is_placed: whether it is always known where in the call the recording begins, if words come from there.
        is_slow: whether waits of the product that no setting shortens make it last: it is played beside the others.
    """

    name: str
    deepgram: DeepgramFaults = field(default_factory=DeepgramFaults)
    twilio: TwilioFaults = field(default_factory=TwilioFaults)
    before: Prepare | None = None
    during: Act | None = None
    rungs: tuple[Rung, ...] = (Rung.LIVE,)
    has_words: bool = True
    most_lost: int = 0
    coverage: tuple[str, ...] = (COMPLETE,)
    sms: int = 1
    emails: int = 1
    states: tuple[tuple[str, str], ...] = (("email", "sent"), ("sms", "sent"))
    says: str = "Listen:\nhttp"
    keeps_sound: bool = True
    limit_s: float = 15
    is_placed: bool = True
    is_slow: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a call.

    Attributes:
        first: the number of the first word that was said.
        wrong: words that are missing, too many, not at their time, or not in their order.
        misplaced: words that were not said where they stand.
        undeclared: words that are missing outside of any hole that the transcript declares.
        shift_ms: by how much all of them are later than they were said; None when that is not known.
        words: how many there are.
        coverage: "complete", or what is not covered.
        is_placed: whether words told where in the call the recording begins.
        told_ms: real milliseconds from the hang-up to the SMS; None when there is none.
        left: what is still open or running that should not be; empty when nothing is.
    """

    first: int
    wrong: int
    misplaced: int
    undeclared: int
    words: int
    shift_ms: int | None
    coverage: str
    is_complete: bool
    rung: str
    sms: tuple[str, ...]
    emails: tuple[str, ...]
    states: tuple[tuple[str, str], ...]
    keeps_sound: bool
    is_placed: bool
    told_ms: int | None
    left: tuple[str, ...]
