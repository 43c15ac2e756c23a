"""What every HookPoster promises, on a program of our own on loopback."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from local.certificate import Certificate
from telephony.errors import UpstreamError
from telephony.rest.hook_poster import HttpHookPoster, resolve

BODY = '{"words": "Grüße"}'.encode()
HEADERS = {"Ringscribe-Event-Id": "CA1:call.missed"}


class _Program(HTTPServer):
    """A program that takes what it is told, and answers with `status`."""

    status = 204
    answer = b""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.got: list[tuple[str, dict[str, str], bytes]] = []


class _Handler(BaseHTTPRequestHandler):
    server: _Program

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((self.path, dict(self.headers.items()), body))
        self.send_response(self.server.status)
        self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", str(len(self.server.answer)))
        self.end_headers()
        with suppress(OSError):  # nobody reads so much
            self.wfile.write(self.server.answer)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def _serving(program: _Program) -> Iterator[_Program]:
    thread = threading.Thread(target=program.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield program
    finally:
        program.shutdown()
        program.server_close()
        thread.join()


@pytest.fixture
def program() -> Iterator[_Program]:
    with _serving(_Program()) as program:
        yield program


def _leading_to(*addresses: str) -> Callable[[str, int], Sequence[str]]:
    return lambda _host, _port: addresses


def _local(limit_s: float = 5) -> HttpHookPoster:
    return HttpHookPoster(may_be_local=True, limit_s=limit_s)


def _trouble(poster: HttpHookPoster, url: str) -> UpstreamError:
    with pytest.raises(UpstreamError) as caught:
        poster.post(url, BODY, HEADERS)
    assert caught.value.service == "webhook"
    return caught.value


def test_a_program_gets_the_body_as_it_is_and_the_headers(program: _Program) -> None:
    _local().post(f"http://127.0.0.1:{program.server_port}/hook?of=a%20b", BODY, HEADERS)

    ((path, headers, body),) = program.got
    assert (path, body) == ("/hook?of=a%20b", BODY)
    assert headers["Content-Type"] == "application/json"
    assert headers["Ringscribe-Event-Id"] == "CA1:call.missed"
    assert headers["Host"] == f"127.0.0.1:{program.server_port}"


def test_an_address_without_a_path_is_asked_at_its_root(program: _Program) -> None:
    _local().post(f"http://127.0.0.1:{program.server_port}", BODY, HEADERS)

    assert program.got[0][0] == "/"


@pytest.mark.parametrize("status", [302, 308, 400, 404, 409, 429, 500, 503])
def test_what_a_program_does_not_take_may_be_told_again(program: _Program, status: int) -> None:
    program.status = status

    trouble = _trouble(_local(), f"http://127.0.0.1:{program.server_port}/")

    assert (trouble.code, trouble.retryable) == (str(status), True)
    assert [path for path, _, _ in program.got] == ["/"], "no redirect is followed"


def test_a_program_that_is_gone_is_told_no_more(program: _Program) -> None:
    program.status = 410

    trouble = _trouble(_local(), f"http://127.0.0.1:{program.server_port}/")

    assert (trouble.code, trouble.retryable, trouble.is_uncertain) == ("410", False, False)


def test_of_a_long_answer_only_the_beginning_is_read(program: _Program) -> None:
    program.status, program.answer = 200, b"x" * 10_000_000

    _local().post(f"http://127.0.0.1:{program.server_port}/", BODY, HEADERS)

    assert len(program.got) == 1


def test_a_program_that_is_not_there_may_be_told_again() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as probe:
        port = probe.getsockname()[1]

    assert _trouble(_local(), f"http://127.0.0.1:{port}/").code == "connection"


def test_a_program_that_says_nothing_in_time_may_be_told_again() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        trouble = _trouble(_local(limit_s=0.2), f"http://127.0.0.1:{silent.getsockname()[1]}/")

    assert (trouble.code, trouble.retryable) == ("timeout", True)


def test_a_program_that_says_a_letter_now_and_then_is_given_up_all_the_same() -> None:
    done = threading.Event()

    def drip(listener: socket.socket) -> None:
        peer, _ = listener.accept()
        with closing(peer):
            while not done.wait(0.05):
                try:
                    peer.send(b"H")
                except OSError:
                    return

    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        thread = threading.Thread(target=drip, args=(listener,))
        thread.start()
        trouble = _trouble(_local(limit_s=0.3), f"http://127.0.0.1:{listener.getsockname()[1]}/")
        done.set()
        thread.join(10)

    assert (trouble.code, trouble.retryable) == ("timeout", True)


def test_time_is_up_also_when_the_name_takes_all_of_it(program: _Program) -> None:
    is_up = threading.Event()

    def slow(_host: str, _port: int) -> Sequence[str]:
        is_up.wait(0.3)
        return ["127.0.0.1"]

    poster = HttpHookPoster(may_be_local=True, resolve=slow, limit_s=0.1)

    assert _trouble(poster, f"http://slow.example:{program.server_port}/").code == "timeout"
    assert program.got == []


@pytest.mark.parametrize(
    "addresses",
    [
        ("127.0.0.1",),
        ("10.0.0.1",),
        ("172.16.0.1",),
        ("192.168.1.1",),
        ("169.254.169.254",),
        ("100.64.0.1",),
        ("0.0.0.0",),  # noqa: S104 - refused
        ("::1",),
        ("fe80::1",),
        ("fd00:ec2::254",),
        ("::ffff:169.254.169.254",),
        ("64:ff9b::a9fe:a9fe",),
        ("2002:7f00:1::",),
        ("1.1.1.1", "10.0.0.1"),
    ],
)
def test_a_name_that_leads_into_a_private_network_is_not_asked(program: _Program, addresses: tuple[str, ...]) -> None:
    poster = HttpHookPoster(resolve=_leading_to(*addresses))

    trouble = _trouble(poster, f"https://innocent.example:{program.server_port}/")

    assert (trouble.code, trouble.retryable) == ("private-address", False)
    assert program.got == []


def test_without_tls_nothing_is_told() -> None:
    trouble = _trouble(HttpHookPoster(resolve=_leading_to("1.1.1.1")), "http://innocent.example/")

    assert (trouble.code, trouble.retryable) == ("no-https", False)


def test_a_name_that_leads_nowhere_may_be_told_again() -> None:
    def unknown(_host: str, _port: int) -> Sequence[str]:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    assert _trouble(HttpHookPoster(resolve=unknown), "https://nowhere.example/").code == "connection"


def test_of_several_addresses_one_that_lambda_reaches_is_asked(program: _Program) -> None:
    poster = HttpHookPoster(may_be_local=True, resolve=_leading_to("2001:db8::1", "127.0.0.1"))

    poster.post(f"http://both.example:{program.server_port}/", BODY, HEADERS)

    assert program.got[0][1]["Host"] == f"both.example:{program.server_port}"


def test_the_system_knows_its_own_name() -> None:
    assert set(resolve("localhost", 80)) <= {"127.0.0.1", "::1"}


@pytest.mark.parametrize(("name", "is_trusted"), [("crm.example", True), ("other.example", False)])
def test_a_program_is_told_only_if_its_certificate_has_its_name(tmp_path: Path, name: str, is_trusted: bool) -> None:
    certificate = Certificate.make(tmp_path, name)
    program, serving, trust = _Program(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    serving.load_cert_chain(certificate.path, certificate.key_path)
    trust.load_verify_locations(certificate.path)
    # A handshake that fails must fail in its own thread, not in the one that accepts.
    program.socket = serving.wrap_socket(program.socket, server_side=True, do_handshake_on_connect=False)
    poster = HttpHookPoster(may_be_local=True, resolve=_leading_to("127.0.0.1"), trust=trust)

    with _serving(program):
        url = f"https://crm.example:{program.server_port}/"
        if is_trusted:
            poster.post(url, BODY, HEADERS)
        else:
            assert _trouble(poster, url).code == "tls"

    assert len(program.got) == is_trusted
