"""Terms: under which words a piece of text is found, however people type them.

A *spelling* is a word as it is compared: normalised, case folded, without accents. A word has one or two: in German
"Müller" is "muller" and "mueller". A *stem* stands for a word's inflected forms; postings lie under stems, and keep the
spellings, so that a name in quotation marks is found as it is written.

Every word is a term, the commonest too: there is no list of stop words. Such a list is one more thing for each
language, it takes "will", "may" and "art" for noise where they are names, and without "the" no phrase has it. What the
commonest words cost is one item each in a message, and a query never reads their postings but where the others' are.

Digits: groups of digits that follow each other are one number, however they are set apart, and each stretch of the
groups is found too: "415 555 0123" under 4155550123, 5550123, 0123 and 415. A number of seven digits or more lies under
its last seven, since a country's or an area's code is said, or left out; how it goes on is checked in its spelling.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final

from telephony.stems import KNOWN, Stem, primary, stemmer

MOST_CHARACTERS: Final = 64
"""Of one word; the rest of a longer one is not looked at."""

MOST_DIGITS: Final = 20
"""Of one number: a card's has 16, a phone number 15 at most."""

FEWEST_JOINED: Final = 3
"""Digits of a number that is made of several groups: "1 2" is two numbers."""

PHONE_DIGITS: Final = 7
"""What a local phone number has at least; from here on numbers are compared from their ends."""

LAST_DIGITS: Final = 4
"""By which people name a number: "the one that ends in 0123"."""

LONGEST_CODE: Final = 3
"""Digits of a country's code. Source: ITU-T E.164."""

LONGEST_CLITIC: Final = 2
"""Letters after an apostrophe that are no word: it's, you're, don't."""

_NATIONAL_DIGITS = 10  # a number in one group that may begin with a country's code has as many at least

_APOSTROPHES = frozenset("'\u2018\u2019\u02bc\u00b4`")
_HYPHENS = frozenset("-\u2010\u2011\u2012\u2013")
_ACCENTS = ("\u0300", "\u036f")  # combining diacritical marks; other scripts' marks are letters of theirs
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
_UNSPACED = (("\u3040", "\u30ff"), ("\u3400", "\u4dbf"), ("\u4e00", "\u9fff"), ("\uf900", "\ufaff"))
"""Kana and Han: nobody sets their words apart, so each character is one."""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Positions of terms, one after the other; the end is not part of it."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One way in which one place of a text is found.

    Attributes:
        word: the index of the word it is in, or begins in.
    """

    stem: str
    spelling: str
    span: Span
    word: int


@dataclass(frozen=True, slots=True)
class Word:
    """What people set apart by spaces.

    Attributes:
        parts: its terms, normalised, with their accents: two for "follow-up", none for "&".
        joined: the parts in one, if it is written with a hyphen or an apostrophe, else empty.
        has_apostrophe: whether an apostrophe holds it together.
    """

    parts: tuple[str, ...]
    joined: str = ""
    has_apostrophe: bool = False

    @property
    def is_number(self) -> bool:
        """Whether it is digits and nothing else."""
        return bool(self.parts) and all(map(is_digits, self.parts))


class Terms:
    """The terms of one language. Make one for each text: it remembers what it has seen of it."""

    def __init__(self, language: str) -> None:
        self._stem: Stem = stemmer(language)
        self._has_umlauts = primary(language) == "de"
        self._seen: dict[str, tuple[tuple[str, str], ...]] = {}

    def spellings(self, part: str) -> tuple[str, ...]:
        """Return how *part* is compared."""
        folded = _folded(part)
        if self._has_umlauts:
            written_out = _folded(part.translate(_UMLAUTS))
            return (folded,) if written_out == folded else (folded, written_out)
        return (folded,)

    def stem(self, spelling: str) -> str:
        """Return the stem under which *spelling* lies."""
        if is_digits(spelling):
            return spelling[-PHONE_DIGITS:]
        return self._stem(spelling)

    def stems(self, part: str) -> tuple[str, ...]:
        """Return every stem under which *part* lies: two where the language's endings have accents."""
        stems = [self.stem(each) for each in self.spellings(part)]
        if not part.isascii():
            stems.append(_folded(self.stem(part)))
        return tuple(dict.fromkeys(stems))

    def occurrences(self, texts: Sequence[str], first: int = 0) -> Iterator[Occurrence]:
        """Yield every way in which a text is found, given its words; positions count from *first*."""
        at = first
        groups: list[tuple[str, Span, int]] = []
        for index, text in enumerate(texts):
            word = read_word(text)
            for offset, part in enumerate(word.parts):
                span = Span(at + offset, at + offset + 1)
                if is_digits(part):
                    groups.append((part, span, index))
                    continue
                yield from self._numbers(groups)
                groups = []
                yield from self._spelled(part, span, index)
            if word.joined:
                yield from self._spelled(word.joined, Span(at, at + len(word.parts)), index)
            at += len(word.parts)
        yield from self._numbers(groups)

    def _spelled(self, part: str, span: Span, index: int) -> Iterator[Occurrence]:
        pairs = self._seen.get(part)
        if pairs is None:
            pairs = tuple((stem, spelling) for stem in self.stems(part) for spelling in self.spellings(part))
            self._seen[part] = pairs
        for stem, spelling in pairs:
            yield Occurrence(stem, spelling, span, index)

    def _numbers(self, groups: Sequence[tuple[str, Span, int]]) -> Iterator[Occurrence]:
        for begin, (_, start, index) in enumerate(groups):
            digits = ""
            for group, end, _ in groups[begin:]:
                is_first = not digits
                digits += group
                if len(digits) > MOST_DIGITS and not is_first:
                    break
                if is_first or len(digits) >= FEWEST_JOINED:
                    for spelling in _digit_spellings(digits, is_whole=is_first):
                        yield Occurrence(self.stem(spelling), spelling, Span(start.start, end.end), index)


