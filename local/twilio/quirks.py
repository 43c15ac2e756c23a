"""What Twilio's documents leave open or tell in two ways: one switch each, set to the likelier reading."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Quirks:
    """How this Twilio behaves where the real one's behaviour is not settled, and what a laptop needs."""

    allow_insecure_streams: bool = False
    """Open `ws:` streams, which Twilio refuses with 31922. For loopback, where there is no certificate."""
    per_track_chunks: bool = False
    """Count `media.chunk` for each track. Twilio's sample shows one counter for both; users report two."""
    silent_outbound_frames: bool = True
    """Send outbound frames while nothing is played to the caller."""
    first_timestamp_ms: int = 0
    """`media.timestamp` of the first frame of each track."""
    sign_stream_with_slash: bool = False
    """Sign a stream's URL with `/` appended, which Twilio's security page warns of."""
    offer_subprotocol: bool = False
    """Offer `audio.twilio.com` in the upgrade."""
    stream_open_timeout_s: float = 5.0
    """Real seconds that a stream's server has to answer the upgrade."""
    stream_stall_s: float = 10.0
    """Real seconds that a stream's server may read nothing before Twilio gives it up."""
    dial_extra_ms: int = 5_000
    """What Twilio adds to the `timeout` of `<Dial>` before it gives up."""
    same_token_on_retry: bool = False
    """Repeat I-Twilio-Idempotency-Token on a retry; else each attempt has its own."""
    recording_delay_ms: int = 300
    """From the end of a recording to its media being ready."""
    holds_record_verb: bool = True
    """Pause a recording of `<Record>` when the REST API asks; Twilio's page does not say which kinds it holds."""
    message_step_ms: int = 50
    """Between the statuses of a message: queued, sent, delivered."""
    answer_delay_ms: int = 0
    """From the call reaching Twilio to the voice webhook."""
