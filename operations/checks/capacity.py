"""The capacity: may the account run enough functions at once, so that a caller's webhook always finds room?"""

from typing import Final

from operations.checks.finding import Finding
from operations.checks.instruments import Instruments

SUBJECT: Final = "Lambda capacity"

BACKGROUND: Final = 25
"""What the pipeline and the jobs may take at once; all functions of an account share what it has."""
FOR_CALLERS: Final = 25
"""What must be left for webhooks and the API: some twenty calls that come in the same second."""


def check_capacity(instruments: Instruments) -> list[Finding]:
    """Look how many functions the account may run at once. A new one may have 10."""
    limit = instruments.concurrent_executions()
    if limit >= BACKGROUND + FOR_CALLERS:
        return [Finding(SUBJECT)]
    wrong = (
        f"this AWS account may run {limit} functions at once, of which following calls may take {BACKGROUND}: "
        "a webhook that finds no room is turned away, and its caller hears an error"
    )
    mend = f"Service Quotas, AWS Lambda, Concurrent executions: ask for {BACKGROUND + FOR_CALLERS} or more; it is free"
    return [Finding(SUBJECT, wrong, mend)]
