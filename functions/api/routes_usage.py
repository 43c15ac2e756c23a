"""What a mailbox uses."""

from datetime import UTC, date, timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Query

from functions.api.access import Ports, ReadableMailbox
from functions.api.models_usage import UsageOut
from functions.api.problems import COMMON_PROBLEMS, documented
from telephony.usage import MOST_DAYS

USUAL_DAYS: Final = 30

router = APIRouter(prefix="/api/mailboxes/{mailbox_id}", tags=["mailboxes"])


@router.get("/usage", summary="Show what a mailbox used, day by day", responses=documented(*COMMON_PROBLEMS))
def show_usage(
    ports: Ports,
    mailbox: ReadableMailbox,
    since: Annotated[date | None, Query(description="The first day; 30 days before the last one if not given.")] = None,
    until: Annotated[date | None, Query(description="The last day; today, in UTC, if not given.")] = None,
) -> UsageOut:
    """Show what the calls of each day came to; of a span of more than 366 days the last ones.

    A call counts on the day it began, with what was known when nothing more was expected of it: most often a minute
    after its end, a day at the latest. Messages that are sent again later do not count.
    """
    last = until or ports.clock.now().astimezone(UTC).date()
    first = since or _before(last, USUAL_DAYS)
    first = max(first, _before(last, MOST_DAYS - 1))
    return UsageOut.of(first, last, ports.usage.days(mailbox.id, first, last) if first <= last else ())


def _before(day: date, days: int) -> date:
    return day - timedelta(days=min(days, day.toordinal() - 1))
