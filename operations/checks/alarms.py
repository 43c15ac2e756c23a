"""The alarms: is somebody told when one rings?"""

from operations.checks.finding import Finding
from operations.checks.instruments import Instruments

SUBJECT = "alarms"


def check_alarms(instruments: Instruments) -> list[Finding]:
    """Look whether whoever is to be told of alarms has agreed to it. To have nobody is a choice, and no fault."""
    findings = []
    for address, has_confirmed in instruments.alarm_subscriptions().items():
        mend = "its owner must click the link in the mail from AWS; subscribe it again in SNS if the link is too old"
        wrong = "" if has_confirmed else "has not confirmed: nobody there learns of alarms or of spending"
        findings.append(Finding(f"{SUBJECT}, {address}", wrong, "" if has_confirmed else mend))
    return findings
