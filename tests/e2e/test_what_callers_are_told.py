"""A mailbox with a voice, a question before the recording, and figures that no text may hold."""

import asyncio
from dataclasses import replace
from typing import Any

import httpx

from local.aws.resources import aws_session
from local.deepgram.stamp import FIGURES, stamp, word
from local.house import MAILBOX, OUR_NUMBER, House, Plan, open_house
from local.processes import LOGS
from local.twilio.call import Call
from local.twilio.caller import Caller
from local.twilio.events import TwimlAnswered
from local.twilio.messages import Message
from telephony.consent import Consent
from telephony.mailboxes import Listening, Redaction
from telephony.phrases import Phrase
from tests.e2e.asking import eventually
from tests.e2e.conftest import SPEED
from tests.e2e.stores import stores_of

ASKS = Consent("This call is recorded and put in writing. Press 1 if you agree.", must_agree=True)
WANTED = replace(
    MAILBOX, voice="aura-2-thalia-en", consent=ASKS, listening=Listening(redact=(Redaction.PCI,)), email_recipients=()
)
FIGURES_SAID = "0000 0001 0002 0003"


async def _is_spoken(house: House) -> bool | None:
    def ask() -> bool | None:
        return True if not stores_of(house).directory.mailbox(MAILBOX.id).unspoken else None

    return await asyncio.to_thread(ask)


async def _call(house: House, key: str) -> Call:
    speech = stamp(1, 5) + stamp(FIGURES, 4) + stamp(6, 5)
    call = await house.twilio.ring(Caller(number="+14155550123", speech=speech, answers_prompt=key), to=OUR_NUMBER)
    async with asyncio.timeout(30):
        await call.ended()
        await house.twilio.settled()
    return call


def _documents(call: Call) -> list[str]:
    return [event.xml for event in call.events if isinstance(event, TwimlAnswered)]


async def test_callers_are_asked_in_the_mailboxs_voice_and_what_they_answer_is_kept() -> None:
    async with open_house(Plan(recogniser="stamped", speed=SPEED, mailbox=WANTED)) as house:
        await eventually(lambda: _is_spoken(house))
        headers = {"Authorization": f"Bearer {house.token}"}
        async with httpx.AsyncClient(base_url=house.origin, headers=headers) as api:
            agreed, refused = await _call(house, "1"), await _call(house, "2")

            async def complete() -> dict[str, Any] | None:
                found: dict[str, Any] = (await api.get(f"/api/calls/{agreed.sid}/transcript")).json()
                return found if found.get("is_complete") else None

            transcript = await eventually(complete)
            proofs = [(await api.get(f"/api/calls/{call.sid}")).json()["consents"] for call in (agreed, refused)]

            async def told() -> Message | None:
                return next((each for each in house.twilio.messages if word(1) in each.body), None)

            sms = await eventually(told)
    assert all("<Say" not in document for document in _documents(agreed))
    assert [warning.text for warning in house.twilio.warnings] == []
    assert [(each["step"], each["key"]) for each in proofs[0]] == [("announced", ""), ("agreed", "1")]
    assert [(each["step"], each["key"]) for each in proofs[1]] == [("announced", ""), ("refused", "2")]
    assert all(each["text"] == ASKS.announcement for each in proofs[0] + proofs[1])
    assert not any("<Record" in document or "<Stream" in document for document in _documents(refused))
    text = " ".join(said["text"] for said in transcript["utterances"])
    assert text.split()[5] == "[CREDIT_CARD_1]"
    assert text.split()[4] == word(5)
    for shown in (text, sms.body, *(log.read_text() for log in LOGS.glob("*.log"))):
        assert FIGURES_SAID not in shown


def _remove(house: House, key: str) -> None:
    client = aws_session().client("s3", endpoint_url=house.aws_endpoint)
    client.delete_object(Bucket=house.resources.bucket_name, Key=key)
    client.close()


async def test_an_announcement_whose_sound_is_lost_is_said_and_then_played_again() -> None:
    tells = Consent("This call is recorded and put in writing.")
    mailbox = replace(WANTED, consent=tells, email_recipients=())
    async with open_house(Plan(recogniser="stamped", speed=SPEED, mailbox=mailbox)) as house:
        await eventually(lambda: _is_spoken(house))
        played = await _call(house, "")
        await asyncio.to_thread(_remove, house, Phrase(tells.announcement, mailbox.voice).key)
        lost = await _call(house, "")
        await eventually(lambda: _is_spoken(house))
        again = await _call(house, "")
        headers = {"Authorization": f"Bearer {house.token}"}
        async with httpx.AsyncClient(base_url=house.origin, headers=headers) as api:
            proofs = [(await api.get(f"/api/calls/{call.sid}")).json()["consents"] for call in (played, lost, again)]
    for call in (played, again):
        first, second, *_ = _documents(call)
        assert "<Say" not in first + second
        assert "<Record" not in first
    first, second, *_ = _documents(lost)
    assert "<Record" not in first
    assert second.index(tells.announcement) < second.index("<Stream") < second.index("<Record")
    assert [[each["webhook"] for each in proof] for proof in proofs] == [["/twilio/announced"]] * 3
