"""Who is asking: a JWT of the configured issuer, checked on every request.

Only RS256 is accepted, whatever the token's header says, and keys come from the issuer's published set alone.
Source: RFC 7519, RFC 7517, RFC 8725 (best practices), RFC 6750 (how to refuse).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NewType, Protocol

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from telephony.errors import TelephonyError, UpstreamError
from telephony.mailboxes import Mailbox

Subject = NewType("Subject", str)
"""A JWT's `sub`: whom the issuer says is asking."""

ACCESS: Final = "access"
"""Cognito's word, in `token_use`, for a token that is to be shown to an API."""

ALGORITHM: Final = "RS256"
LEEWAY_S: Final = 30
"""How far our clock and the issuer's may be apart."""
MAX_TOKEN_CHARACTERS: Final = 8_192
KEYS_LIFETIME_S: Final = 300
KEYS_TIMEOUT_S: Final = 3
"""People wait for the answer while the keys are fetched."""


class Scope(StrEnum):
    """What a token lets its bearer do; none of them implies another."""

    READ = "ringscribe/read"
    """Read calls, transcripts and sound."""
    MANAGE = "ringscribe/manage"
    """Change mailboxes, marks and deliveries, and have things done that can be undone."""
    ERASE = "ringscribe/erase"
    """Erase for good."""


class TokenFault(StrEnum):
    """Why a request was refused, in the words of RFC 6750."""

    MISSING = "missing"
    INVALID = "invalid_token"
    SCOPE = "insufficient_scope"


class TokenError(TelephonyError):
    """A request came without the right to; `fault` says why, and no more than that.

    Attributes:
        scope: the one that the token lacks; None unless that is the fault.
    """

    def __init__(self, fault: TokenFault, scope: Scope | None = None) -> None:
        super().__init__(f"token refused: {fault}" + ("" if scope is None else f", {scope} is needed"))
        self.fault = fault
        self.scope = scope


class KeyResolver(Protocol):
    """The issuer's public keys."""

    def key(self, key_id: str) -> RSAPublicKey | None:
        """Return the key of that name; None if the issuer has none. Raises: UpstreamError."""
        ...


class JwksKeys:
    """The keys that the issuer publishes, kept for a while; an unknown one makes it look again, now and then."""

    def __init__(self, url: str) -> None:
        self._client = jwt.PyJWKClient(url, lifespan=KEYS_LIFETIME_S, timeout=KEYS_TIMEOUT_S)

    def key(self, key_id: str) -> RSAPublicKey | None:
        """Return the key of that name; None if the issuer has none. Raises: UpstreamError."""
        try:
            self._client.get_signing_keys()  # so that below only an unknown name is left to be wrong
        # ValueError: what came is not JSON.
        except (jwt.PyJWTError, ValueError) as exc:
            raise UpstreamError("jwks", type(exc).__name__, retryable=True) from exc
        try:
            key = self._client.get_signing_key(key_id).key
        except (jwt.PyJWKClientConnectionError, jwt.PyJWKSetError, ValueError) as exc:
            raise UpstreamError("jwks", type(exc).__name__, retryable=True) from exc
        except jwt.PyJWKClientError:
            return None
        return key if isinstance(key, RSAPublicKey) else None


@dataclass(frozen=True, slots=True)
class TokenVerifier:
    """Checks tokens against one issuer and its audience.

    Attributes:
        audience: whom a token may be meant for, with spaces between.
    """

    keys: KeyResolver
    issuer: str
    audience: str

    def subject(self, token: str, scope: Scope) -> Subject:
        """Return whose token it is, which must have *scope*.

        Raises: TokenError, UpstreamError if the issuer's keys cannot be had.
        """
        key = self.keys.key(_key_id(token))
        if key is None:
            raise TokenError(TokenFault.INVALID)
        try:
            claims = jwt.decode(
                token,
                key,
                algorithms=[ALGORITHM],
                issuer=self.issuer,
                leeway=LEEWAY_S,
                options={"require": ["exp", "iss", "sub"], "verify_aud": False},
            )
        except jwt.PyJWTError as exc:
            raise TokenError(TokenFault.INVALID) from exc
        if not self._is_for_us(claims):
            raise TokenError(TokenFault.INVALID)
        # An issuer that says what its tokens are for: one that shows who somebody is opens nothing.
        if not claims["sub"] or claims.get("token_use", ACCESS) != ACCESS:
            raise TokenError(TokenFault.INVALID)
        given = claims.get("scope")
        if not isinstance(given, str) or scope not in given.split():
            raise TokenError(TokenFault.SCOPE, scope)
        return Subject(claims["sub"])

    def _is_for_us(self, claims: Mapping[str, object]) -> bool:
        """Tell by `aud`; where there is none, by the client that the token was given to, as Cognito's tokens have it.

        Source: Amazon Cognito developer guide, "Understanding the access token".
        """
        meant = claims.get("aud", claims.get("client_id"))
        return any(each in self.audience.split() for each in (meant if isinstance(meant, list) else [meant]))


def _key_id(token: str) -> str:
    """Return the name of the key that signed *token*, refusing other algorithms before any key is fetched for them."""
    if len(token) > MAX_TOKEN_CHARACTERS:
        raise TokenError(TokenFault.INVALID)
    try:
        header = jwt.get_unverified_header(token)
    # RecursionError: the header is JSON, and "[[[[..." fits in it.
    except (jwt.PyJWTError, RecursionError, ValueError) as exc:
        raise TokenError(TokenFault.INVALID) from exc
    key_id = header.get("kid")
    if header.get("alg") != ALGORITHM or not isinstance(key_id, str):
        raise TokenError(TokenFault.INVALID)
    return key_id


def may_read(subject: Subject, mailbox: Mailbox) -> bool:
    """Whether *subject* may see *mailbox* and its calls."""
    return subject in mailbox.readers
