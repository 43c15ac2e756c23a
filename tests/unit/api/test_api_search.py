"""Search through the API: what is found, page by page, and what is refused."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from functions.api.ports import ApiPorts
from functions.api.routes_search import MOST_HITS
from telephony.calls import CallSid
from telephony.index_entries import IndexEntry
from telephony.jobs import JobId, JobKind
from telephony.mailboxes import Mailbox
from telephony.numbers import MailboxId
from tests import corpus, examples
from tests.fakes.jobs import MemoryJobQueue
from tests.fakes.search import MemorySearch
from tests.fakes.table import MemoryTable
from tests.unit.api.asking import Gateway, Issuer

SEARCH = f"/api/mailboxes/{examples.MAILBOX.id}/search"
ROOF = corpus.entry("Hello, it's Zoë. Your roof is leaking, call me on 415 555 0123.", 1)
AGAIN = corpus.entry("The roof still leaks.", 2, caller="client:zoe")
BILL = corpus.entry("About your bill.", 3, caller="anonymous")


@pytest.fixture(autouse=True)
def _mailboxes(table: MemoryTable) -> None:
    table.directory.put(examples.MAILBOX, ())
    table.directory.put(Mailbox(MailboxId("vault"), "Vault", readers=("grace",)), ())
    corpus.store(table.search, ROOF, AGAIN, replace(BILL, caller=""))
    corpus.store(table.search, corpus.entry("The roof of the vault.", 4, mailbox_id=MailboxId("vault")))


def _found(api: Gateway, issuer: Issuer, **query: Any) -> list[str]:  # noqa: ANN401 - of the query, not of a header
    answer = api.get(SEARCH, issuer.token(), **query)
    assert answer.status == 200, answer.body
    return [hit["call_sid"] for hit in answer.json()["hits"]]


def test_a_hit_shows_the_words_around_and_the_moment_to_listen_at(api: Gateway, issuer: Issuer) -> None:
    answer = api.get(SEARCH, issuer.token(), q='"roof is" ')

    assert answer.json() == {
        "hits": [
            {
                "call_sid": ROOF.call_sid,
                "started_at": "2026-03-02T12:01:00Z",
                "caller": examples.CALLER,
                "number": examples.NUMBER,
                "track": "inbound",
                "start_ms": 4 * corpus.WORD_MS,
                "snippet": "Hello, it's Zoë. Your roof is leaking, call me on 415 555 0123.",
                "marks": [{"start": 22, "end": 26}, {"start": 27, "end": 29}],
                "has_more_before": False,
                "has_more_after": False,
            }
        ],
        "completions": [],
        "next_cursor": None,
    }


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("roof ", [AGAIN, ROOF]),
        ("ROOFS leak ", [AGAIN, ROOF]),
        ('"the roof" ', [AGAIN]),
        ("roof -still ", [ROOF]),
        ("+1 (415) 555-0123 ", [ROOF]),
        ("5550123", [ROOF]),
        ("caller:zoe ", [AGAIN]),
        ("zoe ", [AGAIN, ROOF]),
        ("bil", [BILL]),
        ("nothing ", []),
    ],
)
def test_calls_are_found_newest_first(api: Gateway, issuer: Issuer, q: str, found: list[IndexEntry]) -> None:
    assert _found(api, issuer, q=q) == [each.call_sid for each in found]


def test_the_last_word_may_go_on_and_the_answer_says_how(api: Gateway, issuer: Issuer) -> None:
    answer = api.get(SEARCH, issuer.token(), q="lea").json()

    assert answer["completions"] == ["leaking", "leaks"]
    assert len(answer["hits"]) == 2


def test_a_caller_and_a_range_narrow_a_search_or_make_one(api: Gateway, issuer: Issuer) -> None:
    moment = (examples.NOON + timedelta(minutes=2)).isoformat()

    assert _found(api, issuer, caller=examples.CALLER) == [ROOF.call_sid]
    assert _found(api, issuer, caller="+1 500 555 0001") == [ROOF.call_sid]
    assert _found(api, issuer, q="roof ", caller="0001") == [ROOF.call_sid]
    assert _found(api, issuer, q="roof ", since=moment) == [AGAIN.call_sid]
    assert _found(api, issuer, q="roof ", until=moment) == [ROOF.call_sid]


def test_pages_follow_each_other_and_end(api: Gateway, issuer: Issuer) -> None:
    first = api.get(SEARCH, issuer.token(), q="roof ", limit=1).json()
    second = api.get(SEARCH, issuer.token(), q="roof ", limit=1, cursor=first["next_cursor"]).json()

    assert [hit["call_sid"] for page in (first, second) for hit in page["hits"]] == [AGAIN.call_sid, ROOF.call_sid]
    assert second["next_cursor"] is None


@pytest.mark.parametrize(
    "change", [{"q": "leak "}, {"caller": "0001"}, {"since": "2026-01-01T00:00:00Z"}, {"cursor": "vault.1"}]
)
def test_the_cursor_of_another_search_is_refused(api: Gateway, issuer: Issuer, change: dict[str, Any]) -> None:
    cursor = api.get(SEARCH, issuer.token(), q="roof ", limit=1).json()["next_cursor"]

    answer = api.get(SEARCH, issuer.token(), **{"q": "roof ", "limit": 1, "cursor": cursor, **change})

    assert answer.status == 400
    assert "cursor" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        ({}, "q is empty"),
        ({"q": " ,. "}, "q is empty"),
        ({"q": "-roof "}, "a query needs something to find, not only what to leave out"),
        ({"q": "a " * 17}, "a query has at most 16 words"),
        ({"q": "1" * 21}, "a number has at most 20 digits"),
        ({"q": "a", "since": "2026-01-02T00:00:00Z", "until": "2026-01-02T00:00:00Z"}, "since must be before until"),
        ({"q": "a", "since": "0001-01-01T00:00:00+14:00"}, "since and until must be times that UTC has"),
        ({"q": "a", "until": "9999-12-31T23:59:59-12:00"}, "since and until must be times that UTC has"),
    ],
)
def test_a_query_that_asks_for_nothing_or_too_much_is_refused_with_a_reason(
    api: Gateway, issuer: Issuer, query: dict[str, Any], detail: str
) -> None:
    answer = api.get(SEARCH, issuer.token(), **query)

    assert answer.status == 400
    assert answer.json()["detail"] == detail


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("q", "a" * 201),
        ("caller", "a" * 201),
        ("since", "2026-01-02T00:00:00"),
        ("until", "yesterday"),
        ("limit", "0"),
        ("limit", str(MOST_HITS + 1)),
    ],
)
def test_a_parameter_out_of_bounds_is_named(api: Gateway, issuer: Issuer, name: str, value: str) -> None:
    query: dict[str, Any] = {"q": "roof", name: value}
    answer = api.get(SEARCH, issuer.token(), **query)

    assert answer.status == 422
    assert [fault["where"] for fault in answer.json()["errors"]] == [f"query.{name}"]


def test_anothers_mailbox_is_as_missing_as_one_that_does_not_exist(api: Gateway, issuer: Issuer) -> None:
    anothers = api.get("/api/mailboxes/vault/search", issuer.token(), q="roof ")
    nobodys = api.get("/api/mailboxes/nowhere/search", issuer.token(), q="roof ")

    assert anothers == nobodys
    assert anothers.status == 404
    assert api.get("/api/mailboxes/vault/search", issuer.token(sub="grace"), q="roof ").status == 200
    assert api.get(SEARCH, q="roof ").status == 401


class _Erasing(MemorySearch):
    """Forgets every call but ROOF between finding it and showing it."""

    def entries(self, call_sids: Sequence[CallSid]) -> Mapping[CallSid, IndexEntry]:
        return {sid: entry for sid, entry in super().entries(call_sids).items() if sid == ROOF.call_sid}


@pytest.mark.usefixtures("loop")
def test_a_call_that_was_erased_a_moment_ago_is_not_shown(ports: ApiPorts, issuer: Issuer, table: MemoryTable) -> None:
    api = Gateway(replace(ports, search=_Erasing(table.state)))

    assert _found(api, issuer, q="roof ") == [ROOF.call_sid]


def test_calls_are_indexed_again_by_a_job_for_a_span_of_time(
    api: Gateway, issuer: Issuer, ports: ApiPorts, table: MemoryTable
) -> None:
    span = {"since": "2026-03-01T00:00:00+01:00", "until": "2026-04-01T00:00:00Z"}
    reindexes = f"/api/mailboxes/{examples.MAILBOX.id}/reindexes"

    answer = api.ask("POST", reindexes, issuer.token(scope="ringscribe/manage"), body=span)

    job = table.jobs.get(JobId(answer.json()["job_id"]))
    assert (answer.status, answer.json()["kind"], job.kind) == (202, "reindex", JobKind.REINDEX)
    assert job.request == {"since": "2026-02-28T23:00:00+00:00", "until": "2026-04-01T00:00:00+00:00"}
    assert isinstance(ports.queue, MemoryJobQueue)
    assert ports.queue.woken == [(job.id, timedelta())]
    assert api.ask("POST", reindexes, issuer.token(), body={**span, "until": span["since"]}).status == 422
