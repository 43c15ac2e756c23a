"""Redaction: what `redact` takes out of the text. Source: https://developers.deepgram.com/docs/redaction.

Deepgram finds entities with a model; here it is figures alone, by how many there are in a row: 13 to 19 are a card, 9 a
social security number. Each row becomes one word with the time of all of them: `[REDACTED]` in an interim, and in a
final `[CREDIT_CARD_1]`, `[SSN_2]`, or `[REDACTED]` for what is no entity.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from local.deepgram.messages import Located

_REDACTED: Final = "[REDACTED]"
_CARD_FIGURES: Final = range(13, 20)
_SSN_FIGURES: Final = 9
_LEAST_FIGURES: Final = 3
_FIGURES: Final = re.compile(r"[0-9][0-9,.\-]*", re.ASCII)


@dataclass(slots=True)
class Redactor:
    """Takes out of one request's text what *kinds* name; entities are counted from 1, as they become final."""

    kinds: frozenset[str]
    _count: int = field(default=0)

    def interim(self, words: Sequence[Located]) -> list[Located]:
        """Return *words* as an interim shows them."""
        return [_joined(row, _REDACTED) if entity else row[0] for row, entity in self._rows(words)]

    def final(self, words: Sequence[Located]) -> list[Located]:
        """Return *words* as a final shows them."""
        return [_joined(row, self._tag(entity)) if entity else row[0] for row, entity in self._rows(words)]

    def _tag(self, entity: str) -> str:
        if entity == _REDACTED:
            return entity
        self._count += 1
        return f"[{entity}_{self._count}]"

    def _rows(self, words: Sequence[Located]) -> Iterator[tuple[Sequence[Located], str]]:
        """Yield what is one word in the text, and what it is to be called; nothing for what stays."""
        at = 0
        while at < len(words):
            end = at
            while end < len(words) and _figures(words[end]):
                end += 1
            entity = self._entity(sum(_figures(each) for each in words[at:end]))
            if entity:
                yield words[at:end], entity
            else:
                end = max(end, at + 1)
                yield from (([each], "") for each in words[at:end])
            at = end

    def _entity(self, figures: int) -> str:
        if figures in _CARD_FIGURES and self.kinds & {"pci", "numbers", "aggressive_numbers"}:
            return "CREDIT_CARD"
        if figures == _SSN_FIGURES and self.kinds & {"ssn", "pii", "numbers", "aggressive_numbers"}:
            return "SSN"
        is_number = figures >= _LEAST_FIGURES and "numbers" in self.kinds
        return _REDACTED if is_number or (figures and "aggressive_numbers" in self.kinds) else ""


def _figures(located: Located) -> int:
    text = located.word.punctuated
    return sum(map(str.isdigit, text)) if _FIGURES.fullmatch(text) else 0


def _joined(row: Sequence[Located], tag: str) -> Located:
    word = replace(row[0].word, punctuated=tag, end=row[-1].word.end)
    return Located(word, row[0].start, row[-1].end)
