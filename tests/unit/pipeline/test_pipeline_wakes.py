"""Lambda's events, and the answers to them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from functions.pipeline.wakes import BEGIN_S, Waker
from telephony.calls import CallSid
from telephony.errors import UpstreamError
from tests.unit.pipeline.world import ALL_WELL, message, record

ROOT = Path(__file__).parents[3]
FIRST, SECOND, THIRD = (f"CA{number:032x}" for number in (1, 2, 3))


class _Follows:
    """Remembers which calls were followed; those in `failures` fail."""

    def __init__(self, **failures: Exception) -> None:
        self.followed: list[CallSid] = []
        self._failures = failures

    def __call__(self, call_sid: CallSid) -> None:
        self.followed.append(call_sid)
        if call_sid in self._failures:
            raise self._failures[call_sid]


def _failures(*identifiers: str) -> dict[str, list[dict[str, str]]]:
    return {"batchItemFailures": [{"itemIdentifier": identifier} for identifier in identifiers]}


def test_each_call_of_a_batch_is_followed_once_in_order() -> None:
    follow = _Follows()
    sids = [SECOND, FIRST, SECOND, THIRD, FIRST]

    answer = Waker(follow).on_table_change({"Records": [record(sid, number=at) for at, sid in enumerate(sids)]})

    assert follow.followed == [SECOND, FIRST, THIRD]
    assert answer == ALL_WELL


@pytest.mark.parametrize(
    ("sort_key", "state"),
    [
        ("CALL", None),
        ("REC#RE1", None),
        ("STREAM#MZ1", "ended"),
        ("REPAIR#RE1", "waiting"),
        ("REPAIR#RE1", "done"),
        ("REPAIR#RE1", "failed"),
        ("INDEX", "indexed"),
        ("DELIVERY#sms#+15005550010", "sent"),
        ("DELIVERY#sms#+15005550010", "failed"),
    ],
)
def test_what_moves_a_call_on_wakes(sort_key: str, state: str | None) -> None:
    follow = _Follows()

    Waker(follow).on_table_change({"Records": [record(FIRST, sort_key, state=state)]})

    assert follow.followed == [FIRST]


@pytest.mark.parametrize(
    ("sort_key", "state"),
    [
        ("UTT#inbound#000000000", None),
        ("STREAM#MZ1", "open"),
        ("STREAM#MZ1", None),
        ("DELIVERY#sms#+15005550010", "claimed"),
        ("INDEX", "writing"),
        ("OPEN", None),
        ("LINK", None),
        ("RECORD", None),
        ("", None),
    ],
)
def test_what_moves_nothing_on_does_not(sort_key: str, state: str | None) -> None:
    follow = _Follows()

    assert Waker(follow).on_table_change({"Records": [record(FIRST, sort_key, state=state)]}) == ALL_WELL

    assert follow.followed == []


def test_what_was_removed_wakes_nobody() -> None:
    follow = _Follows()

    Waker(follow).on_table_change({"Records": [record(FIRST, name="REMOVE")]})

    assert follow.followed == []


def test_items_of_other_things_than_calls_wake_nobody() -> None:
    follow = _Follows()
    config = record(FIRST)
    config["dynamodb"] = {"Keys": {"pk": {"S": "MAILBOX#front-desk"}, "sk": {"S": "CALL"}}, "SequenceNumber": "1"}

    assert Waker(follow).on_table_change({"Records": [config]}) == ALL_WELL

    assert follow.followed == []


@pytest.mark.parametrize(
    "failure", [UpstreamError("dynamodb", "Throttling", retryable=True), ZeroDivisionError("a bug")]
)
def test_the_first_failed_record_is_named_and_the_calls_behind_it_are_followed(failure: Exception) -> None:
    follow = _Follows(**{SECOND: failure, THIRD: failure})
    sids = [FIRST, SECOND, THIRD, FIRST]

    answer = Waker(follow).on_table_change({"Records": [record(sid, number=at) for at, sid in enumerate(sids, 10)]})

    assert follow.followed == [FIRST, SECOND, THIRD]
    assert answer == _failures("11")


def test_what_a_slow_batch_leaves_no_time_for_is_handed_out_again() -> None:
    follow, seconds = _Follows(), iter([0.0, 0.0, BEGIN_S - 1, BEGIN_S])
    sids = [FIRST, SECOND, THIRD, FIRST]

    waker = Waker(follow, lambda: next(seconds))
    answer = waker.on_table_change({"Records": [record(sid, number=at) for at, sid in enumerate(sids, 10)]})

    assert follow.followed == [FIRST, SECOND]
    assert answer == _failures("12")


def test_every_failed_message_is_named() -> None:
    follow = _Follows(**{SECOND: UpstreamError("dynamodb", "Throttling", retryable=True)})
    sids = [FIRST, SECOND, THIRD, SECOND]

    answer = Waker(follow).on_follow_up({"Records": [message(sid, at) for at, sid in enumerate(sids)]})

    assert follow.followed == [FIRST, SECOND, THIRD]
    assert answer == _failures("message-1", "message-3")


def test_an_unreadable_record_is_passed_over(capsys: pytest.CaptureFixture[str]) -> None:
    follow = _Follows()
    unreadable: list[object] = [
        None,
        {},
        record("CA1"),
        {**record(FIRST), "dynamodb": None},
        {**record(FIRST), "eventName": 7},
        {**record(FIRST), "dynamodb": {"Keys": {"pk": {"S": f"CALL#{FIRST}"}, "sk": {"S": "CALL"}}}},
    ]

    answer = Waker(follow).on_table_change({"Records": [*unreadable, record(SECOND)]})

    assert follow.followed == [SECOND]
    assert answer == ALL_WELL
    assert capsys.readouterr().out.count("record-unreadable") == len(unreadable)


def test_an_unreadable_message_is_passed_over() -> None:
    follow = _Follows()
    bodies = ["", "[]", "{}", '{"call_sid": 7}', '{"call_sid": "CA1"}', "[" * 100_000, "\ud800"]
    unreadable: list[object] = [None, {"body": "{}"}, *({"messageId": "1", "body": body} for body in bodies)]

    answer = Waker(follow).on_follow_up({"Records": [*unreadable, message(SECOND)]})

    assert follow.followed == [SECOND]
    assert answer == ALL_WELL


@pytest.mark.parametrize("event", [None, [], "", {}, {"Records": None}, {"Records": {}}])
def test_an_event_without_records_is_answered(event: object) -> None:
    assert Waker(_Follows()).on_table_change(event) == ALL_WELL
    assert Waker(_Follows()).on_follow_up(event) == ALL_WELL


_NOTHING_TO_DO = """
import json, sys
from functions.pipeline.handler import on_follow_up, on_schedule, on_table_change
print(json.dumps([on_table_change({"Records": []}, None), on_follow_up({"Records": []}, None)]))
unused = {"fastapi", "functions.webhooks", "functions.api", "twilio.rest"} & set(sys.modules)
assert not unused, unused
"""


def test_the_lambda_handlers_answer_with_settings_alone() -> None:
    environment = {
        "PATH": os.defpath,
        "AWS_DEFAULT_REGION": "eu-west-1",
        "TABLE_NAME": "ringscribe",
        "PUBLIC_ORIGIN": "https://calls.example",
        "RECORDINGS_BUCKET": "recordings",
        "TOPIC_ARN": "arn:aws:sns:eu-west-1:123456789012:voicemail",
        "FOLLOWUPS_QUEUE_URL": "https://sqs.eu-west-1.amazonaws.com/123456789012/follow-ups",
        "TWILIO_SECRET_ARN": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:twilio",
        "DEEPGRAM_SECRET_ARN": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:deepgram",
    }

    run = subprocess.run(
        [sys.executable, "-c", _NOTHING_TO_DO],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )

    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout) == [ALL_WELL, ALL_WELL]
