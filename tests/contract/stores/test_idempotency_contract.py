"""What every IdempotencyStore promises."""

import secrets
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from http import HTTPStatus
from threading import Barrier

import pytest

from telephony.errors import ConflictError, NotFoundError
from telephony.idempotency import LEASE, LIFETIME, Answered, KeyReusedError, RequestKey
from tests.contract.stores.backends import NOW, AnyTable

RACERS = 8
ANSWER = Answered(HTTPStatus.CREATED, '{"grün": 1}')
LAST_MOMENT = LIFETIME - timedelta(seconds=1)


def _request() -> RequestKey:
    return RequestKey("ada#ü", secrets.token_hex(8))


def test_a_repeat_gets_the_first_answer_for_a_day(table: AnyTable) -> None:
    request = _request()
    assert table.idempotency.claim(request, "f", NOW) is None
    table.idempotency.answer(request, ANSWER)
    assert table.idempotency.claim(request, "f", NOW) == ANSWER
    assert table.idempotency.claim(request, "f", NOW + LAST_MOMENT) == ANSWER
    assert table.idempotency.claim(request, "g", NOW + LIFETIME) is None


def test_another_request_under_the_same_key_is_refused(table: AnyTable) -> None:
    request = _request()
    table.idempotency.claim(request, "f", NOW)
    with pytest.raises(KeyReusedError):
        table.idempotency.claim(request, "g", NOW)
    assert table.idempotency.claim(RequestKey("grace", request.key), "g", NOW) is None


def test_a_request_that_is_being_answered_waits_until_its_lease_ends(table: AnyTable) -> None:
    request = _request()
    table.idempotency.claim(request, "f", NOW)
    with pytest.raises(ConflictError):
        table.idempotency.claim(request, "f", NOW + LEASE - timedelta(microseconds=1))
    assert table.idempotency.claim(request, "f", NOW + LEASE) is None
    with pytest.raises(ConflictError):
        table.idempotency.claim(request, "f", NOW + LEASE)


def test_a_request_that_failed_may_be_repeated_at_once(table: AnyTable) -> None:
    request = _request()
    table.idempotency.claim(request, "f", NOW)
    table.idempotency.release(request, NOW)
    assert table.idempotency.claim(request, "f", NOW) is None


def test_an_answer_given_before_the_end_is_gone_over_or_forgotten(table: AnyTable) -> None:
    request, doubt = _request(), Answered(HTTPStatus.GATEWAY_TIMEOUT, "{}")
    table.idempotency.claim(request, "f", NOW)
    table.idempotency.answer(request, doubt)
    assert table.idempotency.claim(request, "f", NOW) == doubt
    table.idempotency.release(request, NOW)
    assert table.idempotency.claim(request, "f", NOW) is None
    table.idempotency.answer(request, doubt)
    table.idempotency.answer(request, ANSWER)
    assert table.idempotency.claim(request, "f", NOW) == ANSWER


def test_what_was_not_claimed_is_not_found(table: AnyTable) -> None:
    with pytest.raises(NotFoundError):
        table.idempotency.answer(_request(), ANSWER)
    with pytest.raises(NotFoundError):
        table.idempotency.release(_request(), NOW)


@pytest.mark.parametrize("was_claimed", [False, True])
def test_of_eight_repeats_at_once_one_is_done(shared_table: AnyTable, *, was_claimed: bool) -> None:
    request = _request()
    if was_claimed:
        shared_table.idempotency.claim(request, "f", NOW - LEASE)
    start = Barrier(RACERS)

    def is_ours() -> bool:
        start.wait(timeout=10)
        try:
            return shared_table.idempotency.claim(request, "f", NOW) is None
        except ConflictError:
            return False

    with ThreadPoolExecutor(RACERS) as pool:
        outcomes = [racer.result(timeout=30) for racer in [pool.submit(is_ours) for _ in range(RACERS)]]
    assert outcomes.count(True) == 1
