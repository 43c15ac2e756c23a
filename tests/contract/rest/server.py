"""A small HTTP server on loopback that answers as a test says and remembers what it was asked."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered.

    Attributes:
        announced_bytes: the Content-Length, when it is to be another than the body's.
        is_lost: whether the connection is closed instead.
    """

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    announced_bytes: int | None = None
    is_lost: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked.

    Attributes:
        port: the asker's; another one is another connection.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    form: Mapping[str, list[str]]
    port: int


@dataclass
class Server:
    """Answers each path with its replies one after the other, the last again and again."""

    replies: dict[str, list[Reply]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    origin: str = ""

    def reply_to(self, path: str) -> Reply:
        """Return the next reply."""
        replies = self.replies.get(path, [Reply(404)])
        return replies.pop(0) if len(replies) > 1 else replies[0]


class _Http(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """Say nothing of a client that went away."""


@contextmanager
def running() -> Iterator[Server]:
    """Serve until the block ends."""
    server = Server()
    http = _Http(("127.0.0.1", 0), _handler(server))
    thread = Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    server.origin = f"http://127.0.0.1:{http.server_port}"
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
        thread.join()


def _handler(server: Server) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer({})

        def do_DELETE(self) -> None:
            self._answer({})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self._answer(parse_qs(body.decode()))

        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def _answer(self, form: Mapping[str, list[str]]) -> None:
            headers, port = dict(self.headers.items()), self.client_address[1]
            server.asked.append(Asked(self.command, self.path, headers, form, port))
            reply = server.reply_to(self.path)
            self.close_connection = reply.is_lost or reply.announced_bytes is not None
            if reply.is_lost:
                return
            self.send_response(reply.status)
            self.send_header("Content-Length", str(reply.announced_bytes or len(reply.body)))
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply.body)

    return Handler
