"""What the API answers of a transcript, as JSON."""

from typing import Literal, Self

from pydantic import BaseModel, Field

from functions.api.shown import Shown
from telephony.coverage import Coverage, Interval, Track
from telephony.ledger import Ledger
from telephony.pauses import Paused
from telephony.repairs import OffsetSource, Repair, RepairState
from telephony.transcripts import Rung, Transcript, Utterance, Word


class IntervalOut(Shown[Interval]):
    """A stretch of call time; the end is not part of it."""

    start_ms: int
    end_ms: int


class CoverageOut(Shown[Coverage]):
    """What became of one track's sound."""

    track: Track
    received_ms: int = Field(description="How much call time the sound spans.")
    transcribed_ms: int = Field(description="How much of it came back as final text, or as final silence.")
    is_complete: bool
    holes: list[IntervalOut] = Field(description="What was received and never came back final.")
    missing: list[IntervalOut] = Field(description="What never reached us.")
    paused: list[IntervalOut] = Field(description="What was not listened to, as was asked; it is no hole.")


class LedgerOut(Shown[Ledger]):
    """How well one track's sound reached us."""

    track: Track
    quality: int = Field(ge=0, le=100, description="100 is best; lost, clipped and quiet sound take from it.")
    chunks: int = Field(description="Media messages that came.")
    repeated: int
    reordered: int = Field(description="Chunks that came late and were put in their place.")
    missing_ms: int
    level_dbfs: float | None = Field(description="Mean level of what was not silent; null when all was.")
    clipped_share: float = Field(ge=0, le=1)
    silent_share: float = Field(ge=0, le=1)


class PausedOut(BaseModel):
    """A stretch of the call that was kept out of text and sound."""

    start_ms: int = Field(description="Call time.")
    end_ms: int | None = Field(description="Null while it goes on.")
    reason: Literal["paused by request"] = "paused by request"

    @classmethod
    def of(cls, paused: Paused) -> Self:
        """Show *paused*."""
        return cls(start_ms=paused.window.start_ms, end_ms=paused.window.end_ms if paused.is_over else None)


class TranscriptStateOut(BaseModel):
    """How far the transcript is, and how good."""

    is_ended: bool = Field(description="Whether no more live text will come.")
    is_complete: bool = Field(description="Whether every millisecond of sound came back final.")
    is_cut_short: bool = Field(description="Whether the sound broke off, so that more may have been said.")
    rung: Rung = Field(description="The worst way that any of the text had to be got.")
    coverage: list[CoverageOut] = Field(description="One for each track.")
    ledger: list[LedgerOut] = Field(description="One for each track of each stream.")
    pauses: list[PausedOut] = Field(description="When somebody asked not to be listened to, in order.")

    @classmethod
    def state_of(cls, transcript: Transcript) -> "TranscriptStateOut":
        """Show how far *transcript* is, without its words."""
        return TranscriptStateOut(
            is_ended=transcript.is_ended,
            is_complete=transcript.is_complete,
            is_cut_short=transcript.is_cut_short,
            rung=transcript.rung,
            coverage=[CoverageOut.of(coverage) for coverage in transcript.coverage],
            ledger=[LedgerOut.of(ledger) for ledger in transcript.ledger],
            pauses=[PausedOut.of(paused) for paused in transcript.paused],
        )


class WordOut(Shown[Word]):
    """One recognised word."""

    text: str
    start_ms: int = Field(description="Call time.")
    end_ms: int
    confidence: float = Field(ge=0, le=1)


class UtteranceOut(Shown[Utterance]):
    """Words of one track, in one go."""

    track: Track
    start_ms: int
    end_ms: int
    rung: Rung = Field(description="How this text was got.")
    text: str
    words: list[WordOut]


class RepairOut(Shown[Repair]):
    """What was done to put a recording's words where the live text has none."""

    recording_sid: str
    state: RepairState
    attempts: int
    offset_ms: int | None = Field(
        description="Call time at which the recording begins: where in it to listen. Null while that is not known."
    )
    offset_found_by: OffsetSource | None = Field(
        description="By words of both, by the end of both, or assumed because there was nothing to go by."
    )
    windows: list[IntervalOut] = Field(description="The stretches of call time whose words are the recording's.")
    trouble: str = Field(description="Why an attempt failed, for the operator; empty when all went well.")


class TranscriptOut(TranscriptStateOut):
    """All that was said, in order of time."""

    call_sid: str
    utterances: list[UtteranceOut]
    repairs: list[RepairOut] = Field(description="One for each recording that was used, whatever came of it.")

    @classmethod
    def of(cls, transcript: Transcript) -> Self:
        """Show *transcript*."""
        return cls(
            **cls.state_of(transcript).model_dump(),
            call_sid=transcript.call_sid,
            utterances=[UtteranceOut.of(said) for said in transcript.utterances],
            repairs=[RepairOut.of(repair) for repair in transcript.repairs],
        )
