"""Texts nobody who asked not to be texted."""

from datetime import datetime

from telephony.errors import TelephonyError, UpstreamError
from telephony.log import logger
from telephony.numbers import E164, is_withheld
from telephony.opt_outs import OPTED_OUT, REFUSED_CODE, OptOut, OptOutSource
from telephony.ports.services import Clock, Texter
from telephony.ports.telling import OptOutStore

SERVICE = "twilio"


class ConsentingTexter:
    """A Texter that asks first whether the recipient wants SMS, and learns it from Twilio's refusals."""

    def __init__(self, texter: Texter, opt_outs: OptOutStore, clock: Clock) -> None:
        self._texter = texter
        self._opt_outs = opt_outs
        self._clock = clock

    def send(self, to: E164, sender: E164, text: str) -> str:
        """Send, and return the service's reference.

        Raises: UpstreamError; with the code "opted-out", or "withheld-number", if nothing was attempted.
        """
        if is_withheld(to):
            raise UpstreamError(SERVICE, "withheld-number", retryable=False)
        known = self._opt_outs.opt_out(to, sender)
        if known is not None and known.holds(self._clock.now()):
            raise UpstreamError(SERVICE, OPTED_OUT, retryable=False)
        try:
            return self._texter.send(to, sender, text)
        except UpstreamError as exc:
            if exc.code == REFUSED_CODE:
                self._remember(to, sender)
            raise

    def find(self, to: E164, sender: E164, marker: str, since: datetime) -> str | None:
        """Return the reference of an SMS with *marker* in its text that was taken since then, or None."""
        return self._texter.find(to, sender, marker, since)

    def _remember(self, to: E164, sender: E164) -> None:
        try:
            self._opt_outs.mark(OptOut(to, sender, self._clock.now(), OptOutSource.REFUSAL))
        except TelephonyError as exc:  # the next refusal will say it again
            logger().warning("opt-out-unwritten", error=str(exc))
