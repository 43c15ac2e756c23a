"""The webhooks' function, run by Lambda's own runtime client, on a table and a secret of a simulated AWS."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from moto.server import ThreadedMotoServer

from local.aws import resources
from telephony.aws.clients import CONFIG
from telephony.aws.stores import Stores
from telephony.calls import CallSid, CallStatus
from telephony.errors import NotFoundError
from telephony.mailboxes import Mailbox
from telephony.numbers import MailboxId, Number
from telephony.recordings import RecordingStatus
from telephony.streams import TicketId, TicketPurpose
from tests.e2e.runtime_api import InvocationError, function
from tests.fakes.secrets import ACCOUNT_SID, AUTH_TOKEN
from tests.unit.webhooks.calling import NUMBER, ORIGIN, Twilio

HANDLER = "functions.webhooks.handler.handler"
MAILBOX = Mailbox(MailboxId("front-desk"), "Front desk")


@dataclass(frozen=True)
class Cloud:
    """A table with one number in it, and what a function must be told to find it."""

    stores: Stores
    environment: dict[str, str]


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        endpoint = f"http://127.0.0.1:{server.get_host_and_port()[1]}"
        session = resources.aws_session()
        made = resources.make_resources(
            session,
            endpoint,
            twilio_secret={"account_sid": ACCOUNT_SID, "auth_token": AUTH_TOKEN},
            deepgram_secret={"api_key": "unused"},
        )
        client = session.client("dynamodb", endpoint_url=endpoint, config=CONFIG)
        stores = Stores.of(client, made.table_name)
        stores.directory.put(MAILBOX, [Number(NUMBER, MAILBOX.id)])
        environment = {
            "AWS_ACCESS_KEY_ID": resources.ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": resources.SECRET_KEY,
            "AWS_REGION": resources.REGION,
            "AWS_DEFAULT_REGION": resources.REGION,
            "AWS_ENDPOINT_URL": endpoint,
            "TABLE_NAME": made.table_name,
            "PUBLIC_ORIGIN": ORIGIN,
            "MEDIA_URL": "wss://calls.example.test/media",
            "TWILIO_SECRET_ARN": made.twilio_secret_arn,
            "RECORDINGS_BUCKET": made.bucket_name,
        }
        yield Cloud(stores, environment)
        client.close()
    finally:
        server.stop()


@contextmanager
def deployed(cloud: Cloud, log: Path, **changes: str) -> Iterator[Twilio]:
    """Run the function, and give Twilio, calling it."""
    with function(HANDLER, cloud.environment | changes, log) as api:

        def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
            answer: dict[str, Any] = api.invoke(event)
            return answer

        yield Twilio(handler)


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("webhooks") / "log.jsonl"


@pytest.fixture(scope="module")
def twilio(cloud: Cloud, log: Path) -> Iterator[Twilio]:
    with deployed(cloud, log) as twilio:
        yield twilio


def sid(number: int) -> CallSid:
    """A call for each test: they share a table."""
    return CallSid(f"CA{number:032x}")


def lines(log: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]


def test_a_voicemail_is_written_down_from_ring_to_recording(cloud: Cloud, twilio: Twilio) -> None:
    call_sid = sid(1)
    answer = twilio.post("/twilio/voice", "incoming-call", CallSid=call_sid)
    assert answer.verbs == ["Start", "Say", "Record"]
    ticket_id = TicketId(answer.attribute("Start/Stream/Parameter", "value"))
    call = cloud.stores.calls.get(call_sid)
    assert cloud.stores.tickets.claim(ticket_id, TicketPurpose.MEDIA, call_sid, call.started_at).call_sid == call_sid

    ended = twilio.post(answer.attribute("Record", "action"), "record-key-pressed", CallSid=call_sid)
    assert ended.verbs == ["Say", "Hangup"]
    callback = answer.attribute("Record", "recordingStatusCallback")
    assert twilio.post(callback, "recording-completed", CallSid=call_sid).status == 204
    assert twilio.post("/twilio/status", "call-completed", CallSid=call_sid).status == 204

    facts = cloud.stores.calls.facts(call_sid)
    assert facts.call is not None
    assert (facts.call.status, facts.call.duration_s) == (CallStatus.COMPLETED, 42)
    assert [(each.status, each.duration_ms) for each in facts.recordings] == [(RecordingStatus.COMPLETED, 24_000)]


def test_a_forged_call_is_refused_and_counted(cloud: Cloud, twilio: Twilio, log: Path) -> None:
    assert twilio.post("/twilio/voice", "incoming-call", token="forged", CallSid=sid(2)).status == 403
    with pytest.raises(NotFoundError):
        cloud.stores.calls.get(sid(2))
    assert any(line.get("WebhookRefused") == 1 for line in lines(log))
    assert any(line.get("event") == "webhook-refused" for line in lines(log))


def test_every_request_is_one_line_that_names_its_call_and_no_caller(twilio: Twilio, log: Path) -> None:
    twilio.post("/twilio/voice", "incoming-call", CallSid=sid(3))
    (line,) = [line for line in lines(log) if line.get("call_sid") == sid(3)]
    assert (line["event"], line["path"], line["status"]) == ("webhook-answered", "/twilio/voice", 200)
    assert "4155550123" not in log.read_text()


def test_with_the_table_out_of_reach_the_message_is_taken_within_seconds(cloud: Cloud, tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    with deployed(cloud, log, AWS_ENDPOINT_URL_DYNAMODB="http://127.0.0.1:9") as twilio:
        answer = twilio.post("/twilio/voice", "incoming-call", CallSid=sid(4))
    assert (answer.status, answer.verbs) == (200, ["Say", "Record"])
    (line,) = [line for line in lines(log) if line.get("event") == "webhook-answered"]
    assert line["took_ms"] < 5_000
    assert any(line.get("FallbackAnswered") == 1 for line in lines(log))


def test_without_a_setting_the_function_does_not_start_and_says_which(cloud: Cloud, tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    with (
        deployed(cloud, log, PUBLIC_ORIGIN="") as twilio,
        pytest.raises(InvocationError, match="PUBLIC_ORIGIN"),
    ):
        twilio.post("/twilio/voice", "incoming-call", CallSid=sid(5))
