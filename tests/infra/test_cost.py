"""The bill: the document says what the model says, and the model counts what the template has."""

import re
from pathlib import Path

import pytest

from telephony.metrics import Metric
from tests.infra.cloud_template import CloudTemplate
from tools import cost
from tools.prices import PRICES, Trust


def test_the_document_has_the_tables_of_the_model() -> None:
    text = cost.DOCUMENT.read_text(encoding="utf-8")
    assert cost.written(text) == text, "run `python -m tools.cost --write`"


def test_a_document_without_the_marks_is_left_alone() -> None:
    with pytest.raises(ValueError, match="marks"):
        cost.written("# What it costs")


def test_at_rest_it_costs_some_thirty_dollars_and_three_without_the_streamer() -> None:
    assert 25 < sum(cost.at_rest().values()) < 40
    assert sum(cost.at_rest(has_streamer=False).values()) < 4


def test_more_calls_never_cost_less() -> None:
    for has_streamer in (True, False):
        sums = [sum(cost.bill(calls, has_streamer=has_streamer).values()) for calls in cost.MONTHS]
        assert sums == sorted(sums)


def test_what_is_free_is_not_paid_for() -> None:
    alarm = PRICES["alarm"]
    assert alarm.of(alarm.free) == 0
    assert alarm.of(alarm.free + 1) == pytest.approx(alarm.dollars)


def test_a_price_that_was_read_says_where_and_one_that_was_not_claims_no_page() -> None:
    for name, price in PRICES.items():
        assert price.dated, name
        assert price.source.startswith("nowhere") == (price.trust is Trust.UNVERIFIED), name
        if price.trust in {Trust.OWN, Trust.READ}:
            assert re.search(r"\b[a-z0-9-]+(\.[a-z0-9-]+)+[/,]", price.source), name


def test_the_model_counts_what_stands_in_the_template(template: CloudTemplate, recordings_only: CloudTemplate) -> None:
    def metrics(stack: CloudTemplate) -> int:
        alarms = stack.properties("AWS::CloudWatch::Alarm").values()
        return sum(sum("MetricStat" in each for each in alarm.get("Metrics", [])) or 1 for alarm in alarms)

    assert cost.STANDING.alarms == metrics(template)
    assert cost.STANDING.alarms_without_streamer == metrics(recordings_only)
    # Application Auto Scaling makes them, so they are in no template. Source: its user guide, "Target tracking".
    assert cost.STANDING.scaling_alarms == 2 * len(template.resources("AWS::ApplicationAutoScaling::ScalingPolicy"))
    assert not recordings_only.resources("AWS::ApplicationAutoScaling::ScalingPolicy")
    assert cost.STANDING.secrets == len(template.resources("AWS::SecretsManager::Secret"))
    assert cost.CALL.metrics >= len(Metric)
    assert len(template.resources("AWS::KMS::Key")) == 1
    assert len(template.resources("AWS::ElasticLoadBalancingV2::LoadBalancer")) == 1
    assert not template.resources("AWS::EC2::NatGateway")


def test_asked_to_it_writes_the_tables_between_the_marks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    document = tmp_path / "cost.md"
    document.write_text(f"before\n{cost.BEGIN}\nold\n{cost.END}\nafter\n", encoding="utf-8")
    monkeypatch.setattr(cost, "DOCUMENT", document)
    monkeypatch.setattr("sys.argv", ["cost", "--write"])
    assert cost.main() == 0
    text = document.read_text(encoding="utf-8")
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert capsys.readouterr().out.strip() in text
