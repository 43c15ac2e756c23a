"""Who may ask: every way in which a token can be wrong."""

import base64
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import jwt
import pytest

from functions.api.auth import JwksKeys, Scope, TokenError, TokenVerifier
from telephony.errors import UpstreamError
from tests import examples
from tests.fakes.table import MemoryTable
from tests.unit.api.asking import AUDIENCE, ISSUER, KEY_ID, Gateway, Issuer, new_key

CALLS = f"/api/mailboxes/{examples.MAILBOX.id}/calls"


@pytest.fixture(autouse=True)
def _mailbox(table: MemoryTable) -> None:
    table.directory.put(examples.MAILBOX, ())


def test_a_good_token_is_let_in(api: Gateway, issuer: Issuer) -> None:
    assert api.get(CALLS, issuer.token()).status == 200


def test_a_token_that_says_it_is_for_an_api_is_let_in(api: Gateway, issuer: Issuer) -> None:
    assert api.get(CALLS, issuer.token(token_use="access")).status == 200


def test_one_of_several_audiences_may_be_ours(api: Gateway, issuer: Issuer) -> None:
    assert api.get(CALLS, issuer.token(aud=["another", AUDIENCE])).status == 200


def test_a_token_without_an_audience_is_meant_for_the_client_that_it_was_given_to(api: Gateway, issuer: Issuer) -> None:
    assert api.get(CALLS, issuer.token(aud=None, client_id=AUDIENCE)).status == 200


def test_each_of_our_audiences_is_ours(issuer: Issuer) -> None:
    verifier = TokenVerifier(issuer, ISSUER, f"people {AUDIENCE}")
    assert verifier.subject(issuer.token(), Scope.READ)
    assert verifier.subject(issuer.token(aud="people"), Scope.READ)
    for other in ("peop", f"people {AUDIENCE}", ""):
        with pytest.raises(TokenError):
            verifier.subject(issuer.token(aud=other), Scope.READ)


def test_without_a_token_the_answer_asks_for_one(api: Gateway) -> None:
    answer = api.get(CALLS)

    assert answer.status == 401
    assert answer.headers["www-authenticate"] == 'Bearer realm="ringscribe"'
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": 1},
        {"exp": None},
        {"exp": "soon"},
        {"nbf": 4_000_000_000},
        {"iss": "https://other.example"},
        {"iss": None},
        {"aud": "another"},
        {"aud": None},
        {"aud": None, "client_id": "another"},
        {"aud": None, "client_id": [{}]},
        {"aud": "another", "client_id": AUDIENCE},
        {"aud": [], "client_id": AUDIENCE},
        {"sub": None},
        {"sub": ""},
        {"token_use": "id"},
        {"token_use": ["access"]},
    ],
)
def test_a_token_with_a_wrong_claim_is_refused(api: Gateway, issuer: Issuer, changes: dict[str, object]) -> None:
    answer = api.get(CALLS, issuer.token(**changes))

    assert answer.status == 401
    assert answer.headers["www-authenticate"] == 'Bearer realm="ringscribe", error="invalid_token"'
    assert answer.json() == {
        "type": "about:blank",
        "title": "Unauthorized",
        "status": 401,
        "detail": "token refused: invalid_token",
    }


@pytest.mark.parametrize(
    "scope", [None, "", "ringscribe", "ringscribe/reader openid", "ringscribe/write", ["ringscribe/read"]]
)
def test_a_token_without_the_scope_is_forbidden(api: Gateway, issuer: Issuer, scope: object) -> None:
    answer = api.get(CALLS, issuer.token(scope=scope))

    assert answer.status == 403
    assert 'error="insufficient_scope", scope="ringscribe/read"' in answer.headers["www-authenticate"]
    assert answer.json()["detail"] == "token refused: insufficient_scope, ringscribe/read is needed"


def _unsigned(issuer: Issuer, **header: object) -> str:
    parts = ({"typ": "JWT", **header}, issuer.claims())
    head, claims = (base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)
    return f"{head}.{claims}."


def test_the_token_does_not_choose_its_algorithm(api: Gateway, issuer: Issuer) -> None:
    shared = jwt.encode(issuer.claims(), "a secret that is long enough for HS256", "HS256", headers={"kid": KEY_ID})
    stronger = jwt.encode(issuer.claims(), issuer.private_key, "RS512", headers={"kid": KEY_ID})
    unsigned = [_unsigned(issuer, alg=alg, kid=KEY_ID) for alg in ("none", "None", "NONE", "RS256", "")]

    assert {api.get(CALLS, token).status for token in (shared, stronger, *unsigned)} == {401}


def test_the_public_key_is_no_shared_secret(api: Gateway, issuer: Issuer) -> None:
    numbers = issuer.private_key.public_key().public_numbers()
    token = jwt.encode(issuer.claims(), str(numbers.n).encode(), "HS256", headers={"kid": KEY_ID})

    assert api.get(CALLS, token).status == 401


