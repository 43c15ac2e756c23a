"""Who may use the server."""

import hmac
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from local.deepgram.refusals import INVALID_CREDENTIALS, Refused


@dataclass(frozen=True, slots=True)
class Access:
    """The good credentials: keys for `Token`, short-lived tokens for `Bearer`. Neither is good as the other."""

    api_keys: Collection[str]
    bearer_tokens: Collection[str]

    def check(self, headers: Mapping[str, str], subprotocols: Sequence[str] = ()) -> str | None:
        """Return the subprotocol to answer a handshake with, None if there is none. Raises: Refused, with 401.

        Browsers cannot set a header on a WebSocket: they offer the scheme and the secret as two subprotocols.
        """
        scheme, _, secret = headers.get("authorization", "").partition(" ")
        chosen = None
        if not scheme and len(subprotocols) > 1:
            chosen, secret = subprotocols[0], subprotocols[1]
            scheme = chosen
        good = {"token": self.api_keys, "bearer": self.bearer_tokens}.get(scheme.lower(), ())
        if not any(hmac.compare_digest(secret.strip().encode(), one.encode()) for one in good):
            raise Refused(INVALID_CREDENTIALS)
        return chosen
