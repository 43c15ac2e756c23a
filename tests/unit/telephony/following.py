"""What follows a call that is found by all that was said: what tests ask that are about everything but the index."""

from dataclasses import replace
from datetime import datetime, timedelta

from telephony import voicemail
from telephony.index_entries import entry_of
from telephony.voicemail import PATIENCE, CallFacts, Step


def indexed(facts: CallFacts) -> CallFacts:
    """Return *facts* after all of them were indexed."""
    if facts.call is None or facts.mailbox is None:
        return facts
    entry = entry_of(facts.call, facts.mailbox.listening.language, facts.transcript)
    return replace(facts, indexed=entry.digest)


def next_steps(facts: CallFacts, now: datetime, patience: timedelta = PATIENCE) -> tuple[Step, ...]:
    """Say what must happen to an indexed call."""
    return voicemail.next_steps(indexed(facts), now, patience)
