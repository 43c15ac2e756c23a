"""Copies recordings from Twilio to our bucket."""

from datetime import timedelta

from functions.pipeline.ports import PipelinePorts
from telephony.calls import Call
from telephony.errors import ConfigurationError, NotFoundError, UpstreamError, WireError
from telephony.log import logger
from telephony.metrics import Metric
from telephony.recordings import Recording, audio_key
from telephony.voicemail import LATEST

RETRY_AGES = tuple(timedelta(seconds=seconds) for seconds in (5, 20, 65, 200, 905, 1805))
"""How old a report is when its recording is asked for again: after 5 s, then ever later, half an hour in all, with no
wait that is longer than a queue's 15 minutes. Twilio reports a recording a little before it can be fetched. The age
says which attempt it is, so that nothing needs to be counted."""

DENIED_FOR = LATEST
"""How old a report may be when its recording is still asked for although our credentials are refused, or are not there:
Twilio keeps it, and somebody will mend them. After RETRY_AGES it is the sweeper that asks, for as long as the call is
open, so that what wakes us in between does not start ever more rounds of asking."""


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
        except ConfigurationError:
            self._later(recording, "ConfigurationError", is_denied=True)
        except UpstreamError as exc:
            if exc.retryable or exc.is_denied:
                self._later(recording, exc.code, is_denied=exc.is_denied)
            else:
                self._fail(recording, exc.code)
        else:
            key = audio_key(recording.call_sid, recording.sid, None if call is None else call.mailbox_id)
            self._ports.audio.put(key, audio, "audio/wav")
            self._ports.recordings.stored(recording.call_sid, recording.sid, key)
            self._ports.meter.add(Metric.RECORDING_STORED)

    def _later(self, recording: Recording, trouble: str, *, is_denied: bool = False) -> None:
        age = self._ports.clock.now() - recording.reported_at
        wait = next((retry_age - age for retry_age in RETRY_AGES if retry_age > age), None)
        if is_denied:
            logger().error("recording-denied", call_sid=recording.call_sid, trouble=trouble)
        if wait is not None:
            self._ports.follow_ups.schedule(recording.call_sid, wait)
        elif not is_denied or age >= DENIED_FOR:
            self._fail(recording, trouble)

    def _fail(self, recording: Recording, trouble: str) -> None:
        logger().error("recording-failed", call_sid=recording.call_sid, recording_sid=recording.sid, trouble=trouble)
        self._ports.meter.add(Metric.RECORDING_FAILED)
        self._ports.recordings.failed(recording.call_sid, recording.sid, trouble)
