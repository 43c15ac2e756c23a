"""What the API answers of calls, as JSON: the domain's nouns, and nothing that is for us alone."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel, Field

from functions.api.models_marks import MarksOut
from functions.api.models_transcripts import TranscriptStateOut
from functions.api.shown import Shown
from telephony.calls import Call, CallStage, CallStatus, Direction, VoicemailKind
from telephony.consent import ConsentProof, ConsentStep
from telephony.deliveries import Channel, Delivery, DeliveryState
from telephony.numbers import is_withheld
from telephony.ports.stores import CallPage
from telephony.recordings import Recording, RecordingStatus
from telephony.voicemail import CallFacts


class CallOut(BaseModel):
    """One call."""

    call_sid: str = Field(description="Twilio's CallSid.")
    mailbox_id: str
    number: str = Field(description="Which of our numbers was called.")
    caller: str | None = Field(description="A phone number, `client:` or `sip:` address; null when it was withheld.")
    started_at: datetime
    status: CallStatus = Field(description="Twilio's status word.")
    direction: Direction
    stage: CallStage = Field(description="What was done with the call.")
    ended_at: datetime | None = Field(description="Null while the call is not known to be over.")
    duration_s: int | None = Field(description="Connected seconds, once over.")
    kind: VoicemailKind | None = Field(description="What the caller left; null until people could be told of it.")
    marks: MarksOut
    held_at: datetime | None = Field(description="Since when a legal hold forbids to erase it; null when none does.")
    is_imported: bool = Field(
        description="Whether it is a file that was put into the archive, and no call of Twilio's."
    )

    @classmethod
    def of(cls, call: Call) -> Self:
        """Show *call*."""
        return cls(
            call_sid=call.sid,
            mailbox_id=call.mailbox_id,
            number=call.number,
            caller=None if is_withheld(call.caller) else call.caller,
            started_at=call.started_at,
            status=call.status,
            direction=call.direction,
            stage=call.stage,
            ended_at=call.ended_at,
            duration_s=call.duration_s,
            kind=call.kind,
            marks=MarksOut.of(call.marks),
            held_at=call.held_at,
            is_imported=call.is_imported,
        )


class CallPageOut(BaseModel):
    """Calls, newest first."""

    calls: list[CallOut]
    next_cursor: str | None = Field(description="Give it as `cursor` to get the next page; null on the last one.")

    @classmethod
    def of(cls, page: CallPage) -> Self:
        """Show *page*."""
        return cls(calls=[CallOut.of(call) for call in page.calls], next_cursor=page.cursor)


class RecordingOut(BaseModel):
    """Twilio's sound of the call."""

    recording_sid: str
    status: RecordingStatus
    duration_ms: int
    reported_at: datetime
    is_stored: bool = Field(description="Whether it can be listened to.")
    trouble: str = Field(description="Why it could not be copied; empty when all went well.")

    @classmethod
    def of(cls, recording: Recording) -> Self:
        """Show *recording*."""
        return cls(
            recording_sid=recording.sid,
            status=recording.status,
            duration_ms=recording.duration_ms,
            reported_at=recording.reported_at,
            is_stored=recording.stored_key is not None,
            trouble=recording.trouble,
        )


class DeliveryOut(BaseModel):
    """One message to one recipient."""

    channel: Channel
    recipient: str = Field(
        description="A phone number; for e-mail the mailbox, whose subscribers are told together; for a webhook its id"
        " and the event, with a colon between."
    )
    state: DeliveryState
    changed_at: datetime
    reference: str = Field(
        description="The service's own id of the message, or for a webhook the version of the text; empty until it was"
        " taken."
    )
    trouble: str = Field(
        description="The service's error code, or opted-out if nothing was attempted; empty unless it was refused."
    )
    asked_at: datetime | None = Field(description="When somebody last asked that it be sent again; null if nobody did.")

    @classmethod
    def of(cls, delivery: Delivery) -> Self:
        """Show *delivery*."""
        return cls(
            channel=delivery.id.channel,
            recipient=delivery.id.recipient,
            state=delivery.state,
            changed_at=delivery.changed_at,
            reference=delivery.reference,
            trouble=delivery.trouble,
            asked_at=delivery.asked_at,
        )


class DeliveriesOut(BaseModel):
    """All messages about a call."""

    deliveries: list[DeliveryOut]


class ConsentOut(Shown[ConsentProof]):
    """One step of a caller's consent."""

    step: ConsentStep
    at: datetime
    text: str = Field(description="The announcement, word for word.")
    version: str = Field(description="The SHA-256 of the text, in hexadecimal.")
    webhook: str = Field(description="Which of Twilio's signed requests it was in answer to, or told by.")
    key: str = Field(description="The key that was pressed; empty for none.")


class CallDetailOut(CallOut):
    """One call and all that belongs to it but the words."""

    transcript: TranscriptStateOut
    recordings: list[RecordingOut]
    deliveries: list[DeliveryOut]
    consents: list[ConsentOut] = Field(description="Proof of what the caller was told, and has agreed to, in order.")

    @classmethod
    def showing(cls, call: Call, facts: CallFacts) -> Self:
        """Show *call* with its *facts*."""
        return cls(
            **CallOut.of(call).model_dump(),
            transcript=TranscriptStateOut.state_of(facts.transcript),
            recordings=[RecordingOut.of(recording) for recording in facts.recordings],
            deliveries=[DeliveryOut.of(delivery) for delivery in facts.deliveries],
            consents=[ConsentOut.of(proof) for proof in facts.consents],
        )


class AudioOut(BaseModel):
    """Where the recording can be fetched, by anybody who has the address."""

    url: str = Field(description="Plays, and can be asked for a range.")
    download_url: str = Field(description="The same sound as a file to keep.")
    file_name: str
    content_type: str
    expires_at: datetime


class CaptionsOut(BaseModel):
    """The right to watch the call's live text once."""

    url: str = Field(description="A WebSocket.")
    ticket: str = Field(description="Good for one connection.")
    expires_at: datetime = Field(description="From then on the ticket is refused.")


class HealthOut(BaseModel):
    """The API can answer."""

    status: str = "ok"