def test_another_key_under_the_same_name_is_refused(api: Gateway) -> None:
    forged = Issuer(new_key()).token()

    assert api.get(CALLS, forged).status == 401


@pytest.mark.parametrize("headers", [{}, {"kid": "key-2"}, {"kid": ""}])
def test_a_key_that_the_issuer_does_not_have_is_refused(
    api: Gateway, issuer: Issuer, headers: dict[str, object]
) -> None:
    token = jwt.encode(issuer.claims(), issuer.private_key, "RS256", headers=headers)

    assert api.get(CALLS, token).status == 401


@pytest.mark.parametrize(
    "authorization",
    ["Bearer", "Bearer ", "Bearer x", "Bearer a.b.c", "Bearer " + "a" * 9_000, "Basic YTpi", "x", "Bearer ü.ü.ü"],
)
def test_what_is_no_token_is_refused(api: Gateway, authorization: str) -> None:
    answer = api.send("GET", CALLS, {"host": "api.example", "authorization": authorization})

    assert answer.status == 401
    assert "www-authenticate" in answer.headers


def test_a_header_that_nests_without_end_is_refused(api: Gateway) -> None:
    header = base64.urlsafe_b64encode(b"[" * 5_000).decode().rstrip("=")

    assert api.get(CALLS, f"{header}.e30.x").status == 401


def test_a_token_is_asked_for_before_anything_else_is_looked_at(api: Gateway, table: MemoryTable) -> None:
    table.is_down = True

    assert api.get(CALLS, limit="0").status == 401
    assert api.get("/api/calls/CA1").status == 401


def test_an_issuer_out_of_reach_is_unavailable_and_not_unauthorized(api: Gateway, issuer: Issuer) -> None:
    issuer.failure = UpstreamError("jwks", "timeout", retryable=True)
    try:
        answer = api.get(CALLS, issuer.token())
    finally:
        issuer.failure = None

    assert answer.status == 503
    assert answer.headers["retry-after"] == "5"
    assert answer.json() == {"type": "about:blank", "title": "Service Unavailable", "status": 503}


class _Jwks(BaseHTTPRequestHandler):
    """Publishes `body`, and counts."""

    body = b""
    asked = 0

    def do_GET(self) -> None:
        type(self).asked += 1
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def published() -> Iterator[tuple[str, type[_Jwks]]]:
    handler = type("Published", (_Jwks,), {})
    with HTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/jwks.json", handler
        server.shutdown()
        thread.join(5)


def _jwk(issuer: Issuer, **more: str) -> dict[str, object]:
    return {**jwt.algorithms.RSAAlgorithm.to_jwk(issuer.private_key.public_key(), as_dict=True), **more}


def test_published_keys_are_fetched_once_and_checked_with(issuer: Issuer, published: tuple[str, type[_Jwks]]) -> None:
    url, jwks = published
    jwks.body = json.dumps({"keys": [_jwk(issuer, kid=KEY_ID, use="sig")]}).encode()
    tokens = TokenVerifier(JwksKeys(url), ISSUER, AUDIENCE)

    assert [tokens.subject(issuer.token(), Scope.READ) for _ in range(3)] == ["ada"] * 3
    with pytest.raises(TokenError):
        tokens.subject(jwt.encode(issuer.claims(), issuer.private_key, "RS256", headers={"kid": "key-2"}), Scope.READ)
    assert jwks.asked == 1


def test_a_published_key_of_another_kind_is_not_used(issuer: Issuer, published: tuple[str, type[_Jwks]]) -> None:
    url, jwks = published
    secret = {"kty": "oct", "kid": KEY_ID, "k": "c2VjcmV0", "alg": "HS256"}
    jwks.body = json.dumps({"keys": [secret, _jwk(issuer, kid="key-2")]}).encode()

    assert JwksKeys(url).key(KEY_ID) is None
    assert JwksKeys(url).key("key-2") is not None


@pytest.mark.parametrize("body", [b"", b"not json", b"[]", b'{"keys": []}', b'{"keys": [{"kty": "RSA"}]}', b"\xff"])
def test_published_nonsense_is_the_issuers_failure(published: tuple[str, type[_Jwks]], body: bytes) -> None:
    url, jwks = published
    jwks.body = body

    with pytest.raises(UpstreamError) as caught:
        JwksKeys(url).key(KEY_ID)

    assert caught.value.retryable


def test_keys_out_of_reach_are_the_issuers_failure() -> None:
    with HTTPServer(("127.0.0.1", 0), _Jwks) as server:
        url = f"http://127.0.0.1:{server.server_port}/jwks.json"  # free again once closed

    with pytest.raises(UpstreamError):
        JwksKeys(url).key(KEY_ID)
