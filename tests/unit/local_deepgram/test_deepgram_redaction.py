"""Figures are taken out of the text, of interims first, by what they may be."""

import pytest
from deepgram.core.api_error import ApiError

from local.deepgram.messages import Located
from local.deepgram.recogniser import Word
from local.deepgram.redaction import Redactor
from local.deepgram.server import DeepgramServer
from local.deepgram.stamp import FIGURES, stamp, word
from tests.unit.local_deepgram.test_deepgram_sdk import sdk

pytestmark = [
    pytest.mark.filterwarnings(r"ignore:websockets\.legacy is deprecated:DeprecationWarning"),
    pytest.mark.filterwarnings(r"ignore:websockets\.exceptions\.InvalidStatusCode is deprecated:DeprecationWarning"),
]

CARD = "4111 1111 1111 1111"
SSN = "078 05 1120"


def _said(text: str) -> list[Located]:
    return [
        Located(Word(each, 100 * at, 100 * at + 100, 1.0), 100 * at, 100 * at + 100)
        for at, each in enumerate(text.split())
    ]


def _text(words: list[Located]) -> str:
    return " ".join(each.word.punctuated for each in words)


@pytest.mark.parametrize(
    ("kinds", "said", "shown"),
    [
        ({"pci"}, f"card {CARD} please", "card [CREDIT_CARD_1] please"),
        ({"numbers"}, f"{CARD} and {SSN} and 123 and 12", "[CREDIT_CARD_1] and [SSN_2] and [REDACTED] and 12"),
        ({"ssn"}, f"{SSN} and {CARD}", f"[SSN_1] and {CARD}"),
        ({"aggressive_numbers"}, "at 7, or 12.", "at [REDACTED] or [REDACTED]"),
        ({"pii"}, "my w00001 word", "my w00001 word"),
        (set(), CARD, CARD),
    ],
)
def test_a_row_of_figures_becomes_one_tag(kinds: set[str], said: str, shown: str) -> None:
    assert _text(Redactor(frozenset(kinds)).final(_said(said))) == shown


def test_an_interim_does_not_say_yet_what_it_is_and_counts_nothing() -> None:
    redactor = Redactor(frozenset({"pci"}))
    assert _text(redactor.interim(_said(f"card {CARD}"))) == "card [REDACTED]"
    (_, tag) = redactor.final(_said(f"card {CARD}"))
    assert (tag.word.punctuated, tag.start, tag.end) == ("[CREDIT_CARD_1]", 100, 500)


async def test_the_sdk_gets_a_recording_without_its_figures(server: DeepgramServer) -> None:
    async with sdk(server) as client:
        response = await client.listen.v1.media.transcribe_file(
            request=stamp(1, 1) + stamp(FIGURES, 4) + stamp(2, 1),
            model="nova-3",
            redact=["pci", "ssn"],
            request_options={"additional_query_parameters": {"encoding": "mulaw", "sample_rate": "8000"}},
        )
    transcript = response.results.channels[0].alternatives[0].transcript
    assert transcript == f"{word(1)} [CREDIT_CARD_1] {word(2)}"


async def test_an_unknown_redaction_is_refused(server: DeepgramServer) -> None:
    async with sdk(server) as client:
        with pytest.raises(ApiError) as caught:
            await client.listen.v1.media.transcribe_file(request=b"x", redact="everything")
    assert caught.value.body["err_code"] == "INVALID_QUERY_PARAMETER"
