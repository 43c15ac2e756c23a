"""One call is told in German by SMS and by a signed webhook to a program, each once; and a STOP is heeded."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
import pytest_asyncio

from local.deepgram.stamp import stamp, word
from local.house import MAILBOX, OUR_NUMBER, OWNER_PHONE, House, Plan, open_house
from local.twilio.call import Call
from local.twilio.caller import Caller
from local.twilio.faults import Faults
from telephony.hooks import Hook, HookId, signature
from telephony.telling import Telling
from telephony.wording import Language
from tests.e2e.asking import eventually
from tests.e2e.conftest import SPEED
from tests.e2e.stores import stores_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

CALLER = "+14155550123"


@dataclass
class Program:
    """A program that is told, and is down for the first request."""

    url: str
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    refused: int = 0


@pytest.fixture(scope="module")
def program() -> Iterator[Program]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if not found.refused:
                found.refused += 1
                self.send_error(503)
                return
            found.got.append((dict(self.headers.items()), body))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found = Program(f"http://127.0.0.1:{server.server_port}/hook")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield found
    server.shutdown()
    server.server_close()
    thread.join()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def german(program: Program) -> AsyncIterator[House]:
    """Give a house whose mailbox speaks German and tells the program."""
    telling = Telling(Language.GERMAN, sms_template="$caller: $words", hooks=(Hook(HookId("crm"), program.url),))
    async with open_house(
        Plan(recogniser="stamped", speed=SPEED, mailbox=replace(MAILBOX, telling=telling, email_recipients=()))
    ) as opened:
        yield opened


async def _call(house: House, first: int) -> Call:
    call = await house.twilio.ring(Caller(number=CALLER, speech=stamp(first, 20)), to=OUR_NUMBER)
    async with asyncio.timeout(30):
        await call.ended()
        await house.twilio.settled()
    return call


async def _delivery_states(house: House, call: Call, *, how_many: int) -> dict[str, tuple[str, str]]:
    headers = {"Authorization": f"Bearer {house.token}"}
    async with httpx.AsyncClient(base_url=house.origin, headers=headers, timeout=10) as api:

        async def ended() -> dict[str, tuple[str, str]] | None:
            answer = await api.get(f"/api/calls/{call.sid}")
            deliveries = answer.json()["deliveries"] if answer.status_code == httpx.codes.OK else []
            over = {each["channel"]: (each["state"], each["trouble"]) for each in deliveries}
            is_over = len(over) == how_many and all(state != "claimed" for state, _ in over.values())
            return over if is_over else None

        return await eventually(ended)


async def test_a_call_is_told_once_in_german_and_to_the_program(german: House, program: Program) -> None:
    german.twilio.faults = Faults(duplicate_callbacks=3)
    try:
        call = await _call(german, 5_000)
        assert await _delivery_states(german, call, how_many=2) == {"sms": ("sent", ""), "webhook": ("sent", "")}
    finally:
        german.twilio.faults = Faults()
    said = " ".join(word(number) for number in range(5_000, 5_020))
    (sms,) = [message for message in german.twilio.messages if word(5_000) in message.body]
    assert sms.body.startswith(f"{CALLER}: {said}\nhttp")
    ((headers, body),) = [each for each in program.got if word(5_000) in each[1].decode()]
    assert program.refused == 1, "it was down at first"
    stamp_s = int(headers["Ringscribe-Signature"].partition(",")[0].removeprefix("t="))
    signed_at = datetime.fromtimestamp(stamp_s, UTC)
    secrets = await asyncio.to_thread(stores_of(german).hook_secrets.valid, MAILBOX.id, HookId("crm"), signed_at)
    assert headers["Ringscribe-Signature"] == signature(secrets, signed_at, body)
    assert headers["Ringscribe-Event-Id"] == f"{call.sid}:voicemail.completed"
    event = json.loads(body)
    assert event["message"]["text"] == said
    assert event["message"]["audio_url"] == sms.body.splitlines()[-1]


async def test_a_missed_call_is_told_in_german(german: House, program: Program) -> None:
    call = await german.twilio.ring(Caller(number=CALLER), to=OUR_NUMBER)
    async with asyncio.timeout(30):
        await call.ended()
    await _delivery_states(german, call, how_many=2)
    (sms,) = [message for message in german.twilio.messages if message.body.startswith("Verpasster Anruf")]
    assert sms.body.endswith("Es wurde keine Nachricht hinterlassen.")
    types = [json.loads(body)["type"] for headers, body in program.got if call.sid in headers["Ringscribe-Event-Id"]]
    assert types == ["call.missed"]


async def _text_us(house: House, body: str) -> None:
    """Have the owner send us an SMS."""
    address = f"{house.origin}/twilio/sms"
    form = {"AccountSid": house.twilio.account.sid, "From": OWNER_PHONE, "To": OUR_NUMBER, "Body": body}
    signed = {"X-Twilio-Signature": house.twilio.account.sign(address, form)}
    async with httpx.AsyncClient(timeout=10) as anybody:
        assert (await anybody.post(address, data=form, headers=signed)).status_code == httpx.codes.OK


async def _opt_outs(house: House) -> dict[str, list[tuple[str, str]]]:
    """Return who of the mailbox's recipients wants no SMS from which number, and how we know."""
    headers = {"Authorization": f"Bearer {house.token}"}
    async with httpx.AsyncClient(base_url=house.origin, headers=headers, timeout=10) as api:
        told = (await api.get(f"/api/mailboxes/{MAILBOX.id}/recipients")).raise_for_status().json()["sms"]
    return {each["number"]: [(out["number"], out["source"]) for out in each["opt_outs"]] for each in told}


async def test_who_texts_stop_gets_no_more_sms_and_the_delivery_says_so(german: House) -> None:
    await _text_us(german, "Stop")
    try:
        before = len(german.twilio.messages)
        call = await _call(german, 6_000)
        states = await _delivery_states(german, call, how_many=2)
        assert states == {"sms": ("failed", "opted-out"), "webhook": ("sent", "")}
        assert len(german.twilio.messages) == before
        assert await _opt_outs(german) == {OWNER_PHONE: [(OUR_NUMBER, "stop")]}
    finally:
        await _text_us(german, "Start")
    assert await _opt_outs(german) == {OWNER_PHONE: []}
