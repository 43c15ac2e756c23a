"""What every DeliveryStore promises."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest

from telephony.deliveries import LEASE, Attempt, Channel, Claim, Delivery, DeliveryId, DeliveryState
from telephony.errors import ConflictError, NotFoundError
from telephony.numbers import E164
from tests.contract.stores.backends import NOW, AnyTable, any_call_sid

RACERS = 8


def _delivery() -> DeliveryId:
    return DeliveryId(any_call_sid(), Channel.EMAIL, "praxis-grün #1")


def _attempt(marker: str, at: datetime) -> Attempt:
    return Attempt(E164("+15005550006"), marker, at)


@pytest.mark.parametrize("state", [DeliveryState.SENT, DeliveryState.FAILED])
def test_a_delivery_that_is_over_is_never_claimed_again(table: AnyTable, state: DeliveryState) -> None:
    delivery = _delivery()
    assert table.deliveries.claim(delivery, NOW) is Claim.NEW
    table.deliveries.finish(Delivery(delivery, state, NOW))
    with pytest.raises(ConflictError):
        table.deliveries.claim(delivery, NOW + 2 * LEASE)


def test_a_claim_holds_until_its_lease_ends_and_is_then_taken_over(table: AnyTable) -> None:
    delivery = _delivery()
    assert table.deliveries.claim(delivery, NOW) is Claim.NEW
    with pytest.raises(ConflictError):
        table.deliveries.claim(delivery, NOW + LEASE - timedelta(microseconds=1))
    assert table.deliveries.claim(delivery, NOW + LEASE) is Claim.TAKEN_OVER
    with pytest.raises(ConflictError):
        table.deliveries.claim(delivery, NOW + LEASE)
    assert table.deliveries.claim(delivery, NOW + 2 * LEASE) is Claim.TAKEN_OVER


def test_a_delivery_to_be_tried_again_says_why_until_it_is_taken_over(table: AnyTable) -> None:
    delivery = _delivery()
    table.deliveries.claim(delivery, NOW)
    waiting = Delivery(delivery, DeliveryState.CLAIMED, NOW + timedelta(seconds=5), trouble="503")
    table.deliveries.finish(waiting)
    assert table.calls.facts(delivery.call_sid).deliveries == (waiting,)
    with pytest.raises(ConflictError):
        table.deliveries.claim(delivery, NOW + LEASE)
    later = waiting.changed_at + LEASE
    assert table.deliveries.claim(delivery, later) is Claim.TAKEN_OVER
    assert table.calls.facts(delivery.call_sid).deliveries == (Delivery(delivery, DeliveryState.CLAIMED, later),)


def test_an_outcome_stands_but_that_it_was_sent_goes_over_all(table: AnyTable) -> None:
    delivery = _delivery()
    table.deliveries.claim(delivery, NOW)
    failed, sent = Delivery(delivery, DeliveryState.FAILED, NOW), Delivery(delivery, DeliveryState.SENT, NOW, "SM1")
    for outcome, stands in [(failed, failed), (sent, sent), (failed, sent)]:
        table.deliveries.finish(outcome)
        assert table.calls.facts(delivery.call_sid).deliveries == (stands,)
    table.deliveries.finish(Delivery(delivery, DeliveryState.CLAIMED, NOW, trouble="503"))
    assert table.calls.facts(delivery.call_sid).deliveries == (sent,)


@pytest.mark.parametrize("was_claimed", [False, True])
def test_of_eight_who_claim_a_delivery_at_once_one_gets_it(shared_table: AnyTable, *, was_claimed: bool) -> None:
    delivery = _delivery()
    if was_claimed:
        shared_table.deliveries.claim(delivery, NOW - LEASE)
    start = Barrier(RACERS)

    def is_ours() -> bool:
        start.wait(timeout=10)
        try:
            shared_table.deliveries.claim(delivery, NOW)
        except ConflictError:
            return False
        return True

    with ThreadPoolExecutor(RACERS) as pool:
        outcomes = [racer.result(timeout=30) for racer in [pool.submit(is_ours) for _ in range(RACERS)]]
    assert outcomes.count(True) == 1


def test_the_outcome_of_a_delivery_is_kept(table: AnyTable) -> None:
    delivery = _delivery()
    outcome = Delivery(delivery, DeliveryState.SENT, NOW + timedelta(seconds=1), "SM1", "")
    table.deliveries.claim(delivery, NOW)
    table.deliveries.finish(outcome)
    table.deliveries.finish(outcome)
    assert table.calls.facts(delivery.call_sid).deliveries == (outcome,)


def test_what_was_not_claimed_cannot_be_finished(table: AnyTable) -> None:
    delivery = _delivery()
    with pytest.raises(NotFoundError):
        table.deliveries.finish(Delivery(delivery, DeliveryState.SENT, NOW))
    assert table.calls.facts(delivery.call_sid).deliveries == ()


def test_a_delivery_that_is_over_can_be_asked_for_again_and_is_made_once_more(table: AnyTable) -> None:
    delivery = _delivery()
    table.deliveries.claim(delivery, NOW)
    table.deliveries.finish(Delivery(delivery, DeliveryState.SENT, NOW, "SM1"))
    at = NOW + timedelta(days=1)
    asked = Delivery(delivery, DeliveryState.AGAIN, at, "SM1", asked_at=at)
    assert table.deliveries.ask_again(delivery, at) == asked
    assert table.deliveries.ask_again(delivery, at + timedelta(seconds=1)) == asked
    assert table.deliveries.claim(delivery, at) is Claim.AGAIN
    assert table.calls.facts(delivery.call_sid).deliveries == (
        Delivery(delivery, DeliveryState.CLAIMED, at, asked_at=at, earlier=("SM1",)),
    )
    with pytest.raises(ConflictError):
        table.deliveries.claim(delivery, at)
    table.deliveries.finish(Delivery(delivery, DeliveryState.FAILED, at, trouble="21610"))
    over = Delivery(delivery, DeliveryState.FAILED, at, trouble="21610", asked_at=at, earlier=("SM1",))
    assert table.calls.facts(delivery.call_sid).deliveries == (over,)


def test_every_message_that_was_sent_is_known_however_often_it_was_asked_for(table: AnyTable) -> None:
    delivery = _delivery()
    table.deliveries.claim(delivery, NOW)
    for reference in ("SM1", "SM2", "SM3"):
        table.deliveries.finish(Delivery(delivery, DeliveryState.SENT, NOW, reference))
        table.deliveries.ask_again(delivery, NOW)
        assert table.deliveries.claim(delivery, NOW) is Claim.AGAIN
        assert table.deliveries.claim(delivery, NOW + LEASE) is Claim.TAKEN_OVER
    (known,) = table.calls.facts(delivery.call_sid).deliveries
    assert (known.reference, known.messages) == ("", ("SM1", "SM2", "SM3"))


def test_an_sms_is_remembered_by_its_marker_until_its_sid_is_known(table: AnyTable) -> None:
    delivery, first = _delivery(), _attempt("token-1", NOW)

    def known() -> Delivery:
        (only,) = table.calls.facts(delivery.call_sid).deliveries
        return only

    table.deliveries.claim(delivery, NOW, first)
    assert (known().attempts, known().lost) == ((first,), (first,))
    table.deliveries.finish(Delivery(delivery, DeliveryState.CLAIMED, NOW, trouble="timeout"))
    table.deliveries.claim(delivery, NOW + LEASE, _attempt("token-1", NOW + LEASE))
    assert known().lost == (first,)
    second = _attempt("token-2", NOW + 2 * LEASE)
    table.deliveries.claim(delivery, NOW + 2 * LEASE, second)
    assert known().lost == (first, second)
    table.deliveries.finish(Delivery(delivery, DeliveryState.SENT, NOW, "SM2"))
    assert known().lost == (first,)


def test_an_sms_that_was_lost_is_remembered_when_another_is_asked_for(table: AnyTable) -> None:
    delivery, lost = _delivery(), _attempt("token", NOW)
    table.deliveries.claim(delivery, NOW, lost)
    table.deliveries.finish(Delivery(delivery, DeliveryState.FAILED, NOW, trouble="timeout"))
    for number, at in ((1, NOW + LEASE), (2, NOW + 2 * LEASE)):
        table.deliveries.ask_again(delivery, at)
        table.deliveries.claim(delivery, at, _attempt("token", at))
        table.deliveries.finish(Delivery(delivery, DeliveryState.SENT, at, f"SM{number}"))
    (known,) = table.calls.facts(delivery.call_sid).deliveries
    assert (known.messages, known.lost) == (("SM1", "SM2"), (lost,))
    assert known.attempts == (lost, _attempt("token", NOW + 2 * LEASE))


def test_whether_a_delivery_may_be_being_sent_is_seen_by_its_claim(table: AnyTable) -> None:
    delivery = _delivery()
    table.deliveries.claim(delivery, NOW)

    def is_under_way(now: datetime) -> bool:
        return table.calls.facts(delivery.call_sid).deliveries[0].is_under_way(now)

    assert is_under_way(NOW)
    assert not is_under_way(NOW + LEASE)
    table.deliveries.finish(Delivery(delivery, DeliveryState.CLAIMED, NOW, trouble="timeout"))
    assert not is_under_way(NOW)


def test_a_delivery_that_is_under_way_or_unknown_cannot_be_asked_for_again(table: AnyTable) -> None:
    delivery = _delivery()
    with pytest.raises(NotFoundError):
        table.deliveries.ask_again(delivery, NOW)
    table.deliveries.claim(delivery, NOW)
    with pytest.raises(ConflictError):
        table.deliveries.ask_again(delivery, NOW)


def test_a_late_outcome_does_not_undo_that_it_was_asked_for_again(table: AnyTable) -> None:
    delivery = _delivery()
    table.deliveries.claim(delivery, NOW)
    table.deliveries.finish(Delivery(delivery, DeliveryState.FAILED, NOW))
    asked = table.deliveries.ask_again(delivery, NOW)
    for state in (DeliveryState.SENT, DeliveryState.FAILED):
        table.deliveries.finish(Delivery(delivery, state, NOW))
    assert table.calls.facts(delivery.call_sid).deliveries == (asked,)


def test_of_eight_who_claim_what_was_asked_for_again_one_gets_it(shared_table: AnyTable) -> None:
    delivery = _delivery()
    shared_table.deliveries.claim(delivery, NOW)
    shared_table.deliveries.finish(Delivery(delivery, DeliveryState.SENT, NOW))
    shared_table.deliveries.ask_again(delivery, NOW)
    start = Barrier(RACERS)

    def is_ours() -> bool:
        start.wait(timeout=10)
        try:
            return shared_table.deliveries.claim(delivery, NOW) is Claim.AGAIN
        except ConflictError:
            return False

    with ThreadPoolExecutor(RACERS) as pool:
        outcomes = [racer.result(timeout=30) for racer in [pool.submit(is_ours) for _ in range(RACERS)]]
    assert outcomes.count(True) == 1
