"""What people note about calls, and lists of what they noted."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from functions.api.ports import ApiPorts
from telephony.calls import CallSid, VoicemailKind
from telephony.errors import ConflictError
from telephony.marks import Marks
from tests import examples
from tests.fakes.calls import MemoryCalls
from tests.fakes.state import State
from tests.fakes.table import MemoryTable
from tests.unit.api.asking import Gateway, Issuer

CALL = f"/api/calls/{examples.CALL_SID}"
CALLS = f"/api/mailboxes/{examples.MAILBOX.id}/calls"


@pytest.fixture(autouse=True)
def _call(table: MemoryTable) -> None:
    table.directory.put(examples.MAILBOX, ())
    table.calls.begin(examples.CALL, None)


def test_a_call_is_marked_and_shows_it(api: Gateway, issuer: Issuer) -> None:
    wanted = {"read": True, "archived": True, "note": "call back", "tags": ["vip", "urgent"]}

    answer = api.ask("PATCH", CALL, issuer.token(), body=wanted)

    marks = {
        "read_at": "2026-03-02T09:30:00Z",
        "archived_at": "2026-03-02T09:30:00Z",
        "note": "call back",
        "tags": ["urgent", "vip"],
    }
    assert (answer.status, answer.json(), answer.headers["etag"]) == (200, marks, '"1"')
    shown = api.get(CALL, issuer.token())
    assert (shown.json()["marks"], shown.headers["etag"]) == (marks, '"1"')


def test_what_is_left_out_stays_and_changing_nothing_is_no_change(api: Gateway, issuer: Issuer) -> None:
    api.ask("PATCH", CALL, issuer.token(), body={"read": True, "note": "call back"})

    for body in ({}, {"note": None}, {"read": True}):
        answer = api.ask("PATCH", CALL, issuer.token(), body=body)
        assert (answer.json()["note"], answer.headers["etag"]) == ("call back", '"1"')
    assert api.ask("PATCH", CALL, issuer.token(), body={"read": False}).json()["read_at"] is None


def test_who_saw_another_version_is_told_so_and_changes_nothing(
    api: Gateway, issuer: Issuer, table: MemoryTable
) -> None:
    tag = api.get(CALL, issuer.token()).headers["etag"]
    mine = api.ask("PATCH", CALL, issuer.token(), body={"note": "mine"}, headers={"if-match": tag})
    others = api.ask("PATCH", CALL, issuer.token(), body={"note": "others"}, headers={"if-match": tag})

    assert (mine.status, others.status) == (200, 412)
    assert others.headers["content-type"] == "application/problem+json"
    assert table.calls.get(examples.CALL_SID).marks.note == "mine"
    for accepted in ("*", f'"7", {mine.headers["etag"]}'):
        answer = api.ask("PATCH", CALL, issuer.token(), body={"note": "mine"}, headers={"if-match": accepted})
        assert answer.status == 200


@pytest.mark.parametrize(
    "body",
    [
        {"tags": ["x" * 51]},
        {"tags": [""]},
        {"tags": ["x"] * 21},
        {"note": "x" * 2_001},
        {"colour": "red"},
        {"read": "maybe"},
        [],
    ],
)
def test_what_cannot_be_noted_is_refused(api: Gateway, issuer: Issuer, body: object) -> None:
    assert api.ask("PATCH", CALL, issuer.token(), body=body).status == 422


class _Contested(MemoryCalls):
    """Calls that others mark first, so often."""

    def __init__(self, state: State, rivals: int) -> None:
        super().__init__(state)
        self.rivals = rivals

    def mark(self, call_sid: CallSid, marks: Marks) -> None:
        if self.rivals:
            self.rivals -= 1
            known = self.get(call_sid).marks
            super().mark(call_sid, Marks(archived_at=examples.NOON, revision=known.revision + 1, note=known.note + "x"))
            raise ConflictError("others marked the call")
        super().mark(call_sid, marks)


@pytest.mark.usefixtures("loop")
@pytest.mark.parametrize(
    ("rivals", "headers", "status", "note"),
    [(2, {}, 200, "mine"), (3, {}, 409, "xxx"), (1, {"if-match": '"0"'}, 409, "x")],
)
def test_a_change_that_others_overtake_is_made_to_theirs(
    ports: ApiPorts, issuer: Issuer, table: MemoryTable, rivals: int, headers: dict[str, str], status: int, note: str
) -> None:
    api = Gateway(replace(ports, calls=_Contested(table.state, rivals)))

    answer = api.ask("PATCH", CALL, issuer.token(), body={"note": "mine"}, headers=headers)

    assert answer.status == status
    marks = table.calls.get(examples.CALL_SID).marks
    assert (marks.note, marks.archived_at) == (note, examples.NOON)


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"unread": "true"}, 0),
        ({"unread": "false", "archived": "false"}, 1),
        ({"tag": "vip"}, 1),
        ({"tag": "vi"}, 0),
        ({"kind": "message"}, 1),
        ({"kind": "missed"}, 0),
        ({"state": "in-progress"}, 1),
        ({"number": examples.NUMBER, "caller": examples.CALLER}, 1),
        ({"caller": "anonymous"}, 0),
        ({"since": "2026-03-02T12:00:00Z", "until": "2026-03-02T13:00:00+01:00"}, 0),
        ({"since": "2026-03-02T13:00:00+01:00", "until": "2026-03-02T12:00:01Z"}, 1),
        ({"since": "0001-01-01T00:00:00+14:00", "until": "9999-12-31T23:59:59-12:00"}, 1),
    ],
)
def test_a_list_has_what_is_asked_for(
    api: Gateway, issuer: Issuer, table: MemoryTable, query: dict[str, Any], count: int
) -> None:
    table.calls.mark(examples.CALL_SID, Marks(read_at=examples.NOON + timedelta(hours=1), tags=("vip",), revision=1))
    table.calls.note_kind(examples.CALL_SID, VoicemailKind.MESSAGE, None)

    answer = api.get(CALLS, issuer.token(), **query)

    assert (answer.status, len(answer.json()["calls"])) == (200, count)


@pytest.mark.parametrize(
    "query", [{"since": "2026-03-02T12:00:00"}, {"kind": "letter"}, {"state": "done"}, {"tag": ""}]
)
def test_what_cannot_be_asked_for_is_refused(api: Gateway, issuer: Issuer, query: dict[str, Any]) -> None:
    assert api.get(CALLS, issuer.token(), **query).status == 422
