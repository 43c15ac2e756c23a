"""The pipeline's world in memory, and the events that Lambda would hand it."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from threading import Thread

from functions.pipeline.follow import Follower
from functions.pipeline.opting_out import ConsentingTexter
from functions.pipeline.ports import PipelinePorts
from functions.pipeline.sweeping import Sweeper, Sweeps
from functions.pipeline.wakes import BatchResult, Waker
from telephony.calls import CallSid, CallStage, CallStatus
from telephony.deliveries import Channel, Delivery, DeliveryId
from telephony.mailboxes import Mailbox
from telephony.recordings import Recording, RecordingSid
from telephony.streams import MediaStream
from telephony.transcripts import Utterance
from tests import examples
from tests.fakes.audio import MemoryAudio
from tests.fakes.call_source import MemoryCallSource
from tests.fakes.clock import FixedClock
from tests.fakes.recordings import MemoryRecordingSource
from tests.fakes.repairs import ScriptedTranscriber
from tests.fakes.sending import MemoryBulletin, MemoryFollowUps, MemoryMeter, MemoryTexter
from tests.fakes.speech import MemorySpeech
from tests.fakes.table import MemoryTable
from tests.fakes.telling import MemoryHookPoster

ALL_WELL: BatchResult = {"batchItemFailures": []}
SWEEPS = Sweeps(age=timedelta(minutes=3), lost_stream=timedelta(seconds=60))


def record(
    call_sid: str = examples.CALL_SID,
    sort_key: str = "CALL",
    number: int = 1,
    name: str = "MODIFY",
    state: str | None = None,
) -> dict[str, object]:
    """Return a record of the table's stream."""
    keys = {"pk": {"S": f"CALL#{call_sid}"}, "sk": {"S": sort_key}}
    image = {**keys, "kind": {"S": sort_key.partition("#")[0]}} | ({} if state is None else {"state": {"S": state}})
    change = {"Keys": keys, "NewImage": image, "SequenceNumber": str(number), "StreamViewType": "NEW_AND_OLD_IMAGES"}
    return {"eventID": str(number), "eventName": name, "eventSource": "aws:dynamodb", "dynamodb": change}


def message(call_sid: str = examples.CALL_SID, number: int = 1) -> dict[str, object]:
    """Return a message of the follow-up queue."""
    return {"messageId": f"message-{number}", "body": f'{{"call_sid": "{call_sid}"}}', "eventSource": "aws:sqs"}


@dataclass
class World:
    """Everything the pipeline reaches; the clock stands half a second after the hang-up."""

    table: MemoryTable = field(default_factory=MemoryTable)
    audio: MemoryAudio = field(default_factory=MemoryAudio)
    source: MemoryRecordingSource = field(default_factory=MemoryRecordingSource)
    twilio_calls: MemoryCallSource = field(default_factory=MemoryCallSource)
    transcriber: ScriptedTranscriber = field(default_factory=ScriptedTranscriber)
    speech: MemorySpeech = field(default_factory=MemorySpeech)
    texter: MemoryTexter = field(default_factory=MemoryTexter)
    bulletin: MemoryBulletin = field(default_factory=MemoryBulletin)
    hook_poster: MemoryHookPoster = field(default_factory=MemoryHookPoster)
    follow_ups: MemoryFollowUps = field(default_factory=MemoryFollowUps)
    meter: MemoryMeter = field(default_factory=MemoryMeter)
    clock: FixedClock = field(default_factory=lambda: FixedClock(examples.ENDED_AT + timedelta(milliseconds=500)))
    slept: list[float] = field(default_factory=list)

    def waker(self) -> Waker:
        """Return the pipeline, in a process of its own."""
        return Waker(Follower(self.ports()).follow)

    def ports(self) -> PipelinePorts:
        """Return the ports."""
        return PipelinePorts(
            directory=self.table.directory,
            calls=self.table.calls,
            recordings=self.table.recordings,
            repairs=self.table.repairs,
            transcripts=self.table.transcripts,
            deliveries=self.table.deliveries,
            digests=self.table.digests,
            links=self.table.links,
            usage=self.table.usage,
            search=self.table.search,
            audio=self.audio,
            source=self.source,
            transcriber=self.transcriber,
            speech=self.speech,
            twilio_calls=self.twilio_calls,
            texter=ConsentingTexter(self.texter, self.table.opt_outs, self.clock),
            bulletin=self.bulletin,
            hook_secrets=self.table.hook_secrets,
            hook_poster=self.hook_poster,
            follow_ups=self.follow_ups,
            clock=self.clock,
            meter=self.meter,
            public_origin="https://calls.example",
            sleep=self.slept.append,
        )

    def wake(self, call_sid: str = examples.CALL_SID) -> BatchResult:
        """Have the call followed because an item of it changed."""
        return self.waker().on_table_change({"Records": [record(call_sid)]})

    def wake_twice_at_once(self) -> None:
        """Have two processes follow the call at the same time."""
        threads = [Thread(target=self.wake) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)

    def sweep(self) -> int:
        """Run the sweeper once."""
        ports = self.ports()
        return Sweeper(ports, Follower(ports), SWEEPS).sweep()

    def run(self) -> None:
        """Have the call followed for as long as what is written wakes the pipeline again."""
        for _ in range(5):
            assert self.wake() == ALL_WELL

    def is_closed(self, call_sid: CallSid = examples.CALL_SID) -> bool:
        """Tell whether nothing more is expected of a call."""
        return call_sid not in self.table.state.open_calls

    def has_call(
        self,
        *,
        is_over: bool = True,
        mailbox: Mailbox = examples.MAILBOX,
        stage: CallStage = CallStage.TAKING_MESSAGE,
    ) -> None:
        """Let a call come in, and end."""
        self.table.directory.put(mailbox, ())
        self.table.calls.begin(replace(examples.CALL, stage=stage), None)
        if is_over:
            self.table.calls.report(examples.CALL_SID, CallStatus.COMPLETED, examples.ENDED_AT, 30)

    def has_transcript(self, *utterances: Utterance, stream: MediaStream | None = None) -> None:
        """Let a stream end with these words, complete unless *stream* says otherwise."""
        self.table.transcripts.save([stream or examples.ended_stream()], utterances)

    def has_recording(self, recording: Recording = examples.RECORDING, sound: bytes | None = b"RIFF") -> None:
        """Let a recording be reported, which Twilio hands out unless *sound* is None."""
        self.table.recordings.report(recording)
        if sound is not None:
            self.source.sound[recording.sid] = sound

    def recording(self, sid: RecordingSid = examples.RECORDING_SID) -> Recording:
        """Return what is known of a recording."""
        return self.table.state.recordings[examples.CALL_SID, sid]

    def delivery(self, channel: Channel, recipient: str) -> Delivery:
        """Return what became of a delivery."""
        return self.table.state.deliveries[DeliveryId(CallSid(examples.CALL_SID), channel, recipient)]
