"""The numbers: does Twilio ask us about their calls, and has each a mailbox whose people are told?"""

from operations.checks.finding import Finding
from operations.checks.instruments import Instruments
from telephony.errors import NotFoundError
from telephony.mailboxes import Mailbox
from telephony.numbers import E164
from telephony.pointing import Aim, Standing, why

_MAILBOX = "`make mailbox FILE=mailbox.json`, with the number in it"


def check_numbers(instruments: Instruments) -> list[Finding]:
    """Look where each number points."""
    numbers = instruments.deployment.numbers
    if not numbers:
        return [Finding("numbers", "no number points at us", "`make configure`, then `make deploy`")]
    return [_look(instruments, number) for number in numbers]


def _look(instruments: Instruments, number: E164) -> Finding:
    try:
        standing = instruments.pointer.standing(number)
    except NotFoundError as exc:
        return Finding(number, why(number, exc), "`make configure` takes other numbers")
    if standing.warning:
        return Finding(number, standing.warning, "then run `make doctor` again")
    return _of_aim(standing)


def _of_aim(standing: Standing) -> Finding:
    mend = "`make numbers DO=point`"
    match standing.aim:
        case Aim.US:
            return Finding(standing.number)
        case Aim.US_IN_PART:
            return Finding(standing.number, "its fallback, status or SMS address is not ours", mend)
        case Aim.NOBODY:
            return Finding(standing.number, "it asks nobody: calls to it are refused", mend)
        case _:
            return Finding(standing.number, f"its calls go to {standing.voice_url}", mend)


def check_mailboxes(instruments: Instruments) -> list[Finding]:
    """Look whether each number is answered, and whether the people of its mailbox are told."""
    confirmed = instruments.subscriptions()
    findings = []
    for number in instruments.deployment.numbers:
        try:
            _, mailbox = instruments.directory.answering(number)
        except NotFoundError:
            findings.append(Finding(f"mailbox of {number}", "it has none: callers hear an apology", _MAILBOX))
            continue
        findings += _of_mailbox(mailbox, confirmed)
    return findings


def _of_mailbox(mailbox: Mailbox, confirmed: dict[str, bool]) -> list[Finding]:
    subject = f"mailbox {mailbox.id}"
    if not mailbox.sms_recipients and not mailbox.email_recipients:
        return [Finding(subject, "nobody is told of its messages", "add sms_recipients or email_recipients to it")]
    findings = [Finding(subject)]
    for address in mailbox.email_recipients:
        who = f"{subject}, {address}"
        match confirmed.get(address):
            case True:
                findings.append(Finding(who))
            case False:
                mend = "its owner must click the link in the mail from AWS; `make mailbox` again sends another"
                findings.append(Finding(who, "has not confirmed: no e-mail is sent there", mend))
            case None:
                findings.append(Finding(who, "is not subscribed", f"{_MAILBOX} subscribes it"))
    return findings
