"""What is watched: one entry for each alarm, with the reason it rings for."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from aws_cdk import Duration, aws_cloudwatch

from infra.balancer import Balancer
from infra.functions import Api, Webhooks
from infra.http import HttpDoor
from infra.jobs import JobQueue, Jobs
from infra.messages import Messages
from infra.metric import ours
from infra.pipeline import Pipeline
from telephony.metrics import Metric

RUNBOOK: Final = "docs/runbook.md"

SOON: Final = Duration.minutes(5)
LATER: Final = Duration.minutes(15)

SLOTS_IN_USE: Final = 0.8
"""Of Deepgram's limit: the rest is for the minutes that it takes to have it raised, or to look why."""


@dataclass(frozen=True, slots=True)
class Watch:
    """One alarm. It rings when *metric* reaches *threshold*, or falls to it if *is_low_bad*.

    Attributes:
        name: lower-case words; the heading of its entry in the runbook.
        means: what has happened, in a sentence.
        periods: for how many of the metric's periods in a row.
        is_silence_bad: no data rings too.
    """

    name: str
    means: str
    metric: aws_cloudwatch.IMetric
    threshold: float = 1
    periods: int = 1
    is_low_bad: bool = False
    is_silence_bad: bool = False

    @property
    def description(self) -> str:
        """What the alarm's mail says."""
        return f"{self.means} What to do: {RUNBOOK}#{self.name}"


def of_webhooks(webhooks: Webhooks, api: Api, door: HttpDoor) -> Iterator[Watch]:
    """Yield what is watched where Twilio and people come in."""
    yield Watch("webhook-errors", "A webhook failed: a caller may have heard an error.", webhooks.metric_errors())
    yield Watch(
        "webhook-slow",
        "One webhook in a hundred takes over three seconds: callers wait in silence.",
        webhooks.metric_duration(statistic="p99"),
        threshold=3_000,
        periods=3,
    )
    yield Watch(
        "webhook-throttled",
        "Webhooks were turned away: the account's Lambda capacity is used up.",
        webhooks.metric_throttles(),
    )
    yield Watch(
        "webhook-unsigned",
        "Requests without a valid signature: a forger, or an auth token that we do not know.",
        ours(Metric.WEBHOOK_REFUSED),
        threshold=10,
    )
    yield Watch(
        "answered-blind",
        "A call was answered without the table: the message is taken, but not by its mailbox's rules.",
        ours(Metric.FALLBACK_ANSWERED),
    )
    yield Watch("door-errors", "The HTTP API answers with errors.", door.api.metric_server_error(period=SOON), 5)
    yield Watch("api-errors", "The API failed for people who read.", api.metric_errors(), 5)


def of_streams(balancer: Balancer, slots: int) -> Iterator[Watch]:
    """Yield what is watched while people speak; *slots* is how many streams Deepgram takes at once."""
    healthy = balancer.tasks.metrics.healthy_host_count(period=Duration.minutes(1), statistic="Minimum")
    yield Watch(
        "no-streamer",
        "No task can take a stream: calls have no live text, their recordings take over.",
        healthy,
        threshold=0,
        periods=3,
        is_low_bad=True,
        is_silence_bad=True,
    )
    yield Watch("stream-failed", "Twilio could not open streams, or lost them.", ours(Metric.STREAM_FAILED), 3)
    yield Watch(
        "stream-refused",
        "Streams were turned away: a bad signature or ticket, or the tasks are full.",
        ours(Metric.STREAM_REFUSED),
        threshold=5,
    )
    yield from _of_recognition()
    yield Watch(
        "words-dropped",
        "Words of a call could not be written down: they are a hole until it is repaired.",
        ours(Metric.UTTERANCE_DROPPED),
    )
    yield _of_slots(balancer, slots)


def _of_recognition() -> Iterator[Watch]:
    yield Watch(
        "recogniser-failed",
        "Deepgram was given up for a call: what was said from then on is a hole until it is repaired.",
        ours(Metric.RECOGNISER_FAILED),
    )
    yield Watch(
        "recogniser-reconnecting", "Deepgram keeps losing streams.", ours(Metric.RECOGNISER_RECONNECTED), threshold=10
    )
    yield Watch(
        "coverage-low",
        "Less than 95 of 100 seconds come back as text.",
        ours(Metric.COVERAGE_PERCENT, statistic="Average", period=LATER),
        threshold=95,
        periods=2,
        is_low_bad=True,
    )
    yield Watch(
        "audio-bad",
        "One track in ten reaches us in bad quality.",
        ours(Metric.AUDIO_QUALITY, statistic="p10", period=LATER),
        threshold=50,
        periods=2,
        is_low_bad=True,
    )