@lru_cache(KNOWN)
def read_word(text: str) -> Word:
    """Read what stands between two spaces."""
    parts, marks = _parts(text)
    joints = {mark for mark in marks if mark in {"'", "-"}}
    if len(joints) != 1 or len(set(marks)) != 1:
        return Word(parts)
    if all(map(is_digits, parts)):
        return Word(parts)
    joined = "".join(parts)[:MOST_CHARACTERS]
    if joints == {"-"}:
        return Word(parts, joined)
    if len(parts[-1]) <= LONGEST_CLITIC:
        parts = parts[:-1]
    return Word(parts, joined, has_apostrophe=True)


def position_count(text: str) -> int:
    """Return how many positions a word of a text takes."""
    return len(read_word(text).parts)


def is_digits(text: str) -> bool:
    """Tell whether *text* is digits and nothing else."""
    return text.isascii() and text.isdigit()


def is_same_number(one: str, other: str) -> bool:
    """Tell whether two numbers, as digits, are one: from seven digits on, when one ends with the other.

    Zeros at the beginning do not count: they stand for a code that the other one has, or they are not dialled from
    abroad.
    """
    if one == other:
        return True
    shorter, longer = sorted((_significant(one), _significant(other)), key=len)
    return len(shorter) >= PHONE_DIGITS and longer.endswith(shorter)


def _significant(digits: str) -> str:
    stripped = digits.lstrip("0")
    return stripped if len(stripped) >= PHONE_DIGITS else digits


def _digit_spellings(digits: str, *, is_whole: bool) -> Iterator[str]:
    """Yield how a number is spelled: as it is, by its last digits, and without a country's code if it may have one."""
    shown = digits[:MOST_DIGITS]
    yield shown
    if len(shown) >= PHONE_DIGITS:
        yield shown[-LAST_DIGITS:]
    if is_whole and len(shown) >= _NATIONAL_DIGITS:
        for code in range(1, LONGEST_CODE + 1):
            yield shown[code:]


def _parts(text: str) -> tuple[tuple[str, ...], list[str]]:
    """Return the terms of a word, and what stands between each two: "'" or "-", or anything else."""
    parts: list[str] = []
    marks: list[str] = []
    current, between = "", ""
    for character in _normalised(text):
        if _is_letter(character):
            if not current and parts:
                marks.append(_mark(between))
            current, between = current + character, ""
        else:
            if current:
                parts.append(current[:MOST_CHARACTERS])
            current, between = "", between + character
    if current:
        parts.append(current[:MOST_CHARACTERS])
    return _split_unspaced(parts, marks)


def _split_unspaced(parts: Sequence[str], marks: list[str]) -> tuple[tuple[str, ...], list[str]]:
    if all(map(str.isascii, parts)):
        return tuple(parts), marks
    split: list[str] = []
    for part in parts:
        cuts = [0, *(at for at in range(1, len(part)) if _is_unspaced(part[at - 1]) or _is_unspaced(part[at]))]
        split += [part[start:end] for start, end in pairwise([*cuts, len(part)])]
    return tuple(split), marks if len(split) == len(parts) else [*marks, ""]


def _mark(between: str) -> str:
    if len(between) == 1:
        if between in _APOSTROPHES:
            return "'"
        if between in _HYPHENS:
            return "-"
    return ""


def _normalised(text: str) -> str:
    if text.isascii():
        return text.lower()
    # Twice: folding can take a text apart again. Source: Unicode, "Caseless matching", compatibility.
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return "".join(map(_as_ascii_digit, folded))


def _as_ascii_digit(character: str) -> str:
    return character if character.isascii() or not character.isdecimal() else str(unicodedata.decimal(character))


@lru_cache(4_096)
def _is_letter(character: str) -> bool:
    return unicodedata.category(character)[0] in "LNM"


def _is_unspaced(character: str) -> bool:
    return any(first <= character <= last for first, last in _UNSPACED)


def _folded(part: str) -> str:
    if part.isascii():
        return part
    bare = "".join(each for each in unicodedata.normalize("NFKD", part) if not _ACCENTS[0] <= each <= _ACCENTS[1])
    return unicodedata.normalize("NFKC", bare) or part
