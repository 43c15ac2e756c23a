"""Query: what somebody looks for, read from what they typed.

    roof leaking            both words, in any of their forms
    "roof is leaking"       these words, so, one after the other
    -roof  -"the roof"      not this
    caller:+14155550199     a caller's number, or its last digits; also caller:alice, caller:"+1 415 555 0199"
    +1 (415) 555-0199       a number, with or without its separators: said, or the caller's
    roof leak               no space at the end: the last word may go on

Words without a letter or digit are passed over. In quotation marks a word is as it is written but for case and accents.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from telephony.errors import WireError
from telephony.postings import Field, caller_words
from telephony.terms import FEWEST_JOINED, MOST_DIGITS, PHONE_DIGITS, Terms, Word, is_digits, is_same_number, read_word

MOST_CHARACTERS: Final = 200
MOST_WORDS: Final = 16
"""Each is a list of postings to be read."""

SHORTEST_PREFIX: Final = 2
"""Characters from which on the last word may go on: one letter begins too many words to mean any."""

_CALLER = "caller:"
_QUOTES = str.maketrans(dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033\uff02", '"'))


@dataclass(frozen=True, slots=True)
class Slot:
    """One word to be found.

    Attributes:
        stems: under which its postings lie.
        spellings: which of the stem's words it may be; None for any.
        prefixes: how it may begin as well; empty unless it may go on.
        number: its digits, if it is a number.
    """

    stems: tuple[str, ...]
    spellings: tuple[str, ...] | None = None
    prefixes: tuple[str, ...] = ()
    number: str = ""

    def accepts(self, stem: str, spelling: str) -> bool:
        """Whether a word with this stem and spelling is meant."""
        if any(spelling.startswith(prefix) for prefix in self.prefixes):
            return True
        if stem not in self.stems:
            return False
        if self.number:
            return is_same_number(self.number, spelling)
        return self.spellings is None or spelling in self.spellings


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that follow each other.

    Attributes:
        fields: where.
    """

    slots: tuple[Slot, ...]
    fields: tuple[Field, ...] = tuple(Field)


@dataclass(frozen=True, slots=True)
class Clause:
    """Something to be found, in one of several ways."""

    phrases: tuple[Phrase, ...]


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for: all that is wanted, and nothing that is unwanted."""

    wanted: tuple[Clause, ...]
    unwanted: tuple[Clause, ...] = ()

    @property
    def prefixes(self) -> tuple[str, ...]:
        """Every beginning of a word for which words are to be looked up."""
        return tuple(
            dict.fromkeys(
                prefix
                for clause in self.wanted
                for phrase in clause.phrases
                for slot in phrase.slots
                for prefix in slot.prefixes
            )
        )


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part of what was typed, between spaces or quotation marks."""

    words: tuple[Word, ...]
    is_exact: bool = False
    is_unwanted: bool = False
    is_caller: bool = False
    goes_on: bool = False

    @property
    def is_number(self) -> bool:
        """Whether it is digits alone, which may go on after a space."""
        is_plain = bool(self.words) and not self.is_exact and not self.is_caller
        return is_plain and all(word.is_number for word in self.words)


def parse(text: str, terms: Terms, *, caller: str = "") -> Query:
    """Read a query, and a caller that must have called, if one is named.

    Raises: WireError if it is too long, or has nothing to be found.
    """
    if len(text) > MOST_CHARACTERS or len(caller) > MOST_CHARACTERS:
        raise WireError(f"a query has at most {MOST_CHARACTERS} characters")
    wanted: list[Clause] = []
    unwanted: list[Clause] = []
    pieces = list(_numbers_joined(_pieces(text)))
    if caller:
        pieces.append(_Piece(_words(caller_words(caller)), is_caller=True))
    if sum(len(word.parts) for piece in pieces for word in piece.words) > MOST_WORDS:
        raise WireError(f"a query has at most {MOST_WORDS} words")
    for piece in pieces:
        clause = _clause(piece, terms)
        if clause is not None:
            (unwanted if piece.is_unwanted else wanted).append(clause)
    if not wanted:
        raise WireError("a query needs something to find, not only what to leave out" if unwanted else "q is empty")
    return Query(tuple(wanted), tuple(unwanted))


