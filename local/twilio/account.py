"""The one account that the simulated Twilio knows: its secrets sign what is sent and admit who may call the API."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit, urlunsplit


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A Twilio account with its primary token and, where given, one API key."""

    sid: str
    auth_token: str = field(repr=False)
    api_key: str = ""
    api_secret: str = field(default="", repr=False)

    def sign(self, url: str, params: Mapping[str, str] | None = None) -> str:
        """Return the X-Twilio-Signature of a request of *params* to *url*, both as they are sent.

        Source: https://www.twilio.com/docs/usage/security
        """
        text = signed_url(url) + "".join(name + value for name, value in sorted((params or {}).items()))
        digest = hmac.new(self.auth_token.encode(), text.encode(), hashlib.sha1).digest()
        return base64.b64encode(digest).decode()

    def admits(self, authorization: str | None) -> bool:
        """Tell whether the header is HTTP Basic with the account's token or its API key."""
        scheme, _, encoded = (authorization or "").partition(" ")
        if scheme.lower() != "basic":
            return False
        try:
            user, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return False
        known = {self.sid: self.auth_token}
        if self.api_key:
            known[self.api_key] = self.api_secret
        return hmac.compare_digest(password.encode(), known.get(user, "").encode()) and user in known


def signed_url(url: str) -> str:
    """Return the part of *url* that is signed: no fragment, no user, and no port when the scheme is https."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    if parts.scheme == "https" and parts.port is not None:
        host = host.rpartition(":")[0]
    return urlunsplit((parts.scheme, host, parts.path, parts.query, ""))
