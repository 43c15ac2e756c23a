"""The webhook function as Lambda runs it: how long it takes to import, and to answer a call once it is warm.

    python -m bench.webhook [ROUNDS]

Imports are whole processes, with bytecode, beside one that imports boto3 and makes a DynamoDB client alone; calls go
through the handler, with a table that answers after one millisecond. Both run in an environment that has what the
function ships with and no more (`make env-functions`): structlog, for one, imports what else it finds. Prints both,
writes bench/results/webhook.json.
"""

import base64
import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from twilio.request_validator import RequestValidator

from bench.bridge.cloud import ACCOUNT_SID, AUTH_TOKEN, TWILIO_SECRET
from bench.figures import machine, percentile
from telephony.aws.attributes import encode_item
from telephony.aws.mailbox_items import number_item
from telephony.mailboxes import Mailbox
from telephony.numbers import E164, MailboxId, Number

RESULTS: Final = Path("bench/results/webhook.json")
PYTHON: Final = Path(".bench/functions/bin/python")
TABLE_S: Final = 0.001
CALLS: Final = 400
WARM_UP: Final = 50
ORIGIN: Final = "https://bench.example.test"
NUMBER: Final = E164("+15005550006")
MAILBOX: Final = Mailbox(MailboxId("bench"), "Bench")

IMPORTS: Final = {
    "bare boto3": "import boto3; boto3.session.Session().client('dynamodb')",
    "webhooks": "from functions.webhooks.handler import handler",
}

_CALLING: Final = """
import json, sys, time
from functions.webhooks.handler import handler
event, warm_up, calls = json.load(sys.stdin)
taken = []
for _ in range(warm_up + calls):
    began = time.perf_counter()
    answer = handler(event, None)
    taken.append((time.perf_counter() - began) * 1000)
    assert answer["statusCode"] == 200 and "<Record" in answer["body"], answer
print(json.dumps(taken[warm_up:]))
"""


class _Table(BaseHTTPRequestHandler):
    """DynamoDB and Secrets Manager as one call needs them: each answer takes TABLE_S."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        """Answer."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        time.sleep(TABLE_S)
        text = json.dumps(self._answer(self.headers["X-Amz-Target"].rpartition(".")[2], body)).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def _answer(self, operation: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        match operation:
            case "GetSecretValue":
                return {"ARN": body["SecretId"], "Name": body["SecretId"], "SecretString": TWILIO_SECRET}
            case "GetItem":
                return {"Item": encode_item(number_item(Number(NUMBER, MAILBOX.id), MAILBOX))}
            case _:
                return {}

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the library's
        """Say nothing."""


@contextmanager
def _table() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Table)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _environment(endpoint: str) -> dict[str, str]:
    return {
        "PATH": os.defpath,
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "bench",
        "AWS_SECRET_ACCESS_KEY": "bench",
        "AWS_DEFAULT_REGION": "us-east-1",
        "TABLE_NAME": "bench",
        "RECORDINGS_BUCKET": "bench",
        "PUBLIC_ORIGIN": ORIGIN,
        "MEDIA_URL": "wss://bench.example.test/media",
        "TWILIO_SECRET_ARN": "twilio",
    }


def import_ms(what: str, endpoint: str) -> float:
    """Return how long a process takes for *what*, in milliseconds, its own start left out."""
    program = f"import time; began = time.perf_counter(); {what}; print((time.perf_counter() - began) * 1000)"
    return float(_run(program, "", endpoint).splitlines()[-1])


def warm_ms(endpoint: str) -> list[float]:
    """Return how long each of CALLS calls takes to be answered, in milliseconds."""
    return [
        float(each)
        for each in json.loads(_run(_CALLING, json.dumps([_event(), WARM_UP, CALLS]), endpoint).splitlines()[-1])
    ]


def _run(program: str, given: str, endpoint: str) -> str:
    command = [str(PYTHON), "-c", program]
    environment = _environment(endpoint)
    return subprocess.run(
        command, input=given, env=environment, capture_output=True, text=True, timeout=120, check=True
    ).stdout


def _event() -> Mapping[str, Any]:
    form = {
        "AccountSid": ACCOUNT_SID,
        "ApiVersion": "2010-04-01",
        "CallSid": "CA" + "1" * 32,
        "CallStatus": "ringing",
        "Called": NUMBER,
        "Caller": "+14155550123",
        "Direction": "inbound",
        "From": "+14155550123",
        "To": NUMBER,
    }
    signature = RequestValidator(AUTH_TOKEN).compute_signature(f"{ORIGIN}/twilio/voice", form)
    http = {"method": "POST", "path": "/twilio/voice", "sourceIp": "192.0.2.1", "protocol": "HTTP/1.1"}
    headers = {
        "content-type": "application/x-www-form-urlencoded; charset=UTF-8",
        "host": "bench.example.test",
        "x-twilio-signature": signature,
    }
    return {
        "version": "2.0",
        "rawPath": "/twilio/voice",
        "rawQueryString": "",
        "headers": headers,
        "requestContext": {"http": http, "stage": "$default"},
        "body": base64.b64encode(urlencode(form).encode()).decode(),
        "isBase64Encoded": True,
    }


def main(rounds: int = 15) -> None:
    """Measure, print and write down."""
    with _table() as endpoint:
        for what in IMPORTS.values():
            import_ms(what, endpoint)  # writes the bytecode
        taken: dict[str, list[float]] = {name: [] for name in IMPORTS}
        for _ in range(rounds):
            for name, what in IMPORTS.items():
                taken[name].append(import_ms(what, endpoint))
        answered = warm_ms(endpoint)
    imports = {name: round(statistics.median(each), 1) for name, each in taken.items()}
    ratio = imports["webhooks"] / imports["bare boto3"]
    p50, p99 = (round(percentile(answered, share), 2) for share in (0.5, 0.99))
    print(f"import: {imports['webhooks']} ms, bare boto3 {imports['bare boto3']} ms, ratio {ratio:.2f}")
    print(f"a warm answer, table at 1 ms: p50 {p50} ms, p99 {p99} ms")
    found = {"import_ms": imports, "ratio": round(ratio, 2), "warm_p50_ms": p50, "warm_p99_ms": p99}
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps({"machine": machine(), **found}, indent=1) + "\n")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
