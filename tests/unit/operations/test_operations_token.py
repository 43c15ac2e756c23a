"""A person signs in in a browser, and the terminal has a token; anybody else who comes to the door gets nothing."""

import base64
import hashlib
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import httpx
import pytest

from infra.identity import LOOPBACK, RESOURCE, SCOPES
from operations import token
from operations.errors import OperationError
from operations.token import SignIn
from tests.fakes.terminal import ScriptedTerminal

POOL = "https://ringscribe.auth.example"

ALL_SCOPES = " ".join(["openid", *(f"{RESOURCE}/{scope}" for scope in SCOPES)])


@dataclass
class Pool:
    """A token endpoint that knows one code, and its proof."""

    status: int = 200
    answer: str = '{"access_token": "t0ken"}'
    challenge: str = ""
    asked: list[Mapping[str, str]] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        form = dict(parse_qsl(request.content.decode()))
        self.asked.append(form)
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        proof = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        assert str(request.url) == f"{POOL}/oauth2/token"
        is_good = (form["code"], form["redirect_uri"], proof) == ("c0de", LOOPBACK, self.challenge)
        return httpx.Response(self.status, text=self.answer) if is_good else httpx.Response(400, json={})


class Browser:
    """Comes back from the sign-in page with what *answers* make of the question's state."""

    def __init__(self, port: int, pool: Pool, answers: list[Callable[[str], str]]) -> None:
        self._port, self._pool, self._answers = port, pool, answers
        self.statuses: list[int] = []
        self.thread: threading.Thread | None = None

    def __call__(self, address: str) -> bool:
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        self._pool.challenge = asked["code_challenge"]
        self.thread = threading.Thread(target=self._visit, args=(asked["state"],))
        self.thread.start()
        return True

    def _visit(self, state: str) -> None:
        for answer in self._answers:
            with suppress(httpx.HTTPError):
                url = f"http://localhost:{self._port}{answer(state)}"
                self.statuses.append(httpx.get(url, timeout=10, trust_env=False).status_code)


@dataclass
class Scene:
    port: int
    terminal: ScriptedTerminal = field(default_factory=ScriptedTerminal)
    pool: Pool = field(default_factory=Pool)
    browsers: list[Browser] = field(default_factory=list)

    def run(self, *answers: Callable[[str], str], wait_s: float = 20) -> str:
        browser = Browser(self.port, self.pool, list(answers))
        self.browsers.append(browser)
        with httpx.Client(transport=httpx.MockTransport(self.pool)) as http:
            return SignIn(POOL, "people", self.terminal, http, browser, port=self.port, wait_s=wait_s).run()


@pytest.fixture
def scene() -> Iterator[Scene]:
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        port = probe.getsockname()[1]
    made = Scene(port)
    yield made
    for browser in made.browsers:
        if browser.thread is not None:
            browser.thread.join(timeout=15)


def back(**answer: str) -> Callable[[str], str]:
    return lambda state: f"/signed-in?{urlencode({'state': state, **answer})}"


def test_whoever_signs_in_has_a_token(scene: Scene) -> None:
    assert scene.run(back(code="c0de")) == "t0ken"
    (form,) = scene.pool.asked
    assert (form["grant_type"], form["client_id"]) == ("authorization_code", "people")


def test_the_address_is_also_shown_for_who_has_no_browser_here(scene: Scene) -> None:
    scene.run(back(code="c0de"))
    (said,) = scene.terminal.said
    asked = dict(parse_qsl(urlsplit(said.partition(": ")[2]).query))
    assert (asked["redirect_uri"], asked["scope"]) == (LOOPBACK, ALL_SCOPES)
    assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")


def test_an_answer_to_another_question_is_turned_away_and_the_right_one_still_taken(scene: Scene) -> None:
    forged = [lambda _: "/signed-in?code=evil&state=guess", lambda _: "/favicon.ico", lambda _: "/signed-in"]
    assert scene.run(*forged, back(code="c0de")) == "t0ken"
    assert [form["code"] for form in scene.pool.asked] == ["c0de"]
    assert scene.browsers[0].statuses[:3] == [404, 404, 404]


def test_a_refusal_is_said(scene: Scene) -> None:
    with pytest.raises(OperationError, match="nobody was signed in: access_denied"):
        scene.run(back(error="access_denied"))


def test_nobody_is_waited_for_for_ever(scene: Scene) -> None:
    with pytest.raises(OperationError, match="within 0 s"):
        scene.run(wait_s=0.05)
    assert token.WAIT_LIMIT_S <= 600


@pytest.mark.parametrize(
    ("status", "answer", "words"),
    [(400, "{}", "answers 400"), (200, "{}", "answers 200"), (200, "no JSON", "JSONDecodeError")],
)
def test_a_pool_that_gives_no_token_is_named(scene: Scene, status: int, answer: str, words: str) -> None:
    scene.pool.status, scene.pool.answer = status, answer
    with pytest.raises(OperationError, match=words):
        scene.run(back(code="c0de"))


def test_a_port_that_is_taken_is_named(scene: Scene) -> None:
    with socket.socket() as other:
        other.bind(("localhost", scene.port))
        other.listen()
        with pytest.raises(OperationError, match=f"port {scene.port}"):
            scene.run()


def test_the_redirect_is_the_one_that_the_stacks_client_knows() -> None:
    assert token.REDIRECT == LOOPBACK
    assert token.SCOPES == ALL_SCOPES
