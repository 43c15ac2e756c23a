"""Calls through the API: lists, details, sound and captions, each only to those who may read."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from telephony.calls import CallSid
from telephony.deliveries import Channel, Delivery, DeliveryId, DeliveryState
from telephony.mailboxes import Mailbox
from telephony.numbers import MailboxId
from telephony.streams import TicketId, TicketPurpose
from tests import examples
from tests.fakes.clock import FixedClock
from tests.fakes.table import MemoryTable
from tests.unit.api.asking import Gateway, Issuer

CALL = f"/api/calls/{examples.CALL_SID}"
CALLS = f"/api/mailboxes/{examples.MAILBOX.id}/calls"


@pytest.fixture(autouse=True)
def _mailbox(table: MemoryTable) -> None:
    table.directory.put(examples.MAILBOX, ())
    table.directory.put(Mailbox(MailboxId("vault"), "Vault", readers=("grace",)), ())


def _begin(table: MemoryTable, *, mailbox_id: str = "front-desk", number: int = 1) -> CallSid:
    sid = CallSid(f"CA{number:032x}")
    started_at = examples.NOON + timedelta(minutes=number)
    table.calls.begin(replace(examples.CALL, sid=sid, mailbox_id=MailboxId(mailbox_id), started_at=started_at), None)
    return sid


def test_calls_come_newest_first_page_by_page(api: Gateway, issuer: Issuer, table: MemoryTable) -> None:
    sids = [_begin(table, number=number) for number in range(1, 6)]

    seen: list[str] = []
    cursor: dict[str, Any] = {}
    for _ in range(3):
        page = api.get(CALLS, issuer.token(), limit=2, **cursor).json()
        seen += [call["call_sid"] for call in page["calls"]]
        cursor = {"cursor": page["next_cursor"]}

    assert seen == sids[::-1]
    assert cursor == {"cursor": None}


def test_an_empty_mailbox_has_an_empty_page(api: Gateway, issuer: Issuer) -> None:
    answer = api.get(CALLS, issuer.token())

    assert answer.status == 200
    assert answer.json() == {"calls": [], "next_cursor": None}


@pytest.mark.parametrize("limit", ["0", "101", "-1", "1.5", "many", ""])
def test_a_limit_out_of_bounds_is_named(api: Gateway, issuer: Issuer, limit: str) -> None:
    answer = api.get(CALLS, issuer.token(), limit=limit)

    assert answer.status == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert [fault["where"] for fault in answer.json()["errors"]] == ["query.limit"]


def test_a_tampered_cursor_is_refused(api: Gateway, issuer: Issuer, table: MemoryTable) -> None:
    _begin(table)

    answer = api.get(CALLS, issuer.token(), cursor="vault.CA1")

    assert answer.status == 400
    assert answer.json()["title"] == "Bad Request"


def test_anothers_mailbox_is_as_missing_as_one_that_does_not_exist(
    api: Gateway, issuer: Issuer, table: MemoryTable
) -> None:
    _begin(table, mailbox_id="vault")

    anothers = api.get("/api/mailboxes/vault/calls", issuer.token())
    nobodys = api.get("/api/mailboxes/nowhere/calls", issuer.token())

    assert anothers == nobodys
    assert anothers.status == 404
    assert api.get("/api/mailboxes/vault/calls", issuer.token(sub="grace")).status == 200


@pytest.mark.parametrize(
    ("method", "tail"), [("GET", ""), ("GET", "/transcript"), ("GET", "/audio"), ("POST", "/captions")]
)
def test_anothers_call_is_as_missing_as_one_that_does_not_exist(
    api: Gateway, issuer: Issuer, table: MemoryTable, method: str, tail: str
) -> None:
    sid = _begin(table, mailbox_id="vault")

    anothers = api.ask(method, f"/api/calls/{sid}{tail}", issuer.token())
    nobodys = api.ask(method, f"/api/calls/{examples.OTHER_CALL_SID}{tail}", issuer.token())

    assert anothers == nobodys
    assert anothers.status == 404
    assert table.state.tickets == {}


def test_a_call_whose_mailbox_is_gone_is_nobodys(api: Gateway, issuer: Issuer, table: MemoryTable) -> None:
    sid = _begin(table, mailbox_id="closed")

    assert api.get(f"/api/calls/{sid}", issuer.token()).status == 404


def test_what_is_no_call_sid_is_not_looked_up(api: Gateway, issuer: Issuer, table: MemoryTable) -> None:
    table.is_down = True

    assert api.get("/api/calls/CA1", issuer.token()).status == 422


SHOWN = {
    "call_sid": examples.CALL_SID,
    "mailbox_id": "front-desk",
    "number": examples.NUMBER,
    "caller": examples.CALLER,
    "started_at": "2026-03-02T12:00:00Z",
    "status": "completed",
    "direction": "inbound",
    "stage": "taking-message",
    "ended_at": "2026-03-02T12:00:30Z",
    "duration_s": 30,
    "held_at": None,
    "is_imported": False,
    "kind": None,
    "marks": {"read_at": None, "archived_at": None, "note": "", "tags": []},
    "transcript": {
        "is_ended": True,
        "is_complete": True,
        "is_cut_short": False,
        "rung": "live",
        "coverage": [
            {
                "track": "inbound",
                "received_ms": 12_000,
                "transcribed_ms": 12_000,
                "is_complete": True,
                "holes": [],
                "missing": [],
                "paused": [],
            }
        ],
        "ledger": [],
        "pauses": [],
    },
    "recordings": [
        {
            "recording_sid": examples.RECORDING_SID,
            "status": "completed",
            "duration_ms": 12_000,
            "reported_at": "2026-03-02T12:00:31Z",
            "is_stored": False,
            "trouble": "",
        }
    ],
    "deliveries": [
        {
            "channel": "sms",
            "recipient": examples.OWNER,
            "state": "failed",
            "changed_at": "2026-03-02T12:00:30Z",
            "reference": "",
            "trouble": "21610",
            "asked_at": None,
        }
    ],
    "consents": [],
}


def test_a_call_shows_its_transcripts_state_its_recordings_and_who_was_told(
    api: Gateway, issuer: Issuer, table: MemoryTable
) -> None:
    table.calls.begin(examples.CALL, None)
    table.calls.report(examples.CALL_SID, examples.ENDED_CALL.status, examples.ENDED_AT, 30)
    table.transcripts.save([examples.ended_stream()], [examples.utterance("hello there")])
    table.recordings.report(examples.RECORDING)
    sms = DeliveryId(examples.CALL_SID, Channel.SMS, examples.OWNER)
    table.deliveries.claim(sms, examples.NOON)
    table.deliveries.finish(Delivery(sms, DeliveryState.FAILED, examples.ENDED_AT, trouble="21610"))

    shown = api.get(CALL, issuer.token()).json()

    assert shown == SHOWN


def test_a_withheld_caller_is_null(api: Gateway, issuer: Issuer, table: MemoryTable) -> None:
    table.calls.begin(replace(examples.CALL, caller="anonymous"), None)

    assert api.get(CALL, issuer.token()).json()["caller"] is None


def test_the_address_of_the_sound_lives_five_minutes(
    api: Gateway, issuer: Issuer, table: MemoryTable, clock: FixedClock
) -> None:
    table.calls.begin(examples.CALL, None)
    table.recordings.report(examples.RECORDING)
    assert api.get(f"{CALL}/audio", issuer.token()).status == 404

    table.recordings.stored(examples.CALL_SID, examples.RECORDING_SID, "recordings/a.wav")

    assert api.get(f"{CALL}/audio", issuer.token()).json() == {
        "url": "https://audio.example/recordings/a.wav?expires=300",
        "download_url": f"https://audio.example/recordings/a.wav?expires=300&name=2026-03-02-1200-{examples.CALL_SID}.wav",
        "file_name": f"2026-03-02-1200-{examples.CALL_SID}.wav",
        "content_type": "audio/wav",
        "expires_at": (clock.now() + timedelta(minutes=5)).isoformat().replace("+00:00", "Z"),
    }


def test_sound_that_was_imported_is_served_as_what_it_is(api: Gateway, issuer: Issuer, table: MemoryTable) -> None:
    table.calls.begin(examples.CALL, None)
    table.recordings.report(examples.RECORDING)
    table.recordings.stored(examples.CALL_SID, examples.RECORDING_SID, "recordings/a.m4a")

    found = api.get(f"{CALL}/audio", issuer.token()).json()

    assert (found["content_type"], found["file_name"]) == ("audio/mp4", f"2026-03-02-1200-{examples.CALL_SID}.m4a")
    assert found["url"] == "https://audio.example/recordings/a.m4a?expires=300&type=audio/mp4"
    assert found["download_url"].endswith(f"&name={found['file_name']}&type=audio/mp4")


def test_a_captions_ticket_opens_this_call_once_within_a_minute(
    api: Gateway, issuer: Issuer, table: MemoryTable, clock: FixedClock
) -> None:
    table.calls.begin(examples.CALL, None)

    answer = api.ask("POST", f"{CALL}/captions", issuer.token())

    given = answer.json()
    assert answer.status == 201
    assert given["url"] == "wss://calls.example/captions"
    assert given["expires_at"] == (clock.now() + timedelta(seconds=60)).isoformat().replace("+00:00", "Z")
    claimed = table.tickets.claim(TicketId(given["ticket"]), TicketPurpose.CAPTIONS, None, clock.now())
    assert claimed.call_sid == examples.CALL_SID


def test_each_captions_ticket_is_another(api: Gateway, issuer: Issuer, table: MemoryTable) -> None:
    table.calls.begin(examples.CALL, None)

    tickets = {api.ask("POST", f"{CALL}/captions", issuer.token()).json()["ticket"] for _ in range(3)}

    assert len(tickets) == 3
