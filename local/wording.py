"""How far a transcript is from what was really said: the word error rate."""

import re

import jiwer

_SAME = {"voice mail": "voicemail", "mister": "mr", "mr.": "mr"}


def words(text: str) -> list[str]:
    """Return the words of *text* without case, punctuation and spellings that sound the same."""
    plain = text.lower()
    for one, other in _SAME.items():
        plain = plain.replace(one, other)
    return re.findall(r"[a-z0-9']+", plain.replace("-", " "))


def word_error_rate(said: str, written: str) -> float:
    """Return the share of the words of *said* that *written* has wrong, misses or adds, as a fraction."""
    return float(jiwer.wer(" ".join(words(said)), " ".join(words(written)) or "-"))
