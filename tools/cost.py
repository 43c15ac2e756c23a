"""What Ringscribe costs: `python -m tools.cost [--write]`.

A small model: what stands there, what a call uses, and the prices of `tools.prices`. With `--write` its tables also
stand in `docs/cost.md`, between the two marks, afterwards.
"""

import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tools.prices import HOURS_A_MONTH, PEERS, PRICES, Trust

ROOT: Final = Path(__file__).parent.parent
DOCUMENT: Final = ROOT / "docs" / "cost.md"
BEGIN: Final = "<!-- written by `python -m tools.cost --write` -->"
END: Final = "<!-- end of what is written -->"

MONTHS: Final = (0, 10, 1_000, 100_000)
"""Calls a month."""

Bill = Mapping[str, float]
"""Dollars a month, by who is paid for what."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What is there whether anybody calls or not."""

    alarms: int = 35
    """Metrics that alarms look at: one each, but for those that reckon with several."""
    alarms_without_streamer: int = 25
    scaling_alarms: int = 2
    """Those that target tracking makes for itself: one to have more tasks, one to have fewer."""
    secrets: int = 2
    idle_gb_of_logs: float = 0.3
    sweeps: int = 11_680
    """Runs of the sweeper, one in five minutes, and of the rounds that the jobs make, one in fifteen."""
    sweep_s: float = 0.3


@dataclass(frozen=True, slots=True)
class Call:
    """What one voicemail uses: a minute in all, of which the caller speaks fifty seconds."""

    minutes: float = 1.0
    spoken_minutes: float = 50 / 60
    webhooks: int = 6
    invocations: int = 26
    lambda_s: float = 4.0
    """Of all its invocations, at 1 GB."""
    writes: int = 146
    """Write units: 53 for the call, its stream, utterances, recording and deliveries, the table's index with them, as
    `make bench-call` counts them; 93 more have it found by its words, as `make bench-search` counts them."""
    reads: int = 106
    """Read units, 82 of them for the words."""
    stored_gb: float = 50e-6
    audio_gb: float = 0.8e-3
    """Eight thousand 16-bit samples a second."""
    logs_gb: float = 40e-6
    key_uses: int = 6
    sms: int = 1
    metrics: int = 24

    @property
    def streamed_gb(self) -> float:
        """Through CloudFront and the load balancer: base64 of 8,000 bytes a second, and what is around it."""
        return self.spoken_minutes * 60 * 13_000 / 1e9

    @property
    def recognised_gb(self) -> float:
        """To Deepgram: 8,000 bytes a second."""
        return self.spoken_minutes * 60 * 8_400 / 1e9


STANDING: Final = Standing()
CALL: Final = Call()
FROM_RECORDING: Final = Call(webhooks=4, writes=151, reads=105)
"""The same voicemail without the streamer: nothing is reported of a stream, and all words come by a repair."""


def bill(calls: int, *, has_streamer: bool = True) -> Bill:
    """Return what *calls* in a month cost. The table and recordings of that one month alone are stored."""
    return {
        "AWS at rest": sum(at_rest(has_streamer=has_streamer).values()),
        "AWS for calls": aws_for_calls(calls, has_streamer=has_streamer),
        "Deepgram": calls * recognition(has_streamer=has_streamer),
        "Twilio": twilio(calls, has_streamer=has_streamer),
    }


def at_rest(*, has_streamer: bool = True) -> Bill:
    """Return what a month without a call costs at AWS, by what it is for."""
    streamer = {
        "load balancer": PRICES["balancer"].of(HOURS_A_MONTH),
        "container, 0.25 vCPU": PRICES["fargate"].of(HOURS_A_MONTH),
        "its public address": PRICES["address"].of(HOURS_A_MONTH),
    }
    alarms = STANDING.alarms + STANDING.scaling_alarms if has_streamer else STANDING.alarms_without_streamer
    return {
        **(streamer if has_streamer else {}),
        "alarms": PRICES["alarm"].of(alarms),
        "key": PRICES["key"].of(1),
        "secrets": PRICES["secret"].of(STANDING.secrets),
        "logs, sweeper, dashboard": PRICES["logs"].of(STANDING.idle_gb_of_logs)
        + PRICES["lambda"].of(STANDING.sweeps * STANDING.sweep_s),
    }


def aws_for_calls(calls: int, *, has_streamer: bool = True) -> float:
    """Return what *calls* cost at AWS, beside what stands there, in dollars."""
    call = CALL if has_streamer else FROM_RECORDING
    # A metric is paid for by the hour in which it is written; with a call an hour, all month.
    measured = call.metrics * min(calls / HOURS_A_MONTH, 1)
    used = {
        "requests": calls * call.webhooks,
        "edge": calls * call.webhooks,
        "invocations": calls * call.invocations + STANDING.sweeps,
        "lambda": calls * call.lambda_s + STANDING.sweeps * STANDING.sweep_s,
        "writes": calls * call.writes,
        "reads": calls * call.reads,
        "stored": calls * call.stored_gb,
        "recovery": calls * call.stored_gb,
        "audio": calls * call.audio_gb,
        "puts": calls,
        "logs": calls * call.logs_gb + STANDING.idle_gb_of_logs,
        "unlocks": calls * call.key_uses,
        "metric": measured,
    }
    if has_streamer:
        # What comes in by WebSocket is charged. Source: CloudFront developer guide, "Understand CloudFront pricing".
        streamed = calls * call.streamed_gb
        used |= {"edge gb": streamed, "balancer gb": streamed, "outgoing": calls * call.recognised_gb}
    return sum(PRICES[name].of(units) for name, units in used.items())


