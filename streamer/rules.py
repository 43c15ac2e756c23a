"""The bounds of a live session, each with its unit and its reason."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rules:
    """How long a session waits, how much it keeps, and how often it tries.

    Attributes:
        chunk_ms: sound sent to Deepgram in one message. Deepgram takes 20 to 250 ms and calls 100 a good balance.
        start_within_s: how long a socket may be open without saying whose it is.
        claim_within_s: how long the table may take to know a ticket, its client's own retries included.
        watch_s: how long a viewer is kept without a caption to show: its call may be over, or another task's.
        quiet_s: how long Twilio may send nothing, not even silence, before the socket counts as lost.
        save_every_ms: call time after which the stream is written down again. Words are written as they come; of what
            a killed task had heard since, its recording is transcribed anew. A write costs as much CPU as two seconds
            of sound, and more money than all of its CPU.

        open_within_s: how long one connection to the recogniser may take to open.
        tries: connections in a row that end without one more final window: a recogniser that failed so often will not
            do better. One that brought something on begins the count anew, however long the call.
        backoff_s: the longest wait before the first new try; doubled for each that follows in vain, the wait itself
            drawn by chance between 0 and that, so that calls which lost their connections together do not come back
            together.
        backoff_most_s: where the doubling ends.

        ring_ms: sound of one track that is kept until its words are final: half a megabyte, and what a recogniser may
            be away for without a word lost.
        context_ms: sound sent again before the part that is missing: a word cut in two is heard whole, or not at all.
        max_rate: how much faster than real time sound that had to wait is sent. Deepgram allows 1.25.
        burst_ms: what may be sent at once on top of that: the usual wait for a socket to open.

        stall_s: how long a recogniser may say nothing while it is sent sound, or after it was asked for its last
            words. Interims come each second, of silence too.
        stall_sound_ms: how much sound it must have been sent since it last said something; of less, nothing need come.
        idle_s: how long no sound may be sent before the recogniser is told that we are still there; Deepgram closes
            after ten seconds.

        finish_within_s: once the sound has ended, how long the words may make no progress before what is missing is
            given up.
        linger_s: once the sound has ended, how long all of it may take; people are told after two minutes anyway.
    """

    chunk_ms: int = 100
    start_within_s: float = 10.0
    claim_within_s: float = 20.0
    watch_s: float = 300.0
    quiet_s: float = 30.0
    save_every_ms: int = 30_000

    open_within_s: float = 12.0
    tries: int = 20
    backoff_s: float = 0.5
    backoff_most_s: float = 8.0

    ring_ms: int = 60_000
    context_ms: int = 500
    max_rate: float = 1.25
    burst_ms: int = 1_000

    stall_s: float = 8.0
    stall_sound_ms: int = 2_000
    idle_s: float = 5.0

    finish_within_s: float = 10.0
    linger_s: float = 90.0
