"""Invariant: whatever a client sends as its wishes or its token, it is answered or refused, and nothing breaks."""

import base64
import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.api.auth import Scope, TokenError, TokenVerifier
from functions.api.formats import Format, acceptable
from functions.api.problems import NotAcceptableError
from tests.unit.api.asking import AUDIENCE, ISSUER, Issuer

RANGES = st.sampled_from(["*/*", "text/*", "application/json", "text/vtt", "audio/wav", ""]) | st.text(max_size=10)
QUALITIES = st.sampled_from(["", ";q=0", ";q=0.5", ";q=1.000", ";q=", ";q=nan", ";q=-1", ";level=1"])
WISHES = st.lists(st.tuples(RANGES, QUALITIES).map("".join), max_size=4).map(",".join)
PARTS = st.binary(max_size=40).map(lambda part: base64.urlsafe_b64encode(part).decode().rstrip("="))
HEADERS = st.sampled_from(
    [b'{"alg":"RS256","kid":"key-1"}', b'{"alg":"RS256","kid":[]}', b'{"alg":"none"}', b"[]", b"7"]
)
HEADS = HEADERS.map(lambda part: base64.urlsafe_b64encode(part).decode().rstrip("=")) | PARTS
TOKENS = st.tuples(HEADS, PARTS, PARTS).map(".".join) | st.text()
VERIFIER = TokenVerifier(Issuer(), ISSUER, AUDIENCE)


@given(WISHES | st.text())
def test_every_wish_gets_a_form_or_a_refusal(accept: str) -> None:
    with contextlib.suppress(NotAcceptableError):
        assert acceptable(accept) in Format


@given(TOKENS)
def test_no_made_up_token_is_let_in(token: str) -> None:
    with pytest.raises(TokenError):
        VERIFIER.subject(token, Scope.READ)
