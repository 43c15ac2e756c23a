"""What the search index on DynamoDB does when somebody dies over it, is at it too, or the table answers half."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import cast

import pytest
from mypy_boto3_dynamodb import DynamoDBClient

from telephony.aws.dynamodb import TURNS, Table
from telephony.aws.search import LOOKED_THROUGH, DynamoSearch
from telephony.errors import ConflictError, UpstreamError
from telephony.index_entries import IndexEntry
from telephony.places import NEWEST, OLDEST
from telephony.ports.search import INDEXING_LEASE
from telephony.posting_lists import PageOf
from telephony.postings import document_of
from tests import corpus, examples
from tests.contract.stores.backends import any_call_sid, any_mailbox
from tests.contract.stores.test_dynamodb_faults import Answer, Faulty, Forward


def _entry(text: str, number: int = 1) -> IndexEntry:
    return replace(corpus.entry(text, number, mailbox_id=any_mailbox().id), call_sid=any_call_sid())


def _search(client: DynamoDBClient | Faulty, pauses: list[float] | None = None) -> DynamoSearch:
    sleep = (pauses if pauses is not None else []).append
    return DynamoSearch(Table(cast("DynamoDBClient", client), "calls", sleep=sleep))


def _once(first: Callable[[], object]) -> Callable[[Forward, Answer], Answer]:
    """Do something else before the first request is done."""
    waiting = [first]

    def fault(real: Forward, request: Answer) -> Answer:
        if waiting:
            waiting.pop()()
        return real(**request)

    return fault


def _dies(*_: object) -> Answer:
    raise ZeroDivisionError("a process that dies says nothing")


def _found(client: DynamoDBClient, entry: IndexEntry, stem: str) -> int:
    [page] = _search(client).postings(entry.mailbox_id, [PageOf(stem, NEWEST, OLDEST, 9)])
    return len(page)


def _begin_and_die(client: DynamoDBClient, entry: IndexEntry, operation: str = "batch_write_item") -> None:
    with pytest.raises(ZeroDivisionError):
        _search(Faulty(client, operation, _dies)).index(document_of(entry), examples.NOON)


def test_what_somebody_died_over_is_gone_on_with_when_their_lease_is_over(moto_client: DynamoDBClient) -> None:
    entry = _entry("My roof leaks.")
    _begin_and_die(moto_client, entry)
    search, late = _search(moto_client), examples.NOON + INDEXING_LEASE
    with pytest.raises(ConflictError):
        search.index(document_of(entry), late - timedelta(seconds=1))
    assert _found(moto_client, entry, "roof") == 0
    search.index(document_of(entry), late)
    assert _found(moto_client, entry, "roof") == 1


@pytest.mark.parametrize("operation", ["batch_write_item", "batch_get_item"])
def test_what_somebody_died_over_can_be_forgotten_whole(moto_client: DynamoDBClient, operation: str) -> None:
    entry = _entry("My roof leaks.")
    _begin_and_die(moto_client, entry, operation)
    _search(moto_client).forget(entry.call_sid)
    assert [_found(moto_client, entry, stem) for stem in document_of(entry).postings] == [0] * 5
    assert _search(moto_client).entries([entry.call_sid]) == {}


def test_what_somebody_died_over_correcting_can_be_forgotten_whole(moto_client: DynamoDBClient) -> None:
    entry = _entry("My roof leaks.")
    corpus.store(_search(moto_client), entry)
    corrected = replace(entry, spoken=corpus.entry("My floor leaks.").spoken)
    _begin_and_die(moto_client, corrected, "batch_get_item")
    assert [_found(moto_client, entry, stem) for stem in ("roof", "floor")] == [1, 1]
    assert _search(moto_client).forget(entry.call_sid) == 6
    assert [_found(moto_client, entry, stem) for stem in ("roof", "floor")] == [0, 0]


def test_a_beginning_whose_answer_was_lost_is_still_ours(moto_client: DynamoDBClient) -> None:
    entry = _entry("My roof leaks.")

    def twice(real: Forward, request: Answer) -> Answer:
        real(**request)  # it was done, and the answer was lost; boto3 asks again
        return real(**request)

    _search(Faulty(moto_client, "put_item", twice)).index(document_of(entry), examples.NOON)
    assert _found(moto_client, entry, "roof") == 1


def test_of_two_who_begin_at_once_one_goes_on(moto_client: DynamoDBClient) -> None:
    entry = _entry("My roof leaks.")
    client = Faulty(moto_client, "put_item", _once(lambda: corpus.store(_search(moto_client), entry)))
    with pytest.raises(ConflictError):
        _search(client).index(document_of(entry), examples.NOON)
    assert _found(moto_client, entry, "roof") == 1


def test_who_was_taken_for_dead_says_so_when_they_finish(moto_client: DynamoDBClient) -> None:
    entry = _entry("My roof leaks.")
    newer = document_of(replace(entry, spoken=corpus.entry("My floor leaks.").spoken))
    late = examples.NOON + INDEXING_LEASE
    client = Faulty(moto_client, "batch_get_item", _once(lambda: _search(moto_client).index(newer, late)))
    with pytest.raises(ConflictError):
        _search(client).index(document_of(entry), examples.NOON)
    assert _search(moto_client).entries([entry.call_sid]) == {entry.call_sid: newer.entry}


def test_who_indexes_what_is_being_forgotten_takes_it_back(moto_client: DynamoDBClient) -> None:
    entry = _entry("My roof leaks.")
    client = Faulty(moto_client, "batch_write_item", _once(lambda: _search(moto_client).forget(entry.call_sid)))
    with pytest.raises(ConflictError):
        _search(client).index(document_of(entry), examples.NOON)
    assert _found(moto_client, entry, "roof") == 0
    assert _search(moto_client).completions(entry.mailbox_id, "roo", 5) == ()


def test_what_is_indexed_again_while_it_is_forgotten_must_be_forgotten_again(moto_client: DynamoDBClient) -> None:
    entry = _entry("My roof leaks.")
    corpus.store(_search(moto_client), entry)
    newer = replace(entry, spoken=corpus.entry("My floor leaks.").spoken)
    client = Faulty(moto_client, "delete_item", _once(lambda: corpus.store(_search(moto_client), newer)))
    with pytest.raises(ConflictError):
        _search(client).forget(entry.call_sid)
    assert _search(moto_client).forget(entry.call_sid) == 5
    assert _found(moto_client, entry, "floor") == 0


def test_two_can_forget_a_call_at_once(moto_client: DynamoDBClient) -> None:
    entry = _entry("My roof leaks.")
    corpus.store(_search(moto_client), entry)
    client = Faulty(moto_client, "delete_item", _once(lambda: _search(moto_client).forget(entry.call_sid)))
    assert _search(client).forget(entry.call_sid) == 5
    assert _search(moto_client).entries([entry.call_sid]) == {}


def test_a_spelling_that_comes_back_while_it_is_forgotten_stays(moto_client: DynamoDBClient) -> None:
    gone = _entry("My roof leaks.")
    comes = replace(_entry("The roof.", 2), mailbox_id=gone.mailbox_id)
    corpus.store(_search(moto_client), gone)
    erasing: Iterator[Callable[[], object]] = iter([list, lambda: corpus.store(_search(moto_client), comes)])

    def fault(real: Forward, request: Answer) -> Answer:
        next(erasing, list)()  # the first request erases postings, the second spellings
        return real(**request)

    _search(Faulty(moto_client, "batch_write_item", fault)).forget(gone.call_sid)
    assert _search(moto_client).completions(gone.mailbox_id, "roo", 5) == ("roof",)
    assert _search(moto_client).completions(gone.mailbox_id, "lea", 5) == ()


def test_a_spelling_among_many_of_its_stem_is_kept(moto_client: DynamoDBClient) -> None:
    gone = _entry("Roofing.")
    others = [replace(_entry("Roofs.", number), mailbox_id=gone.mailbox_id) for number in range(2, LOOKED_THROUGH + 3)]
    corpus.store(_search(moto_client), gone, *others)
    _search(moto_client).forget(gone.call_sid)
    assert set(_search(moto_client).completions(gone.mailbox_id, "roof", 5)) == {"roofing", "roofs"}


def test_what_a_batch_of_reads_left_out_is_asked_for_again(moto_client: DynamoDBClient) -> None:
    entries = [_entry("roof", number) for number in range(3)]
    corpus.store(_search(moto_client), *entries)

    def one(real: Forward, request: Answer) -> Answer:
        keys = request["RequestItems"]["calls"]["Keys"]
        answer = real(RequestItems={"calls": {"Keys": keys[:1]}})
        rest = {"calls": {"Keys": keys[1:]}} if keys[1:] else {}
        return {"Responses": answer["Responses"], "UnprocessedKeys": rest}

    pauses: list[float] = []
    found = _search(Faulty(moto_client, "batch_get_item", one), pauses).entries([each.call_sid for each in entries])
    assert found == {entry.call_sid: entry for entry in entries}
    assert len(pauses) == 2


def test_a_batch_of_reads_that_is_never_answered_fails_after_a_bounded_time(moto_client: DynamoDBClient) -> None:
    client = Faulty(
        moto_client, "batch_get_item", lambda _, request: {"Responses": {}, "UnprocessedKeys": request["RequestItems"]}
    )
    pauses: list[float] = []
    with pytest.raises(UpstreamError, match="UnprocessedKeys") as failure:
        _search(client, pauses).entries([any_call_sid()])
    assert failure.value.retryable
    assert len(client.asked) == TURNS
    assert sum(pauses) < 4
