"""Twilio calling the webhooks as Lambda runs them, on stores in memory."""

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit
from xml.etree import ElementTree as ET

from mangum import Mangum

from functions.webhooks.app import create_app
from functions.webhooks.ports import WebhookPorts
from telephony.mailboxes import Mailbox
from telephony.metrics import Metric
from telephony.numbers import E164, MailboxId
from telephony.settings import Origin, SocketUrl, WebhookSettings
from tests.fakes.audio import MemoryAudio
from tests.fakes.clock import FixedClock
from tests.fakes.secrets import AUTH_TOKEN, FixedSecrets
from tests.fakes.table import MemoryTable

CAPTURES = Path(__file__).parents[2] / "captures" / "twilio"
ORIGIN = "https://calls.example.test"
NUMBER = E164("+15005550006")
MAILBOX = Mailbox(MailboxId("front-desk"), "Front desk", greeting="This is the front desk.")


@dataclass(frozen=True, slots=True)
class Reply:
    """What API Gateway would hand back."""

    status: int
    headers: Mapping[str, str]
    body: str
    content: bytes = b""
    """What is no text."""

    @property
    def verbs(self) -> list[str]:
        """The verbs of the TwiML."""
        return [verb.tag for verb in self.xml]

    @property
    def xml(self) -> ET.Element:
        """The TwiML."""
        return ET.fromstring(self.body)  # noqa: S314 - our own document

    def attribute(self, path: str, name: str) -> str:
        """One attribute of the one element at *path*."""
        (found,) = self.xml.findall(path)
        return found.attrib[name]


@dataclass
class CountingMeter:
    """Keeps what was counted."""

    counted: list[Metric] = field(default_factory=list)

    def add(self, metric: Metric, value: float = 1) -> None:
        """Count."""
        self.counted.append(metric)


@dataclass
class World:
    """The webhooks and all they touch."""

    table: MemoryTable = field(default_factory=MemoryTable)
    secrets: FixedSecrets = field(default_factory=FixedSecrets)
    audio: MemoryAudio = field(default_factory=MemoryAudio)
    meter: CountingMeter = field(default_factory=CountingMeter)
    clock: FixedClock = field(default_factory=FixedClock)

    def start(self, *, has_streamer: bool = True, **stand_ins: Any) -> "Twilio":  # noqa: ANN401 - any of the ports
        """Return Twilio, calling webhooks made of these stores, or of what stands in for one."""
        settings = WebhookSettings(
            table_name="t",
            public_origin=Origin(ORIGIN),
            media_url=SocketUrl("wss://calls.example.test/media"),
            twilio_secret_arn="arn",
            recordings_bucket="b",
            has_streamer=has_streamer,
        )
        ids = (f"id-{number}" for number in count(1))
        ports: dict[str, Any] = {
            "directory": self.table.directory,
            "calls": self.table.calls,
            "recordings": self.table.recordings,
            "opt_outs": self.table.opt_outs,
            "consents": self.table.consents,
            "open_audio": lambda: self.audio,
            "secrets": self.secrets,
            "meter": self.meter,
            "clock": self.clock,
            "new_id": lambda: next(ids),
        }
        return Twilio(Mangum(create_app(settings, WebhookPorts(**(ports | stand_ins))), lifespan="off"))


@dataclass
class Twilio:
    """Posts webhooks as API Gateway (HTTP API, payload version 2.0) hands them to Lambda."""

    handler: Callable[[dict[str, Any], Any], dict[str, Any]]

    def post(self, target: str, name: str, *, token: str = AUTH_TOKEN, **changes: str) -> Reply:
        """Post the captured form *name*, with *changes*, signed with *token*. A fragment in *target* is not sent."""
        body = urlencode(form(name) | changes)
        target = target.removeprefix(ORIGIN).partition("#")[0]
        return self.send(target, body, {"X-Twilio-Signature": sign(ORIGIN + target, body, token)})

    def send(
        self, target: str, body: str, headers: Mapping[str, str], *, method: str = "POST", is_base64: bool = False
    ) -> Reply:
        """Send any request."""
        parts = urlsplit(target)
        content_type = {"content-type": "application/x-www-form-urlencoded; charset=UTF-8", "host": "internal.example"}
        event = {
            "version": "2.0",
            "routeKey": "ANY /twilio/{proxy+}",
            "rawPath": parts.path,
            "rawQueryString": parts.query,
            "headers": content_type | dict(headers),
            "requestContext": {
                "stage": "$default",
                "http": {"method": method, "path": parts.path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1"},
            },
            "body": base64.b64encode(body.encode()).decode() if is_base64 else body,
            "isBase64Encoded": is_base64,
        }
        answer = self.handler(event, None)
        if answer["isBase64Encoded"]:
            return Reply(answer["statusCode"], answer["headers"], "", base64.b64decode(answer["body"]))
        return Reply(answer["statusCode"], answer["headers"], answer["body"])


def form(name: str) -> dict[str, str]:
    """A captured form."""
    return dict(parse_qsl((CAPTURES / f"{name}.txt").read_text().strip(), keep_blank_values=True))


def sign(url: str, body: str, token: str = AUTH_TOKEN) -> str:
    """Sign as Twilio documents it, without its library."""
    fields = sorted(parse_qsl(body, keep_blank_values=True))
    text = url + "".join(name + value for name, value in fields)
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()).decode()
