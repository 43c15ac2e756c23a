"""Our own metrics as CloudWatch has them: each by its declared name and the service that emits it."""

from types import MappingProxyType
from typing import Final

from aws_cdk import Duration, aws_cloudwatch

from telephony.metrics import NAMESPACE, Metric

_EMITTED: Final = {
    "webhooks": (Metric.WEBHOOK_REFUSED, Metric.FALLBACK_ANSWERED, Metric.STREAM_FAILED),
    "streamer": (
        Metric.STREAM_STARTED,
        Metric.STREAM_REFUSED,
        Metric.ACTIVE_STREAMS,
        Metric.COVERAGE_PERCENT,
        Metric.RECOGNISER_FAILED,
        Metric.RECOGNISER_RECONNECTED,
        Metric.UTTERANCE_DROPPED,
        Metric.AUDIO_QUALITY,
    ),
    "jobs": (Metric.JOB_DONE, Metric.JOB_FAILED),
    "pipeline": (
        Metric.MESSAGE_SENT,
        Metric.MESSAGE_FAILED,
        Metric.RECORDING_STORED,
        Metric.RECORDING_FAILED,
        Metric.REPAIRED_MS,
        Metric.REPAIR_FAILED,
        Metric.PHRASE_FAILED,
        Metric.CALL_RECOVERED,
        Metric.CALL_UNASKED,
        Metric.TOLD_AFTER_MS,
        Metric.OLDEST_UNTOLD_MS,
    ),
}

SERVICES: Final = MappingProxyType({metric: service for service, metrics in _EMITTED.items() for metric in metrics})
"""Who emits each metric: the one dimension that it has."""


def ours(
    metric: Metric, *, statistic: str = "Sum", period: Duration | None = None, label: str | None = None
) -> aws_cloudwatch.Metric:
    """Return one of our metrics, for five minutes at a time unless *period* says otherwise."""
    return aws_cloudwatch.Metric(
        namespace=NAMESPACE,
        metric_name=metric.value,
        dimensions_map={"Service": SERVICES[metric]},
        statistic=statistic,
        period=period or Duration.minutes(5),
        label=label,
    )
