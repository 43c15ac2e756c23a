"""What docs/webhooks.md says is so: its code checks our signatures, its event is ours, its mailbox is taken."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from telephony.hooks import EVENT_ID_HEADER, SIGNATURE_HEADER, HookEvent, HookId, HookTarget, signature
from telephony.transcripts import Transcript
from telephony.voicemail import CallFacts, describe
from telephony.wire.hook_event import hook_body
from telephony.wire.telling_document import TellingDocument
from tests import examples

PAGE = (Path(__file__).parents[3] / "docs" / "webhooks.md").read_text(encoding="utf-8")
SECRET = "0123abcd" * 8
BODY = '{"text":"Grüße"}'.encode()
NOW = examples.NOON.timestamp()


def _block(language: str, number: int = 0) -> str:
    blocks: list[str] = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return blocks[number]


@pytest.fixture(scope="module")
def is_genuine() -> Callable[..., bool]:
    """Give the page's own function."""
    names: dict[str, Any] = {}
    exec(_block("python"), names)  # noqa: S102 - what the page tells people to run
    checks: Callable[..., bool] = names["is_genuine"]
    return checks


def test_what_we_sign_is_genuine(is_genuine: Callable[..., bool]) -> None:
    header = signature([SECRET], examples.NOON, BODY)

    assert is_genuine(SECRET, header, BODY, NOW)
    assert is_genuine(SECRET, header, BODY, NOW + 299)


def test_either_secret_is_good_while_one_takes_the_others_place(is_genuine: Callable[..., bool]) -> None:
    header = signature(["the-new-one", "the-old-one"], examples.NOON, BODY)

    assert is_genuine("the-new-one", header, BODY, NOW)
    assert is_genuine("the-old-one", header, BODY, NOW)
    assert not is_genuine("a-third-one", header, BODY, NOW)


@pytest.mark.parametrize(
    ("secret", "body", "now"),
    [("another", BODY, NOW), (SECRET, BODY + b" ", NOW), (SECRET, BODY, NOW + 301), (SECRET, BODY, NOW - 301)],
)
def test_what_we_did_not_sign_or_long_ago_is_not(
    is_genuine: Callable[..., bool], secret: str, body: bytes, now: float
) -> None:
    assert not is_genuine(secret, signature([SECRET], examples.NOON, BODY), body, now)


@pytest.mark.parametrize("header", ["", "t=1", "v1=ab", "t=,v1=", "nonsense", "t=1,v1=\xe9", "t=1,t=2", "v1=,v1="])
def test_a_header_of_somebody_elses_making_is_refused_without_a_crash(
    is_genuine: Callable[..., bool], header: str
) -> None:
    assert not is_genuine(SECRET, header, BODY, NOW)


def test_the_pages_code_is_as_short_as_it_is_easy_to_copy() -> None:
    lines = [line for line in _block("python").splitlines() if line.strip()]

    assert len(lines) <= 10


def test_the_pages_event_has_the_fields_of_ours() -> None:
    told = json.loads(_block("json", 1))
    transcript = Transcript.assemble(examples.CALL_SID, [examples.ended_stream()], [examples.utterance("Hello.")])
    facts = CallFacts(examples.ENDED_CALL, examples.MAILBOX, transcript)
    target = HookTarget(HookId("crm"), HookEvent.COMPLETED)

    ours = json.loads(hook_body(describe(examples.ENDED_CALL, examples.MAILBOX, facts), target, "https://x.example/"))

    assert {name: sorted(told[name]) for name in ("call", "message")} == {
        name: sorted(ours[name]) for name in ("call", "message")
    }
    assert sorted(told) == sorted(ours)
    assert told["id"].endswith(f":{HookEvent.COMPLETED}")


def test_the_pages_mailbox_is_taken_and_names_every_event() -> None:
    document = TellingDocument.model_validate(json.loads("{" + _block("json") + "}")["telling"])

    assert document.telling().hooks[0].events == tuple(HookEvent)
    assert all(f"`{event}`" in PAGE for event in HookEvent)
    assert SIGNATURE_HEADER in PAGE
    assert EVENT_ID_HEADER in PAGE
