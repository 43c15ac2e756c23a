"""Consent is a key and a text, and its proof tells which text."""

import pytest

from telephony.calls import CallSid
from telephony.consent import ConsentProof, ConsentStep, has_agreed
from tests import examples


@pytest.mark.parametrize(("key", "agrees"), [("1", True), ("", False), ("2", False), ("#", False), ("11", False)])
def test_only_one_key_means_yes(key: str, *, agrees: bool) -> None:
    assert has_agreed(key) is agrees


def test_a_version_is_the_texts_alone() -> None:
    def proof(text: str, sid: str) -> ConsentProof:
        return ConsentProof(CallSid(sid), ConsentStep.ANNOUNCED, examples.NOON, text, "/twilio/voice")

    assert proof("a", "CA1").version == proof("a", "CA2").version != proof("b", "CA1").version
