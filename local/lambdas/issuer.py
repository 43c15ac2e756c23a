"""A JWT issuer for one machine: it makes its key when it starts, publishes it, and gives its tokens away."""

import json
from datetime import UTC, datetime, timedelta

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

KEY_ID = "local"
JWKS_PATH = "/local/jwks.json"
AUDIENCE = "ringscribe-local"
SUBJECT = "owner"
SCOPE = "ringscribe/read ringscribe/manage ringscribe/erase"
LIFETIME = timedelta(hours=12)


class Issuer:
    """Signs tokens for the one person who sits at this machine."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def token(self) -> str:
        """Return a token with which SUBJECT may do everything for LIFETIME."""
        now = datetime.now(UTC)
        claims = {
            "iss": self._name,
            "aud": AUDIENCE,
            "sub": SUBJECT,
            "scope": SCOPE,
            "iat": now,
            "exp": now + LIFETIME,
        }
        return jwt.encode(claims, self._key, algorithm="RS256", headers={"kid": KEY_ID})

    @property
    def route(self) -> Route:
        """Where the public key is published."""
        key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self._key.public_key()))
        key_set = {"keys": [{**key, "kid": KEY_ID, "use": "sig", "alg": "RS256"}]}

        async def jwks(_: Request) -> Response:
            return JSONResponse(key_set)

        return Route(JWKS_PATH, jwks)
