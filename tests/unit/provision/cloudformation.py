"""CloudFormation's end of a custom resource: it asks, and keeps what it is answered."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

SECRET_ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:twilio"


@dataclass
class CloudFormation:
    """Takes answers on loopback.

    Attributes:
        refusals: how many of the next answers are not taken.
    """

    url: str = ""
    refusals: int = 0
    tries: int = 0
    content_types: list[str | None] = field(default_factory=list)
    answers: list[dict[str, Any]] = field(default_factory=list)

    def event(self, kind: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
        """Return a request with these fields beside those that each has."""
        return {
            "RequestType": kind,
            "ResponseURL": self.url,
            "StackId": "arn:aws:cloudformation:eu-west-1:123456789012:stack/Ringscribe/1",
            "RequestId": f"request-{len(self.answers)}",
            "LogicalResourceId": "ProvisionNumbers",
            "ResourceType": "Custom::TwilioNumbers",
            **more,
        }


def properties(*numbers: str, origin: str = "https://d1.example.com") -> Mapping[str, Any]:
    return {
        "ServiceToken": "arn:aws:lambda:eu-west-1:123456789012:function:provision",
        "TwilioSecretArn": SECRET_ARN,
        "Numbers": list(numbers),
        "PublicOrigin": origin,
        "TableName": "calls",
    }


@contextmanager
def running() -> Iterator[CloudFormation]:
    """Take answers until the block ends."""
    cloud = CloudFormation()
    http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(cloud))
    thread = Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    cloud.url = f"http://127.0.0.1:{http.server_port}/answer?signed=yes"
    try:
        yield cloud
    finally:
        http.shutdown()
        http.server_close()
        thread.join()


def _handler(cloud: CloudFormation) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            cloud.tries += 1
            cloud.content_types.append(self.headers["Content-Type"])
            is_taken = cloud.tries > cloud.refusals
            if is_taken:
                cloud.answers.append(json.loads(content))
            self.send_response(200 if is_taken else 503)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler
