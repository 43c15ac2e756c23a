"""Stems: the word that stands for its inflected forms, by the language of the mailbox."""

from collections.abc import Callable
from functools import lru_cache
from importlib import import_module
from typing import Final

Stem = Callable[[str], str]

ALGORITHMS: Final = {
    "ar": "arabic",
    "ca": "catalan",
    "cs": "czech",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "et": "estonian",
    "eu": "basque",
    "fa": "persian",
    "fi": "finnish",
    "fr": "french",
    "ga": "irish",
    "hi": "hindi",
    "hu": "hungarian",
    "hy": "armenian",
    "id": "indonesian",
    "it": "italian",
    "lt": "lithuanian",
    "nb": "norwegian",
    "ne": "nepali",
    "nl": "dutch",
    "nn": "norwegian",
    "no": "norwegian",
    "pl": "polish",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sr": "serbian",
    "sv": "swedish",
    "ta": "tamil",
    "tr": "turkish",
}
"""Snowball's algorithm for each language that has one, by the first part of its BCP-47 tag."""

KNOWN: Final = 65_536
"""Stems that a process remembers, some 10 MB: people use the same words again and again, and a stem takes 60 us."""


def stemmer(language: str) -> Stem:
    """Return what stems words of *language* (BCP-47): itself for "multi" and for a language that has no algorithm."""
    algorithm = ALGORITHMS.get(primary(language))
    return _itself if algorithm is None else lambda word: _stem(algorithm, word)


def primary(language: str) -> str:
    """Return the first part of a BCP-47 tag."""
    return language.partition("-")[0].casefold()


def _itself(word: str) -> str:
    return word


@lru_cache(KNOWN)
def _stem(algorithm: str, word: str) -> str:
    # Imported when it is first needed: it brings every language along, 150 ms of a cold start.
    snowball = import_module("snowballstemmer")
    # A stemmer keeps the word it is at in itself, so one that threads share would mix theirs up.
    stem: str = snowball.stemmer(algorithm).stemWord(word)
    return stem or word
