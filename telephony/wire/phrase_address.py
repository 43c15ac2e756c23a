"""The name under which Twilio fetches a phrase: which one it is, and a signature that only we can make.

The address stays the same for as long as Twilio's token does, so that Twilio can keep the sound.
"""

import hashlib
import hmac
import re
from collections.abc import Iterable
from typing import Final

from telephony.errors import NotFoundError
from telephony.phrases import PhraseDigest

_NAME: Final = re.compile(r"([0-9a-f]{64})\.([0-9a-f]{32})\.wav", re.ASCII)
_MAC_DIGITS: Final = 32
"""128 bits."""


def write(digest: PhraseDigest, secret: str) -> str:
    """Return the signed name of a phrase."""
    return f"{digest}.{_signature(digest, secret)}.wav"


def read(name: str, secrets: Iterable[str]) -> PhraseDigest:
    """Return whose name it is. Raises: NotFoundError unless one of *secrets* signed it."""
    found = _NAME.fullmatch(name)
    if found is None:
        raise NotFoundError("phrase")
    digest = PhraseDigest(found[1])
    if not any(hmac.compare_digest(_signature(digest, secret), found[2]) for secret in secrets):
        raise NotFoundError("phrase")
    return digest


def _signature(digest: PhraseDigest, secret: str) -> str:
    return hmac.new(secret.encode(), b"ringscribe phrase " + digest.encode(), hashlib.sha256).hexdigest()[:_MAC_DIGITS]
