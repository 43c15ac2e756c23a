"""How the table's changes and the follow-up queue reach the pipeline. Infra and local AWS both read it here.

Nothing in here reaches boto3.
"""

from typing import Final

CHANGES_BATCH: Final = 10
"""Most changes are of the same calls, each of which is followed once."""
CHANGE_RETRIES: Final = 5
"""Of a change that fails, beside its first turn."""

FOLLOW_UPS_BATCH: Final = 1
"""They are rare, and one that is slow takes all the time there is."""
FOLLOW_UP_ATTEMPTS: Final = 5
"""How often a follow-up is tried before it goes to the queue of the failed."""
