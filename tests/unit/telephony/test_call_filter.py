"""Which calls a list takes."""

from dataclasses import replace
from datetime import timedelta

import pytest

from telephony.call_filter import EVERY_CALL, CallFilter
from telephony.calls import CallStatus, VoicemailKind
from telephony.marks import Marks
from tests import examples

SECOND = timedelta(seconds=1)
CALL = replace(
    examples.ENDED_CALL, kind=VoicemailKind.MESSAGE, marks=Marks(read_at=examples.NOON, tags=("urgent", "vip"))
)


@pytest.mark.parametrize(
    "only",
    [
        EVERY_CALL,
        CallFilter(number=CALL.number),
        CallFilter(caller=CALL.caller),
        CallFilter(since=CALL.started_at, until=CALL.started_at + SECOND),
        CallFilter(kind=VoicemailKind.MESSAGE, status=CallStatus.COMPLETED),
        CallFilter(is_unread=False, is_archived=False, tag="vip"),
    ],
)
def test_a_call_that_is_all_that_is_asked_for_is_taken(only: CallFilter) -> None:
    assert only.takes(CALL)


@pytest.mark.parametrize(
    "only",
    [
        CallFilter(number="+15005550042"),
        CallFilter(number=CALL.number, caller="anonymous"),
        CallFilter(since=CALL.started_at + SECOND),
        CallFilter(until=CALL.started_at),
        CallFilter(kind=VoicemailKind.MISSED),
        CallFilter(status=CallStatus.BUSY),
        CallFilter(is_unread=True),
        CallFilter(is_archived=True),
        CallFilter(tag="vi"),
    ],
)
def test_a_call_that_is_not_all_of_it_is_not_taken(only: CallFilter) -> None:
    assert not only.takes(CALL)


def test_a_span_of_time_takes_every_call_in_it() -> None:
    assert CallFilter(since=examples.NOON, until=examples.NOON).is_by_time_alone
    assert not CallFilter(since=examples.NOON, tag="vip").is_by_time_alone