def recognition(*, has_streamer: bool = True) -> float:
    """Return what Deepgram gets for one call: live, or from its recording."""
    return CALL.spoken_minutes * PRICES["deepgram live" if has_streamer else "deepgram batch"].dollars


def twilio(calls: int, *, has_streamer: bool = True) -> float:
    """Return what Twilio gets in a month with one number."""
    a_call = (
        CALL.minutes * PRICES["twilio minute"].dollars
        + CALL.minutes * PRICES["twilio recording"].dollars
        + CALL.sms * PRICES["twilio sms"].dollars
        + (CALL.spoken_minutes * PRICES["twilio stream"].dollars if has_streamer else 0)
    )
    return PRICES["twilio number"].of(1) + calls * a_call


def aws_a_minute(*, has_streamer: bool = True) -> float:
    """Return what one more minute of a call costs at AWS, beside what stands there, when there are many."""
    many, more = 100_000, 200_000
    aws = (aws_for_calls(more, has_streamer=has_streamer) - aws_for_calls(many, has_streamer=has_streamer)) / many
    return aws / CALL.minutes


def a_minute(*, has_streamer: bool = True) -> float:
    """Return what one more minute of a call costs at AWS and Deepgram, when there are many."""
    return aws_a_minute(has_streamer=has_streamer) + recognition(has_streamer=has_streamer) / CALL.minutes


def markdown() -> str:
    """Return the tables of the document."""
    return "\n\n".join(
        (
            "With the streamer, dollars a month:",
            _bills(has_streamer=True),
            "Without it (`streamer=off`), text comes from the recordings:",
            _bills(has_streamer=False),
            "What stands there, dollars a month:",
            _standing(),
            "Beside others, without what the telephone company gets:",
            _peers(),
            f"The prices behind it. {_trusts()}",
            _prices(),
        )
    )


def _bills(*, has_streamer: bool) -> str:
    rows = []
    for calls in MONTHS:
        parts = bill(calls, has_streamer=has_streamer)
        each = f"{sum(parts.values()) / calls:.3f}" if calls else ""
        rows.append((f"{calls:,}", *(f"{part:,.2f}" for part in parts.values()), f"{sum(parts.values()):,.2f}", each))
    return _table(("calls a month", *bill(0), "in all", "for each call"), rows)


def _standing() -> str:
    with_it, without = at_rest(), at_rest(has_streamer=False)
    rows = [(name, f"{dollars:.2f}", f"{without.get(name, 0):.2f}") for name, dollars in with_it.items()]
    rows.append(("in all", f"{sum(with_it.values()):.2f}", f"{sum(without.values()):.2f}"))
    return _table(("what", "with the streamer", "without"), rows)


def _peers() -> str:
    ours = [
        ("Ringscribe", f"{sum(at_rest().values()):.0f}", f"{a_minute():.4f}", "this model"),
        (
            "Ringscribe, `streamer=off`",
            f"{sum(at_rest(has_streamer=False).values()):.0f}",
            f"{a_minute(has_streamer=False):.4f}",
            "this model",
        ),
    ]
    theirs = [
        (peer.name, "not said" if peer.at_rest is None else f"{peer.at_rest:.0f}", f"{peer.a_minute:.4f}", peer.source)
        for peer in PEERS
    ]
    return _table(("stack", "a month at rest", "a minute", "source"), [*ours, *theirs])


def _trusts() -> str:
    """Return how well the prices are known, in one sentence."""
    counts = Counter(price.trust for price in PRICES.values())
    parts = [f"{counts[trust]} {trust.value}" for trust in Trust]
    return f"Of {len(PRICES)}: {'; '.join(parts)}."


def _prices() -> str:
    rows = [
        (
            price.unit,
            f"{price.dollars:.9f}".rstrip("0").rstrip("."),
            f"{price.free:,.0f}",
            price.trust.value,
            price.source,
            price.dated,
        )
        for price in PRICES.values()
    ]
    return _table(("one", "dollars", "free a month", "known how", "where", "dated"), rows)


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    def lines() -> Iterator[str]:
        yield f"| {' | '.join(heads)} |"
        yield f"|{' --- |' * len(heads)}"
        for row in rows:
            yield f"| {' | '.join(row)} |"

    return "\n".join(lines())


def written(document: str) -> str:
    """Return *document* with the tables between its two marks. Raises: ValueError if they are not there."""
    before, begin, rest = document.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"there are no two marks in {DOCUMENT.name}")
    return f"{before}{BEGIN}\n\n{markdown()}\n\n{END}{after}"


def main() -> int:
    """Print the tables, and put them into the document if asked to."""
    print(markdown())
    if sys.argv[1:] == ["--write"]:
        DOCUMENT.write_text(written(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
