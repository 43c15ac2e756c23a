"""NumberSource on Twilio's IncomingPhoneNumbers resource.

Source: https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource
"""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from telephony.errors import NotFoundError, UpstreamError
from telephony.number_addresses import NumberAddresses, NumberSid, OwnedNumber
from telephony.numbers import E164
from telephony.ports.services import SecretStore
from telephony.rest.client import NOT_FOUND, TwilioClient

if TYPE_CHECKING:
    from twilio.rest import Client

MAX_FOUND: Final = 20
"""Twilio finds numbers that hold the digits asked for; no other number of an account does, unless it is longer."""


class TwilioNumbers:
    """The account's numbers; see `telephony.ports.NumberSource`."""

    def __init__(self, secrets: SecretStore, api_origin: str) -> None:
        self._client = TwilioClient(secrets, api_origin)

    def find(self, number: E164) -> OwnedNumber:
        """Return a number as it is now.

        Raises: NotFoundError if the account does not own it; UpstreamError with Twilio's code; ConfigurationError.
        """

        def search(client: "Client") -> OwnedNumber | None:
            found = client.incoming_phone_numbers.list(phone_number=number, limit=MAX_FOUND)
            return next((_read(each) for each in found if each.phone_number == number), None)

        owned = self._client.ask(search)
        if owned is None:
            raise NotFoundError("number")
        return owned

    def change(self, sid: NumberSid, addresses: NumberAddresses) -> None:
        """Have Twilio ask these from the next call on. Raises: as `find`."""
        try:
            self._client.ask(lambda client: client.incoming_phone_numbers(sid).update(**asdict(addresses)))
        except UpstreamError as exc:
            if exc.code in NOT_FOUND:
                raise NotFoundError("number") from exc
            raise


def _read(found: Any) -> OwnedNumber:  # noqa: ANN401 - the library's class is not typed
    trunk, application = found.trunk_sid, found.voice_application_sid
    return OwnedNumber(
        sid=NumberSid(found.sid),
        number=E164(found.phone_number),
        addresses=NumberAddresses(
            voice_url=found.voice_url or "",
            voice_method=found.voice_method or "POST",
            voice_fallback_url=found.voice_fallback_url or "",
            voice_fallback_method=found.voice_fallback_method or "POST",
            status_callback=found.status_callback or "",
            status_callback_method=found.status_callback_method or "POST",
            sms_url=found.sms_url or "",
            sms_method=found.sms_method or "POST",
        ),
        overruled_by="trunk" if trunk else "application" if application else "",
        has_sms_application=bool(found.sms_application_sid),
    )
