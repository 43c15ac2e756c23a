"""What a program is told is signed, named, and can be told from what it has already."""

import hashlib
import hmac

import pytest

from telephony.hooks import HookEvent, HookId, HookTarget, signature
from tests import examples

SECRET = "0123abcd" * 8


def test_the_signature_is_made_over_the_time_and_the_body() -> None:
    made = signature([SECRET], examples.NOON, b'{"a":1}')

    stamp = int(examples.NOON.timestamp())
    expected = hmac.new(SECRET.encode(), f'{stamp}.{{"a":1}}'.encode(), hashlib.sha256).hexdigest()
    assert made == f"t={stamp},v1={expected}"


def test_each_secret_that_is_valid_signs_in_its_order() -> None:
    alone = [signature([secret], examples.NOON, b"{}").partition(",")[2] for secret in ("new", "old")]

    assert signature(["new", "old"], examples.NOON, b"{}").split(",")[1:] == alone


@pytest.mark.parametrize(
    "target",
    [HookTarget(HookId("crm"), event, number) for event in HookEvent for number in (0, 3)],
)
def test_a_target_is_read_from_its_delivery(target: HookTarget) -> None:
    assert HookTarget.of(target.recipient) == target


def test_an_event_has_one_id_wherever_it_is_sent() -> None:
    ids = {HookTarget(HookId(hook), HookEvent.MISSED).event_id(examples.CALL_SID) for hook in ("crm", "desk")}

    assert ids == {f"{examples.CALL_SID}:call.missed"}
    assert HookTarget(HookId("crm"), HookEvent.REPAIRED, 2).event_id(examples.CALL_SID) not in ids


@pytest.mark.parametrize("text", ["crm", "crm:call.ended", "crm:call.missed:x", ""])
def test_another_text_is_no_target(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        HookTarget.of(text)
