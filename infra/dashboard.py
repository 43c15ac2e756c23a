"""The one page to open at night: what rings, and then the way of a call from left to right, top to bottom."""

from collections.abc import Sequence

from aws_cdk import Aws, Duration, aws_cloudwatch
from constructs import Construct

from infra.balancer import Balancer
from infra.functions import Api, Webhooks
from infra.http import HttpDoor
from infra.jobs import JobQueue, Jobs
from infra.messages import Messages
from infra.metric import ours
from infra.pipeline import Pipeline
from infra.watch import RUNBOOK, pipeline_errors
from telephony.metrics import Metric

Graph = tuple[str, Sequence[aws_cloudwatch.IMetric]]

WIDTH = 24
HEIGHT = 6


class Dashboard(Construct):
    """Rows of graphs, each with the question that it answers as its title."""

    def __init__(self, scope: Construct, construct_id: str, *, alarms: Sequence[aws_cloudwatch.IAlarm]) -> None:
        super().__init__(scope, construct_id)
        self._dashboard = aws_cloudwatch.Dashboard(
            self,
            "Page",
            dashboard_name=f"{Aws.STACK_NAME}-{Aws.REGION}",
            default_interval=Duration.hours(3),
            period_override=aws_cloudwatch.PeriodOverride.INHERIT,
        )
        self._dashboard.add_widgets(
            aws_cloudwatch.AlarmStatusWidget(
                title=f"What rings ({RUNBOOK} has an entry for each)", alarms=list(alarms), width=WIDTH, height=4
            )
        )

    def add_callers(self, webhooks: Webhooks, api: Api, door: HttpDoor) -> None:
        """Add what happens when somebody calls, or reads."""
        self._row(
            (
                "Are calls answered?",
                [webhooks.metric_invocations(), webhooks.metric_errors(), webhooks.metric_throttles()],
            ),
            ("How fast? (ms)", [webhooks.metric_duration(statistic=each) for each in ("p50", "p99")]),
            ("Refused, or answered blind?", [ours(Metric.WEBHOOK_REFUSED), ours(Metric.FALLBACK_ANSWERED)]),
            ("Can people read?", [door.api.metric_count(), door.api.metric_server_error(), api.metric_errors()]),
        )

    def add_streams(self, balancer: Balancer) -> None:
        """Add what happens while somebody speaks."""
        minute = Duration.minutes(1)
        streams = [ours(Metric.ACTIVE_STREAMS, statistic=each, period=minute) for each in ("Maximum", "Average")]
        self._row(
            ("How many streams has a task?", streams),
            (
                "How many tasks can serve?",
                [balancer.tasks.metrics.healthy_host_count(), balancer.tasks.metrics.unhealthy_host_count()],
            ),
            (
                "Do streams open?",
                [ours(Metric.STREAM_STARTED), ours(Metric.STREAM_REFUSED), ours(Metric.STREAM_FAILED)],
            ),
            ("Does Deepgram hold?", [ours(Metric.RECOGNISER_RECONNECTED), ours(Metric.RECOGNISER_FAILED)]),
        )
        self._row(
            (
                "How much becomes text? (percent)",
                [ours(Metric.COVERAGE_PERCENT, statistic=each) for each in ("Average", "Minimum")],
            ),
            (
                "How good is the sound? (0 to 100)",
                [ours(Metric.AUDIO_QUALITY, statistic=each) for each in ("p50", "p10")],
            ),
            ("Were words not written down?", [ours(Metric.UTTERANCE_DROPPED)]),
        )

    def add_messages(self, pipeline: Pipeline, messages: Messages) -> None:
        """Add what happens from the hang-up until people are told."""
        self._row(
            ("Are people told?", [ours(Metric.MESSAGE_SENT), ours(Metric.MESSAGE_FAILED)]),
            ("How soon? (ms)", [ours(Metric.TOLD_AFTER_MS, statistic=each) for each in ("p50", "p90", "Maximum")]),
            ("Who waits longest? (ms)", [ours(Metric.OLDEST_UNTOLD_MS, statistic="Maximum")]),
            ("Do recordings arrive?", [ours(Metric.RECORDING_STORED), ours(Metric.RECORDING_FAILED)]),
        )
        self._row(
            ("What was repaired? (ms)", [ours(Metric.REPAIRED_MS)]),
            (
                "What went wrong on the way?",
                [
                    ours(Metric.REPAIR_FAILED),
                    ours(Metric.CALL_RECOVERED),
                    ours(Metric.CALL_UNASKED),
                    ours(Metric.PHRASE_FAILED),
                ],
            ),
            ("Does the pipeline keep up? (ms)", [pipeline.on_table_change.metric("IteratorAge", statistic="Maximum")]),
            ("What was given up?", [pipeline_errors(pipeline), *_waiting(messages)]),
        )

    def add_jobs(self, jobs: Jobs, queue: JobQueue) -> None:
        """Add what happens to erasures, exports and imports."""
        waiting = {"jobs waiting": queue.queue, "jobs given up": queue.failed}
        errors = [jobs.on_job.metric_errors(label="job errors"), jobs.on_schedule.metric_errors(label="round errors")]
        self._row(
            ("Are jobs done?", [ours(Metric.JOB_DONE), ours(Metric.JOB_FAILED), *errors]),
            (
                "Do jobs wait?",
                [
                    each.metric_approximate_number_of_messages_visible(label=label, statistic="Maximum")
                    for label, each in waiting.items()
                ],
            ),
        )

    def _row(self, *graphs: Graph) -> None:
        widgets = [
            aws_cloudwatch.GraphWidget(title=title, left=list(metrics), width=WIDTH // len(graphs), height=HEIGHT)
            for title, metrics in graphs
        ]
        self._dashboard.add_widgets(*widgets)


def _waiting(messages: Messages) -> Sequence[aws_cloudwatch.IMetric]:
    queues = {
        "follow-ups waiting": messages.follow_ups,
        "follow-ups given up": messages.failed_follow_ups,
        "changes given up": messages.failed_changes,
    }
    return [
        queue.metric_approximate_number_of_messages_visible(label=label, statistic="Maximum")
        for label, queue in queues.items()
    ]
