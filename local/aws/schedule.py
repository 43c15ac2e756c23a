"""Schedule: what stands between the clock and a Lambda handler."""

import traceback
from threading import Event
from typing import Final
from uuid import uuid4

from local.aws.delivery import Context, Handler

EVENT: Final = {"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}}


class Schedule:
    """Calls a handler every so many seconds, one run after the other; a failed run is not repeated."""

    def __init__(self, handler: Handler, every_s: float) -> None:
        self._handler = handler
        self._every_s = every_s

    def run(self, stop: Event) -> None:
        """Call until *stop* is set."""
        while not stop.wait(self._every_s):
            try:
                self._handler(EVENT, Context("on_schedule", str(uuid4())))
            except Exception:  # noqa: BLE001 - Lambda's own edge: whatever a handler raises is a failed invocation
                traceback.print_exc()
