"""A phrase's name is good if, and only if, we signed it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.errors import NotFoundError
from telephony.phrases import Phrase
from telephony.wire.phrase_address import read, write

DIGEST = Phrase("Hello", "aura-2-thalia-en").digest


def test_a_name_says_which_phrase_to_whoever_has_the_secret() -> None:
    assert read(write(DIGEST, "secret"), ["other", "secret"]) == DIGEST


def test_a_name_is_the_same_each_time() -> None:
    assert write(DIGEST, "secret") == write(DIGEST, "secret")


@given(st.text() | st.from_regex(r"[0-9a-f]{64}\.[0-9a-f]{32}\.wav", fullmatch=True))
def test_any_other_name_is_not_found(name: str) -> None:
    with pytest.raises(NotFoundError):
        read(name, ["secret"])


def test_a_changed_digest_is_not_found() -> None:
    name = write(DIGEST, "secret")
    changed = ("0" if name[0] != "0" else "1") + name[1:]
    with pytest.raises(NotFoundError):
        read(changed, ["secret"])


def test_text_voice_and_nothing_else_make_a_phrase() -> None:
    assert Phrase("a", "b").digest == Phrase("a", "b").digest
    assert len({Phrase("a", "b").digest, Phrase("b", "a").digest, Phrase("a", "").digest, Phrase("ab", "").digest}) == 4
    assert Phrase("a", "b").key == f"greetings/{Phrase('a', 'b').digest}.wav"
