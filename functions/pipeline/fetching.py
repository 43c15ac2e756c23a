"""Copies recordings from Twilio to our bucket."""

from datetime import timedelta

from functions.pipeline.ports import PipelinePorts
from telephony.calls import Call
from telephony.errors import NotFoundError, UpstreamError, WireError
from telephony.log import logger
from telephony.metrics import Metric
from telephony.recordings import Recording, audio_key

RETRY_AGES = tuple(timedelta(seconds=seconds) for seconds in (5, 20, 65, 200, 605, 1820))
"""How old a report is when its recording is asked for again: after 5 s, then three times longer each time, half an
hour in all. Twilio reports a recording a little before it can be fetched. The age says which attempt it is, so that
nothing needs to be counted."""


class Fetcher:
    """Makes our copy of a recording."""

    def __init__(self, ports: PipelinePorts) -> None:
        self._ports = ports

    def fetch(self, recording: Recording, call: Call | None) -> None:
        """Copy *recording*, or have it tried again later, or write down why there will be no copy.

        *call* is None when the recording came before its call. Raises: UpstreamError if AWS failed.
        """
        try:
            audio = self._ports.source.fetch(recording.sid)
        except WireError:
            self._fail(recording, "not a WAV file")
        except NotFoundError:
            self._later(recording, "not there")
        except UpstreamError as exc:
            if exc.retryable:
                self._later(recording, exc.code)
            else:
                self._fail(recording, exc.code)
        else:
            key = audio_key(recording.call_sid, recording.sid, None if call is None else call.mailbox_id)
            self._ports.audio.put(key, audio, "audio/wav")
            self._ports.recordings.stored(recording.call_sid, recording.sid, key)
            self._ports.meter.add(Metric.RECORDING_STORED)

    def _later(self, recording: Recording, trouble: str) -> None:
        age = self._ports.clock.now() - recording.reported_at
        wait = next((retry_age - age for retry_age in RETRY_AGES if retry_age > age), None)
        if wait is None:
            self._fail(recording, trouble)
        else:
            self._ports.follow_ups.schedule(recording.call_sid, wait)

    def _fail(self, recording: Recording, trouble: str) -> None:
        logger().error("recording-failed", call_sid=recording.call_sid, recording_sid=recording.sid, trouble=trouble)
        self._ports.meter.add(Metric.RECORDING_FAILED)
        self._ports.recordings.failed(recording.call_sid, recording.sid, trouble)
