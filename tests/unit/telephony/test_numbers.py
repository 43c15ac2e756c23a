"""Phone numbers, and callers who have none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.errors import WireError
from telephony.numbers import E164, MailboxId, Number, NumberMode, caller_to_show, is_withheld, parse_e164


@pytest.mark.parametrize("text", ["+15005550006", "+4930123456", "+12", "+123456789012345"])
def test_a_phone_number_is_read(text: str) -> None:
    assert parse_e164(text) == text


@pytest.mark.parametrize(
    "text", ["", "15005550006", "+0123456", "+1", "+1234567890123456", "+1 500", "+1500\n", "+١٢٣٤"]
)
def test_what_is_no_phone_number_is_refused(text: str) -> None:
    with pytest.raises(WireError):
        parse_e164(text)


@given(st.text().filter(lambda text: not text.startswith("+")))
def test_a_refusal_does_not_repeat_what_was_refused(text: str) -> None:
    with pytest.raises(WireError) as caught:
        parse_e164(text)

    assert str(caught.value) == "a phone number is '+' and 2 to 15 digits"


@pytest.mark.parametrize(
    "caller",
    ["", "anonymous", "Restricted", "unavailable", "+266696687", "+86282452253", "+8656696", "+2562533", "+7378742833"],
)
def test_a_withheld_number_is_nobodys(caller: str) -> None:
    assert is_withheld(caller)
    assert caller_to_show(caller) == "a withheld number"


@pytest.mark.parametrize(
    ("caller", "shown"),
    [
        ("+15005550001", "+15005550001"),
        ("2025550100", "2025550100"),
        ("client:ada", "ada"),
        ("sip:ada@pbx.example", "ada@pbx.example"),
        ("sip:ada\r\nBcc: x", "adaBcc: x"),
        ("sip:" + "a" * 500, "a" * 64),
        ("sip:", "a withheld number"),
        ("client:\u200b ", "a withheld number"),
    ],
)
def test_a_caller_is_shown_as_people_write_it(caller: str, shown: str) -> None:
    assert not is_withheld(caller)
    assert caller_to_show(caller) == shown


def test_a_ring_first_number_rings_somebody_and_no_other_does() -> None:
    number, mailbox_id, target = E164("+15005550006"), MailboxId("front-desk"), E164("+15005550010")
    assert Number(number, mailbox_id).mode is NumberMode.VOICEMAIL
    assert Number(number, mailbox_id, NumberMode.RING_FIRST, target).ring_seconds == 20

    with pytest.raises(ValueError, match="ring_target"):
        Number(number, mailbox_id, NumberMode.RING_FIRST)
    with pytest.raises(ValueError, match="ring_target"):
        Number(number, mailbox_id, ring_target=target)
