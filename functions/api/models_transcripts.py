"""What the API answers of a transcript, as JSON."""

from typing import Literal, Self

from pydantic import BaseModel, Field

from telephony.coverage import Coverage, Interval, Track
from telephony.ledger import Ledger
from telephony.pauses import Paused
from telephony.repairs import OffsetSource, Repair, RepairState
from telephony.transcripts import Rung, Transcript, Utterance, Word


class IntervalOut(BaseModel):
    """A stretch of call time; the end is not part of it."""

    start_ms: int
    end_ms: int

    @classmethod
    def of(cls, interval: Interval) -> Self:
        """Show *interval*."""
        return cls(start_ms=interval.start_ms, end_ms=interval.end_ms)


class CoverageOut(BaseModel):
    """What became of one track's sound."""

    track: Track
    received_ms: int = Field(description="How much call time the sound spans.")
    transcribed_ms: int = Field(description="How much of it came back as final text, or as final silence.")
    is_complete: bool
    holes: list[IntervalOut] = Field(description="What was received and never came back final.")
    missing: list[IntervalOut] = Field(description="What never reached us.")
    paused: list[IntervalOut] = Field(description="What was not listened to, as was asked; it is no hole.")

    @classmethod
    def of(cls, coverage: Coverage) -> Self:
        """Show *coverage*."""
        return cls(
            track=coverage.track,
            received_ms=coverage.received_ms,
            transcribed_ms=coverage.transcribed_ms,
            is_complete=coverage.is_complete,
            holes=[IntervalOut.of(hole) for hole in coverage.holes],
            missing=[IntervalOut.of(lost) for lost in coverage.missing],
            paused=[IntervalOut.of(window) for window in coverage.paused],
        )


class LedgerOut(BaseModel):
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

    @classmethod
    def of(cls, ledger: Ledger) -> Self:
        """Show *ledger*."""
        return cls(
            track=ledger.track,
            quality=ledger.quality,
            chunks=ledger.chunks,
            repeated=ledger.repeated,
            reordered=ledger.reordered,
            missing_ms=ledger.missing_ms,
            level_dbfs=ledger.level_dbfs,
            clipped_share=ledger.clipped_share,
            silent_share=ledger.silent_share,
        )


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


class WordOut(BaseModel):
    """One recognised word."""

    text: str
    start_ms: int = Field(description="Call time.")
    end_ms: int
    confidence: float = Field(ge=0, le=1)

    @classmethod
    def of(cls, word: Word) -> Self:
        """Show *word*."""
        return cls(text=word.text, start_ms=word.start_ms, end_ms=word.end_ms, confidence=word.confidence)


class UtteranceOut(BaseModel):
    """Words of one track, in one go."""

    track: Track
    start_ms: int
    end_ms: int
    rung: Rung = Field(description="How this text was got.")
    text: str
    words: list[WordOut]

    @classmethod
    def of(cls, said: Utterance) -> Self:
        """Show *said*."""
        return cls(
            track=said.track,
            start_ms=said.start_ms,
            end_ms=said.end_ms,
            rung=said.rung,
            text=said.text,
            words=[WordOut.of(word) for word in said.words],
        )


class RepairOut(BaseModel):
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

    @classmethod
    def of(cls, repair: Repair) -> Self:
        """Show *repair*."""
        return cls(
            recording_sid=repair.recording_sid,
            state=repair.state,
            attempts=repair.attempts,
            offset_ms=repair.offset_ms,
            offset_found_by=repair.offset_found_by,
            windows=[IntervalOut.of(window) for window in repair.windows],
            trouble=repair.trouble,
        )


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
