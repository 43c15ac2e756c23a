"""Lambda's Runtime API, as far as the runtime's own client asks for it.

Source: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from typing_extensions import override

ROOT: Final = Path(__file__).parents[2]
COLD_START_S: Final = 30
"""For importing everything on a busy machine; some 2 s on an idle one."""
STOP_S: Final = 5

_NEXT: Final = "/2018-06-01/runtime/invocation/next"


class InvocationError(Exception):
    """The function failed, or did not answer in time."""


@dataclass
class _Invocation:
    event: Any
    deadline_ms: int
    id: str = field(default_factory=lambda: str(uuid4()))
    done: threading.Event = field(default_factory=threading.Event)
    outcome: str = ""
    answer: Any = None


class RuntimeApi:
    """Hands events to a runtime, one at a time, and takes its answers."""

    def __init__(self) -> None:
        self._waiting: queue.Queue[_Invocation | None] = queue.Queue()
        self._open: dict[str, _Invocation] = {}
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()

    @property
    def address(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self._server.server_address[1]}"

    def invoke(self, event: Any, timeout_s: float = COLD_START_S) -> Any:  # noqa: ANN401 - JSON
        """Return what the function answers to *event*. Raises: InvocationError."""
        invocation = _Invocation(event, deadline_ms=int((time.time() + timeout_s) * 1_000))
        self._open[invocation.id] = invocation
        self._waiting.put(invocation)
        if not invocation.done.wait(timeout_s):
            raise InvocationError(f"no answer within {timeout_s} s")
        if invocation.outcome != "response":
            raise InvocationError(invocation.answer)
        return invocation.answer

    def close(self) -> None:
        """Stop listening; the runtime must be gone."""
        self._waiting.put(None)
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(STOP_S)

    def take(self) -> _Invocation | None:
        """Wait for an event; None when there will be none."""
        return self._waiting.get()

    def finish(self, path: str, answer: bytes) -> None:
        """Take what the runtime posted: an answer, an error, or that the function could not even be loaded."""
        *_, subject, outcome = path.split("/")
        ended = list(self._open.values()) if subject == "init" else [self._open[subject]]
        for invocation in ended:
            invocation.outcome = "init" if subject == "init" else outcome
            invocation.answer = json.loads(answer)
            invocation.done.set()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, api: RuntimeApi) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.api = api


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    wbufsize = 65_536  # else the header lines leave one by one, and each waits for an acknowledgement
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        invocation = self.server.api.take() if self.path == _NEXT else None
        if invocation is None:
            self.close_connection = True
            return
        headers = {
            "Lambda-Runtime-Aws-Request-Id": invocation.id,
            "Lambda-Runtime-Deadline-Ms": str(invocation.deadline_ms),
            "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:eu-west-1:123456789012:function:webhooks",
            "Content-Type": "application/json",
        }
        self._reply(200, headers, json.dumps(invocation.event).encode())

    def do_POST(self) -> None:
        self.server.api.finish(self.path, self._body())
        self._reply(202, {}, b"")

    def _body(self) -> bytes:
        if "Content-Length" in self.headers:
            return self.rfile.read(int(self.headers["Content-Length"]))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _reply(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""


@contextmanager
def function(handler: str, environment: Mapping[str, str], log: Path) -> Iterator[RuntimeApi]:
    """Run *handler* under the real runtime client until the block ends; what it prints goes to *log*."""
    api = RuntimeApi()
    runtime = {
        "AWS_LAMBDA_RUNTIME_API": api.address,
        "AWS_LAMBDA_FUNCTION_NAME": "webhooks",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1024",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "LAMBDA_TASK_ROOT": str(ROOT),
        "PYTHONPATH": str(ROOT),
        "PATH": os.defpath,
    }
    with log.open("wb") as out:
        command = [sys.executable, "-m", "awslambdaric", handler]
        process = subprocess.Popen(command, env=runtime | dict(environment), cwd=ROOT, stdout=out, stderr=out)
        try:
            yield api
        finally:
            process.kill()
            process.wait(STOP_S)
            api.close()
