"""The telephone numbers that the account owns, and what answers them."""

from dataclasses import dataclass, field

from local.twilio.caller import Place


@dataclass(slots=True, kw_only=True)
class OwnNumber:
    """One number; its properties change through the REST API."""

    sid: str
    number: str
    friendly_name: str = ""
    voice_url: str = ""
    voice_method: str = "POST"
    voice_fallback_url: str = ""
    voice_fallback_method: str = "POST"
    status_callback: str = ""
    status_callback_method: str = "POST"
    sms_url: str = ""
    sms_method: str = "POST"
    place: Place = field(default_factory=Place)