def _pieces(text: str) -> Iterator[_Piece]:
    rest = unicodedata.normalize("NFC", text).translate(_QUOTES)
    while rest := rest.lstrip():
        is_unwanted = rest.startswith("-")
        rest = rest.removeprefix("-")
        is_caller = rest.casefold().startswith(_CALLER)
        rest = rest[len(_CALLER) :] if is_caller else rest
        is_exact = rest.startswith('"')
        if is_exact:
            typed, quote, rest = rest[1:].partition('"')
            is_last = not quote
        else:
            typed = rest.split(maxsplit=1)[0].partition('"')[0] if rest and not rest[0].isspace() else ""
            rest = rest[len(typed) :]
            is_last = not rest
        goes_on = is_last and not is_unwanted and bool(typed) and not typed[-1].isspace()
        yield _Piece(
            _words(caller_words(typed) if is_caller else typed.split()), is_exact, is_unwanted, is_caller, goes_on
        )


def _words(texts: Sequence[str]) -> tuple[Word, ...]:
    return tuple(word for word in map(read_word, texts) if word.parts)


def _numbers_joined(pieces: Iterator[_Piece]) -> Iterator[_Piece]:
    """Put groups of digits that were typed one after the other into one piece; a whole number ends with its group."""
    number: _Piece | None = None
    for piece in pieces:
        if number is not None and piece.is_number and not piece.is_unwanted:
            number = replace(number, words=number.words + piece.words, goes_on=piece.goes_on)
        else:
            if number is not None:
                yield number
            number = piece if piece.is_number else None
            if number is None:
                yield piece
        if number is not None and len(number.words[-1].parts[-1]) >= PHONE_DIGITS:
            yield number
            number = None
    if number is not None:
        yield number


def _clause(piece: _Piece, terms: Terms) -> Clause | None:
    if not piece.words:
        return None
    fields = (Field.CALLER,) if piece.is_caller else tuple(Field)
    word = piece.words[0]
    if piece.is_exact or len(piece.words) > 1 or not word.joined:
        return Clause((Phrase(_slots(piece, _parts(piece), terms), fields),))
    # What was left out after the apostrophe was typed all the same: "it's" doesn't go on from "it".
    apart = replace(piece, goes_on=piece.goes_on and not word.has_apostrophe)
    ways = (_slots(apart, word.parts, terms), _slots(piece, [word.joined], terms))
    return Clause(tuple(Phrase(slots, fields) for slots in ways))


def _parts(piece: _Piece) -> list[str]:
    """Return the terms of a piece; in quotation marks, what an apostrophe holds together stays so."""
    parts: list[str] = []
    for word in piece.words:
        parts += [word.joined] if piece.is_exact and word.has_apostrophe else word.parts
    return parts


def _slots(piece: _Piece, parts: Sequence[str], terms: Terms) -> tuple[Slot, ...]:
    slots: list[Slot] = []
    at = 0
    while at < len(parts):
        end = at
        while end < len(parts) and is_digits(parts[end]):
            end += 1
        digits = "".join(parts[at:end])
        if len(digits) > MOST_DIGITS:
            raise WireError(f"a number has at most {MOST_DIGITS} digits")
        if end > at and (len(digits) >= FEWEST_JOINED or end == at + 1):
            slots.append(Slot((terms.stem(digits),), number=digits))
            at = end
        else:
            exactly = terms.spellings(parts[at]) if piece.is_exact else None
            slots.append(Slot(terms.stems(parts[at]), exactly))
            at += 1
    if piece.goes_on:
        slots[-1] = _going_on(slots[-1], parts[-1], terms)
    return tuple(slots)


def _going_on(slot: Slot, part: str, terms: Terms) -> Slot:
    prefixes = (slot.number,) if slot.number else terms.spellings(part)
    return replace(slot, prefixes=tuple(prefix for prefix in prefixes if len(prefix) >= SHORTEST_PREFIX))
