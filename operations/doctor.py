"""Doctor: look at a running deployment, and say in plain words what is wrong and how to mend it."""

from collections.abc import Sequence
from typing import Final

from operations.checks.accounts import check_deepgram, check_twilio
from operations.checks.alarms import check_alarms
from operations.checks.capacity import check_capacity
from operations.checks.door import check_certificate, check_origin
from operations.checks.finding import Finding
from operations.checks.instruments import Check, Instruments
from operations.checks.numbers import check_mailboxes, check_numbers
from operations.checks.signature import check_webhooks
from operations.checks.stream import check_stream
from operations.errors import OperationError
from operations.terminal import Terminal
from telephony.errors import TelephonyError

CHECKS: Final[Sequence[tuple[str, Check]]] = (
    ("public origin", check_origin),
    ("certificate", check_certificate),
    ("webhooks", check_webhooks),
    ("media stream", check_stream),
    ("Lambda capacity", check_capacity),
    ("Twilio credentials", check_twilio),
    ("Deepgram", check_deepgram),
    ("numbers", check_numbers),
    ("mailboxes", check_mailboxes),
    ("alarms", check_alarms),
)


def examine(instruments: Instruments) -> list[Finding]:
    """Return what all checks find; one that cannot look is a finding too."""
    findings = []
    for subject, check in CHECKS:
        try:
            findings += check(instruments)
        except (OperationError, TelephonyError) as exc:
            findings.append(Finding(subject, f"could not be looked at: {exc}", "mend the others, and try again"))
    return findings


def tell(findings: Sequence[Finding], terminal: Terminal) -> None:
    """Say what was found. Raises: OperationError when anything is wrong, so that the command fails."""
    for each in findings:
        terminal.say(f"ok     {each.subject}" if each.is_ok else f"WRONG  {each.subject}: {each.wrong}")
        if not each.is_ok:
            terminal.say(f"       mend: {each.mend}")
    wrong = sum(not each.is_ok for each in findings)
    if wrong:
        raise OperationError(f"{wrong} of {len(findings)} are wrong")
    terminal.say(f"All {len(findings)} are well.")
