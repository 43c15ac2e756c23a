"""What the API answers of mailboxes, their numbers and whom they tell. A whole mailbox is its owner's own document."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Self

from pydantic import BaseModel, Field

from functions.api.shown import Shown
from telephony.mailboxes import Mailbox
from telephony.numbers import Number, NumberMode
from telephony.opt_outs import OptOut, OptOutSource
from telephony.ports.stores import MailboxPage
from telephony.subscriptions import SubscriptionState


class MailboxOut(BaseModel):
    """One mailbox, in a list."""

    mailbox_id: str
    name: str

    @classmethod
    def of(cls, mailbox: Mailbox) -> Self:
        """Show *mailbox*."""
        return cls(mailbox_id=mailbox.id, name=mailbox.name)


class MailboxPageOut(BaseModel):
    """Mailboxes, in order of their ids."""

    mailboxes: list[MailboxOut]
    next_cursor: str | None = Field(description="Give it as `cursor` to get the next page; null on the last one.")

    @classmethod
    def of(cls, page: MailboxPage) -> Self:
        """Show *page*."""
        return cls(mailboxes=[MailboxOut.of(mailbox) for mailbox in page.mailboxes], next_cursor=page.cursor)


class NumberOut(Shown[Number]):
    """One of our numbers."""

    number: str
    mailbox_id: str
    mode: NumberMode = Field(description="What happens when it is called.")
    ring_target: str | None = Field(description="Who is rung first; null unless `mode` is `ring-first`.")
    ring_seconds: int


class NumbersOut(BaseModel):
    """All numbers of a mailbox."""

    numbers: list[NumberOut]


class EmailRecipientOut(BaseModel):
    """Somebody who is told by e-mail."""

    address: str
    state: SubscriptionState = Field(
        description="Whether its owner has agreed to be told by this installation, of this mailbox or another one."
    )


class OptOutOut(BaseModel):
    """That somebody wants no SMS from one of the mailbox's numbers, and gets none."""

    number: str = Field(description="The number that does not text them.")
    since: datetime
    source: OptOutSource = Field(
        description="`stop` if they texted it to us: it holds until their START. `refusal` if Twilio refused an SMS for"
        " it: after a day it is tried again."
    )

    @classmethod
    def of(cls, opt_out: OptOut) -> Self:
        """Show *opt_out*."""
        return cls(number=opt_out.sender, since=opt_out.since, source=opt_out.source)


class SmsRecipientOut(BaseModel):
    """Somebody who is told by SMS; they need not agree, and may opt out."""

    number: str
    opt_outs: list[OptOutOut] = Field(description="One for each of the mailbox's numbers that does not text them.")


class RecipientsOut(BaseModel):
    """Whom a mailbox tells."""

    sms: list[SmsRecipientOut]
    email: list[EmailRecipientOut]

    @classmethod
    def of(cls, mailbox: Mailbox, states: Mapping[str, SubscriptionState], opt_outs: Sequence[OptOut]) -> Self:
        """Show whom *mailbox* tells."""
        by_sender = sorted(opt_outs, key=lambda each: each.sender)
        sms = [
            SmsRecipientOut(number=each, opt_outs=[OptOutOut.of(out) for out in by_sender if out.recipient == each])
            for each in mailbox.sms_recipients
        ]
        email = [EmailRecipientOut(address=each, state=states[each]) for each in mailbox.email_recipients]
        return cls(sms=sms, email=email)