def _of_slots(balancer: Balancer, slots: int) -> Watch:
    busiest = ours(Metric.ACTIVE_STREAMS, statistic="Maximum", period=Duration.minutes(1))
    tasks = balancer.tasks.metrics.healthy_host_count(period=Duration.minutes(1), statistic="Maximum")
    return Watch(
        "slots-near-quota",
        "Deepgram's limit is near: beyond it, calls have no live text.",
        # Never less than what is in use, for no task has more than the busiest.
        aws_cloudwatch.MathExpression(
            expression="busiest * tasks",
            using_metrics={"busiest": busiest, "tasks": tasks},
            period=Duration.minutes(1),
            label="slots in use, at most",
        ),
        threshold=SLOTS_IN_USE * slots,
        periods=3,
    )


def of_messages(pipeline: Pipeline, messages: Messages) -> Iterator[Watch]:
    """Yield what is watched from the hang-up until people are told."""
    yield Watch(
        "voicemail-untold",
        "A call ended ten minutes ago and nobody has been told, or the sweeper does not say whether one did.",
        # Three runs of the sweeper, so that one that is a little late is not taken for silence.
        ours(Metric.OLDEST_UNTOLD_MS, statistic="Maximum", period=LATER),
        threshold=600_000,
        is_silence_bad=True,
    )
    yield Watch("message-failed", "An SMS or e-mail was not taken by its service.", ours(Metric.MESSAGE_FAILED))
    yield Watch("recording-failed", "A recording could not be copied from Twilio.", ours(Metric.RECORDING_FAILED))
    yield Watch("repair-failed", "A transcript stays incomplete.", ours(Metric.REPAIR_FAILED))
    yield Watch(
        "repaired-much",
        "Five minutes of live text had to be made up from recordings.",
        ours(Metric.REPAIRED_MS, period=LATER),
        threshold=300_000,
    )
    yield Watch(
        "calls-recovered",
        "What Twilio should have reported had to be asked for.",
        ours(Metric.CALL_RECOVERED, period=LATER),
        threshold=5,
    )
    yield Watch("calls-unasked", "Twilio cannot be asked about calls.", ours(Metric.CALL_UNASKED, period=LATER), 5)
    yield from _of_pipeline(pipeline, messages)


def _of_pipeline(pipeline: Pipeline, messages: Messages) -> Iterator[Watch]:
    yield Watch("pipeline-errors", "The pipeline failed outside of any one call.", pipeline_errors(pipeline), 3)
    yield Watch(
        "sweeper-failing",
        "The sweeper failed twice in a row: nobody looks after calls that were left open.",
        # It runs once in a period, so no sum would ever reach more than one.
        pipeline.on_schedule.metric_errors(period=SOON),
        periods=2,
    )
    yield Watch(
        "changes-behind",
        "Changes of calls wait for five minutes: people are told late.",
        pipeline.on_table_change.metric("IteratorAge", statistic="Maximum", period=SOON),
        threshold=300_000,
    )
    yield Watch(
        "follow-ups-given-up",
        "A call that was to be looked at again was given up.",
        messages.failed_follow_ups.metric_approximate_number_of_messages_visible(period=SOON, statistic="Maximum"),
    )
    yield Watch(
        "changes-given-up",
        "A change of a call was given up.",
        messages.failed_changes.metric_approximate_number_of_messages_visible(period=SOON, statistic="Maximum"),
    )


def of_jobs(jobs: Jobs, queue: JobQueue) -> Iterator[Watch]:
    """Yield what is watched of what takes long: erasures, exports, imports."""
    yield Watch("job-failed", "An erasure, export or import was given up.", ours(Metric.JOB_FAILED))
    yield Watch("job-errors", "A job's run failed outside of the job.", jobs.on_job.metric_errors(period=SOON))
    yield Watch(
        "rounds-failing",
        "The rounds failed twice in a row: what is kept no longer is not erased, and jobs that stand still stay so.",
        # They are made once in a period, so no sum would ever reach more than one.
        jobs.on_schedule.metric_errors(period=LATER),
        periods=2,
    )
    yield Watch(
        "jobs-given-up",
        "A job's message was given up; what it was to erase may still be there.",
        queue.failed.metric_approximate_number_of_messages_visible(period=SOON, statistic="Maximum"),
    )


def pipeline_errors(pipeline: Pipeline) -> aws_cloudwatch.MathExpression:
    """Return how often any of the pipeline's functions failed; one that did not run did not fail."""
    functions = {
        "changes": pipeline.on_table_change,
        "follow_ups": pipeline.on_follow_up,
        "sweeps": pipeline.on_schedule,
    }
    return aws_cloudwatch.MathExpression(
        # Without data from each of them, the sum of the bare numbers would be no number.
        expression=" + ".join(f"FILL({name}, 0)" for name in functions),
        using_metrics={name: function.metric_errors() for name, function in functions.items()},
        period=SOON,
        label="pipeline errors",
    )
