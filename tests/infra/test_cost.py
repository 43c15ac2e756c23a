"""The bill: the document says what the model says, and the model counts what the template has."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from infra.app import ROOT
from telephony.metrics import Metric
from tests.infra.cloud_template import CloudTemplate
from tools import cost
from tools.prices import PRICES


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


def test_every_price_says_on_which_page_it_was_read_and_of_when_that_is() -> None:
    for name, price in PRICES.items():
        assert price.dated, name
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


@pytest.mark.parametrize(("name", "call"), [("voicemail", cost.CALL), ("voicemail, streamer=off", cost.FROM_RECORDING)])
def test_the_model_takes_of_a_call_what_was_counted(name: str, call: cost.Call) -> None:
    counted = _results("call")["calls"][name]
    words = _results("search")["archives"]["100000"]["writing"]
    assert call.webhooks == counted["webhooks"]
    assert call.writes == round(counted["write_units"] - counted["write_units_for_words"] + words["later_units"])
    assert call.reads == round(counted["read_units"] - counted["read_units_for_words"] + words["later_read_units"])


def test_the_voicemail_that_was_counted_is_the_models() -> None:
    assert _results("call")["spoken_s"] == pytest.approx(cost.CALL.spoken_minutes * 60, abs=1)


def test_the_document_says_what_was_counted() -> None:
    text = " ".join(cost.DOCUMENT.read_text(encoding="utf-8").split())
    units = [(each["write_units"], each["read_units"]) for each in _results("call")["calls"].values()]
    (voicemail, recorded, answered) = units
    assert "A voicemail took {:.0f} write units and {:.0f} read units".format(*voicemail) in text
    assert "without the streamer {:.0f} and {:.0f}".format(*recorded) in text
    assert "somebody answers {:.0f} and {:.0f}".format(*answered) in text


def _results(name: str) -> dict[str, Any]:
    results: dict[str, Any] = json.loads((ROOT / "bench" / "results" / f"{name}.json").read_text(encoding="utf-8"))
    return results


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
