"""Voicemails that nobody left, with the statistics of real ones: how long they are, and how often each word comes.

Words come by Zipf's law as Mandelbrot has it, over a vocabulary of which the first are the commonest words of English
messages and the others are made up; some come in the phrases that everybody leaves. Callers come again.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import Final

from telephony.calls import CallSid
from telephony.coverage import Track
from telephony.index_entries import IndexEntry, Spoken
from telephony.numbers import MailboxId

MAILBOX: Final = MailboxId("bench")
BEGUN: Final = datetime(2026, 1, 1, tzinfo=UTC)
APART: Final = timedelta(minutes=5)
NUMBER: Final = "+14155550100"
WORD_MS: Final = 400

VOCABULARY: Final = 20_000
SHIFT: Final = 2.7
"""Mandelbrot's: how much less steep the beginning is than 1/rank."""
FEWEST_WORDS: Final = 40
MOST_WORDS: Final = 150
CALLS_A_CALLER: Final = 20
STOCK_EVERY: Final = 40
"""Words between two stock phrases, on average."""

_COMMONEST = """
the i you to and a call me is back this it at my of for in on that your please we have just if so can number thanks hi
was with be about are know get out up not but need would like will when from or as do don't it's i'm there they he she
our what time today tomorrow calling called again want see if let could any an by more some how here office message
leave name phone doctor appointment order house car money week monday tuesday friday morning afternoon home work school
invoice delivery payment account insurance meeting question problem kitchen roof water
"""
COMMONEST: Final = tuple(_COMMONEST.split())

STOCK: Final = (
    "call me back",
    "give me a call",
    "thank you very much",
    "as soon as you can",
    "my number is",
    "i was calling about the appointment",
    "have a nice day",
)

_SYLLABLES = """
ba be bo da de di do fa fe ga go ha he ka ke ko la le lo ma me mi na ne no pa pe po ra re ri ro sa se so ta te ti to va
ve wa we za ze
"""
SYLLABLES: Final = tuple(_SYLLABLES.split())


@dataclass(frozen=True, slots=True)
class Statistics:
    """Words, the commonest first, and how often they come, added up."""

    words: Sequence[str]
    weights: Sequence[float]


def statistics() -> Statistics:
    """Return the vocabulary."""
    chance = random.Random(1)  # noqa: S311 - the same archive each time, and no secret
    words = dict.fromkeys(COMMONEST)
    while len(words) < VOCABULARY:
        words["".join(chance.choice(SYLLABLES) for _ in range(chance.randint(2, 4)))] = None
    weights = accumulate(1 / (rank + SHIFT) for rank in range(1, len(words) + 1))
    return Statistics(tuple(words), tuple(weights))


def voicemails(count: int) -> Iterator[IndexEntry]:
    """Yield *count* calls, the oldest first; the same ones each time."""
    chance = random.Random(count)  # noqa: S311
    vocabulary = statistics()
    callers = max(count // CALLS_A_CALLER, 1)
    for number in range(count):
        words = _message(chance, vocabulary)
        yield IndexEntry(
            call_sid=CallSid(f"CA{chance.getrandbits(128):032x}"),
            mailbox_id=MAILBOX,
            started_at=BEGUN + number * APART,
            caller=caller(chance.randrange(callers)),
            number=NUMBER,
            language="en-US",
            spoken=(Spoken(Track.INBOUND, words, tuple(range(0, WORD_MS * len(words), WORD_MS))),),
        )


def caller(number: int) -> str:
    """Return the phone number of a caller."""
    return f"+1415{2_000_000 + number * 7:07}"


def _message(chance: random.Random, vocabulary: Statistics) -> tuple[str, ...]:
    length = chance.randint(FEWEST_WORDS, MOST_WORDS)
    words: list[str] = []
    drawn = iter(chance.choices(vocabulary.words, cum_weights=vocabulary.weights, k=length))
    while len(words) < length:
        if chance.randrange(STOCK_EVERY) == 0:
            words += chance.choice(STOCK).split()
        words.append(next(drawn))
    return tuple(words)
