"""Signature: the proof that a request comes from Twilio.

Source: https://www.twilio.com/docs/usage/security
"""

import hmac
import re
from collections.abc import Iterable, Mapping

from twilio.request_validator import RequestValidator

from telephony.wire.form import Form

SIGNATURE_HEADER = "X-Twilio-Signature"

_URL = re.compile(
    r"(?P<scheme>https?|wss?)://(?:[^/?#@]*@)?(?P<host>\[[^/?#\]]*\]|[^/?#:]*)(?P<port>:[0-9]+)?(?P<rest>[/?].*)?",
    re.DOTALL,
)
_DEFAULT_PORT = {"http": ":80", "https": ":443", "ws": ":80", "wss": ":443"}


class SignatureVerifier:
    """Verifies signatures made with any of *tokens*: the current one and, during a rotation, the one before it."""

    def __init__(self, tokens: Iterable[str]) -> None:
        self._validators = tuple(RequestValidator(token) for token in tokens)

    def verify_form(self, url: str, form: Form | Mapping[str, str], signature: str | None) -> bool:
        """Tell whether Twilio posted *form* to *url*. Never raises.

        *url* is the configured origin and what followed it in the request, byte for byte: its scheme and host must
        not come from a header, which whoever sends the request can choose.
        """
        return self._verify(_spellings(url), form, signature)

    def verify_upgrade(self, url: str, signature: str | None) -> bool:
        """Tell whether Twilio opened the WebSocket at *url*, the `wss:` address that the TwiML gave. Never raises.

        The signature of an address is the same for every call, so it proves the sender and not the call: a stream
        also needs its one-time ticket.
        """
        # Twilio's security page: if validating the handshake gives trouble, append a "/" to the address.
        bare = url.partition("#")[0].rstrip("/")
        return self._verify((*_spellings(bare), *_spellings(f"{bare}/")), {}, signature)

    def _verify(self, urls: Iterable[str], form: Form | Mapping[str, str], signature: str | None) -> bool:
        # Not RequestValidator.validate(): it raises without a signature, takes port 80 for the default of wss, and
        # changes addresses that carry a user name or an IPv6 host.
        claimed = (signature or "").encode("utf-8", "replace")
        is_valid = False
        for url in urls:
            for validator in self._validators:
                try:
                    expected = validator.compute_signature(url, form)
                except UnicodeEncodeError:  # a lone surrogate; Twilio signs UTF-8
                    continue
                is_valid |= hmac.compare_digest(expected.encode(), claimed)
        return is_valid


def _spellings(url: str) -> tuple[str, ...]:
    """Return the ways to write *url* that Twilio may have signed: without user name, with and without its port.

    Source: the same page: over HTTPS the port is left out for voice, and kept for messages.
    """
    match = _URL.fullmatch(url.partition("#")[0])
    if match is None:
        return ()
    scheme, host, port, rest = match.group("scheme", "host", "port", "rest")
    ports = ("", port or _DEFAULT_PORT[scheme])
    return tuple(f"{scheme}://{host}{each}{rest or ''}" for each in ports)
