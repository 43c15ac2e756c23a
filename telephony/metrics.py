"""Metrics: the names every deployable emits, declared once, in CloudWatch's embedded metric format.

Source: CloudWatch Logs, embedded metric format specification.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TextIO

NAMESPACE = "Ringscribe"


class Metric(StrEnum):
    """What is counted or measured; the unit is in the name unless it is a count."""

    WEBHOOK_REFUSED = "WebhookRefused"
    """A webhook without a valid signature."""
    FALLBACK_ANSWERED = "FallbackAnswered"
    """A call answered without the table."""
    STREAM_STARTED = "StreamStarted"
    STREAM_REFUSED = "StreamRefused"
    """A media stream without a valid signature or ticket, or one that broke the protocol."""
    STREAM_FAILED = "StreamFailed"
    """Twilio told us that a stream could not be opened or broke off."""
    ACTIVE_STREAMS = "ActiveStreams"
    COVERAGE_PERCENT = "CoveragePercent"
    """Of one stream's sound, how much came back final."""
    RECOGNISER_FAILED = "RecogniserFailed"
    """A track's recogniser was given up for good: what was not final by then is a hole."""
    RECOGNISER_RECONNECTED = "RecogniserReconnected"
    """A track's recogniser was lost, or did not come, and another connection was tried."""
    UTTERANCE_DROPPED = "UtteranceDropped"
    """Words, or a stream, that could not be written down: what the words came from is a hole of its call."""
    AUDIO_QUALITY = "AudioQuality"
    """Of one track, 0 to 100: how well its sound reached us."""
    MESSAGE_SENT = "MessageSent"
    MESSAGE_FAILED = "MessageFailed"
    RECORDING_STORED = "RecordingStored"
    RECORDING_FAILED = "RecordingFailed"
    REPAIRED_MS = "RepairedMilliseconds"
    """Of one transcript, how much was filled from its recording."""
    REPAIR_FAILED = "RepairFailed"
    """A transcript that stays incomplete, because its recording could not be transcribed."""
    PHRASE_FAILED = "PhraseFailed"
    """A phrase that could not be spoken now; Twilio's own voice says it meanwhile."""
    CALL_RECOVERED = "CallRecovered"
    """A call whose end, recording or stream was not reported, and was found out by asking."""
    CALL_UNASKED = "CallUnasked"
    """A call that Twilio could not be asked about."""
    TOLD_AFTER_MS = "ToldAfterMilliseconds"
    """From the end of the call to the first message taken by its service."""
    JOB_DONE = "JobDone"
    JOB_FAILED = "JobFailed"
    """A job that was given up: an erasure, an export or an import that somebody waits for."""
    OLDEST_UNTOLD_MS = "OldestUntoldMilliseconds"
    """How long ago the call ended that nobody has been told of for longest; 0 when there is none."""


class Meter(Protocol):
    """Counts and measures."""

    def add(self, metric: Metric, value: float = 1) -> None:
        """Count, or measure, *value*."""
        ...


class EmbeddedMeter:
    """Writes each value as a line of embedded metric format, which CloudWatch turns into a metric."""

    def __init__(self, service: str, out: TextIO, now: "Now") -> None:
        self._service = service
        self._out = out
        self._now = now

    def add(self, metric: Metric, value: float = 1) -> None:
        """Write one line."""
        self._out.write(json.dumps(embedded(metric, value, service=self._service, at=self._now())) + "\n")
        self._out.flush()


class Now(Protocol):
    """Returns the time, aware, in UTC."""

    def __call__(self) -> datetime:
        """Return the time."""
        ...


def embedded(metric: Metric, value: float, *, service: str, at: datetime) -> Mapping[str, object]:
    """Return one value in the embedded metric format, with the service as its dimension."""
    directive = {
        "Namespace": NAMESPACE,
        "Dimensions": [["Service"]],
        "Metrics": [{"Name": metric.value, "Unit": _unit(metric)}],
    }
    return {
        "_aws": {"Timestamp": int(at.timestamp() * 1000), "CloudWatchMetrics": [directive]},
        "Service": service,
        metric.value: value,
    }


def _unit(metric: Metric) -> str:
    if metric.value.endswith("Percent"):
        return "Percent"
    return "Milliseconds" if metric.value.endswith("Milliseconds") else "Count"
