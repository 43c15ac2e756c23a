"""Who wants no SMS, for how long that holds, and which words say it."""

from datetime import timedelta

import pytest

from telephony.opt_outs import REFUSAL_HOLDS, OptOut, OptOutSource, SmsKeyword, keyword
from tests import examples

LONG_AFTER = examples.NOON + timedelta(days=400)


def _opt_out(source: OptOutSource) -> OptOut:
    return OptOut(examples.OWNER, examples.NUMBER, examples.NOON, source)


def test_who_said_stop_is_left_alone_for_good() -> None:
    assert _opt_out(OptOutSource.STOP).holds(LONG_AFTER)


def test_whom_twilio_refused_is_tried_again_a_day_later() -> None:
    refused = _opt_out(OptOutSource.REFUSAL)

    assert refused.holds(examples.NOON + REFUSAL_HOLDS - timedelta(seconds=1))
    assert not refused.holds(examples.NOON + REFUSAL_HOLDS)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("STOP", SmsKeyword.STOP),
        (" stop\n", SmsKeyword.STOP),
        ("StopAll", SmsKeyword.STOP),
        ("unsubscribe", SmsKeyword.STOP),
        ("Start", SmsKeyword.START),
        ("UNSTOP", SmsKeyword.START),
        ("HELP", SmsKeyword.HELP),
        ("info", SmsKeyword.HELP),
        ("Please stop", None),
        ("stop calling me", None),
        ("", None),
    ],
)
def test_a_keyword_stands_alone(text: str, asked: SmsKeyword | None) -> None:
    assert keyword(text) is asked
