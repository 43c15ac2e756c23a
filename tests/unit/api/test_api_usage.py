"""What a mailbox used, through the API."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from telephony.calls import CallSid
from telephony.usage import Usage
from tests import examples
from tests.fakes.table import MemoryTable
from tests.unit.api.asking import Gateway, Issuer

USAGE = f"/api/mailboxes/{examples.MAILBOX.id}/usage"


@pytest.fixture(autouse=True)
def _used(table: MemoryTable) -> None:
    table.directory.put(examples.MAILBOX, ())
    for number, days_ago in enumerate((400, 31, 30, 0, 0)):
        call = replace(
            examples.CALL,
            sid=CallSid(f"CA{number:032x}"),
            started_at=examples.NOON - timedelta(days=days_ago),
        )
        table.calls.begin(call, None)
        table.usage.count(call, Usage(1, 90_000, 45_000, 2, 1))


def test_each_day_is_summed_up(api: Gateway, issuer: Issuer) -> None:
    answer = api.get(USAGE, issuer.token(), since="2026-03-01")

    assert answer.json() == {
        "since": "2026-03-01",
        "until": "2026-03-02",
        "days": [
            {
                "day": "2026-03-02",
                "calls": 2,
                "received_minutes": 3.0,
                "transcribed_minutes": 1.5,
                "messages_sent": 4,
                "messages_failed": 2,
            }
        ],
    }


@pytest.mark.parametrize(
    ("query", "days"),
    [
        ({}, 2),
        ({"since": "2026-01-30"}, 3),
        ({"since": "2000-01-01"}, 3),
        ({"until": "2026-01-30"}, 1),
        ({"since": "2024-01-01", "until": "2025-02-01"}, 1),
        ({"since": "2026-03-03"}, 0),
        ({"until": "0001-01-02"}, 0),
    ],
)
def test_a_span_is_what_was_asked_for_and_a_year_at_most(
    api: Gateway, issuer: Issuer, query: dict[str, Any], days: int
) -> None:
    answer = api.get(USAGE, issuer.token(), **query)

    assert (answer.status, len(answer.json()["days"])) == (200, days)
