"""How long calls are kept, as a mailbox's owner writes it down."""

import pytest
from pydantic import ValidationError

from telephony.keeping import Keeping
from telephony.wire.mailbox_document import MailboxDocument

WRITTEN = {"id": "reception", "name": "Reception", "numbers": [{"number": "+14155550123"}]}


def test_a_mailbox_that_says_nothing_keeps_everything() -> None:
    assert MailboxDocument.model_validate(WRITTEN).mailbox().keeping == Keeping()


def test_a_term_and_a_hold_are_the_mailboxs() -> None:
    document = MailboxDocument.model_validate({**WRITTEN, "keeping": {"retention_days": 30, "legal_hold": True}})
    assert document.mailbox().keeping == Keeping(30, is_on_hold=True)


@pytest.mark.parametrize("keeping", [{"retention_days": 0}, {"retention_days": 3_651}, {"days": 3}])
def test_a_term_that_makes_no_sense_is_refused(keeping: dict[str, int]) -> None:
    with pytest.raises(ValidationError):
        MailboxDocument.model_validate({**WRITTEN, "keeping": keeping})
