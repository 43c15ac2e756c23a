"""Metrics are lines that CloudWatch turns into metrics."""

import io
import json

import pytest

from telephony.metrics import EmbeddedMeter, Metric, embedded
from tests import examples


def test_a_value_is_a_line_of_embedded_metric_format() -> None:
    out = io.StringIO()
    meter = EmbeddedMeter("pipeline", out, lambda: examples.NOON)

    meter.add(Metric.MESSAGE_SENT)
    meter.add(Metric.TOLD_AFTER_MS, 512.5)

    first, second = (json.loads(line) for line in out.getvalue().splitlines())
    assert first == {
        "_aws": {
            "Timestamp": 1_772_452_800_000,
            "CloudWatchMetrics": [
                {
                    "Namespace": "Ringscribe",
                    "Dimensions": [["Service"]],
                    "Metrics": [{"Name": "MessageSent", "Unit": "Count"}],
                }
            ],
        },
        "Service": "pipeline",
        "MessageSent": 1,
    }
    assert second["ToldAfterMilliseconds"] == 512.5


@pytest.mark.parametrize(
    ("metric", "unit"),
    [
        (Metric.COVERAGE_PERCENT, "Percent"),
        (Metric.TOLD_AFTER_MS, "Milliseconds"),
        (Metric.ACTIVE_STREAMS, "Count"),
    ],
)
def test_the_unit_is_in_the_name(metric: Metric, unit: str) -> None:
    line = json.loads(json.dumps(embedded(metric, 1, service="x", at=examples.NOON)))

    assert line["_aws"]["CloudWatchMetrics"][0]["Metrics"] == [{"Name": metric.value, "Unit": unit}]
