"""The jobs' world in memory."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from functions.jobs.erasing import Eraser
from functions.jobs.erasures import EraseCall, EraseMany
from functions.jobs.exporting import Export
from functions.jobs.importing import Import
from functions.jobs.ports import JobsPorts
from functions.jobs.reindexing import Reindex
from functions.jobs.rounds import Rounds
from functions.jobs.working import Work, Worker
from telephony.calls import Call, CallSid
from telephony.deliveries import Channel, Delivery, DeliveryId, DeliveryState
from telephony.events import RecordingReported
from telephony.index_entries import entry_of
from telephony.jobs import Job, JobId, JobKind
from telephony.keeping import Keeping
from telephony.postings import document_of
from telephony.recordings import RecordingSid, RecordingStatus, audio_key
from telephony.transcripts import Utterance
from tests import examples
from tests.fakes.audio import MemoryAudio
from tests.fakes.clock import FixedClock
from tests.fakes.erasure import MemoryTwilioCopies
from tests.fakes.jobs import MemoryJobQueue
from tests.fakes.sending import MemoryMeter
from tests.fakes.table import MemoryTable

LIMIT = timedelta(minutes=2)
STALE = timedelta(minutes=15)
LINK_LIFETIME = timedelta(days=30)


@dataclass
class World:
    """Everything the jobs reach; the clock stands at noon of the day after the example call."""

    table: MemoryTable = field(default_factory=MemoryTable)
    audio: MemoryAudio = field(default_factory=MemoryAudio)
    twilio: MemoryTwilioCopies = field(default_factory=MemoryTwilioCopies)
    queue: MemoryJobQueue = field(default_factory=MemoryJobQueue)
    meter: MemoryMeter = field(default_factory=MemoryMeter)
    clock: FixedClock = field(default_factory=lambda: FixedClock(examples.NOON + timedelta(days=1)))
    jobs_made: int = 0
    export: Export | None = None

    def ports(self) -> JobsPorts:
        """Return the ports."""
        return JobsPorts(
            jobs=self.table.jobs,
            queue=self.queue,
            directory=self.table.directory,
            calls=self.table.calls,
            scan=self.table.scan,
            recordings=self.table.recordings,
            erasure=self.table.erasure,
            expiry=self.table.expiry,
            audio=self.audio,
            sound=self.audio,
            twilio_calls=self.twilio.calls,
            twilio_copies=self.twilio,
            index=self.table.search,
            clock=self.clock,
            meter=self.meter,
        )

    def eraser(self) -> Eraser:
        """Return who erases calls."""
        return Eraser(self.ports())

    def works(self) -> dict[JobKind, Work]:
        """Return how each kind of job is done."""
        many = EraseMany(self.ports(), self.eraser())
        return {
            JobKind.ERASE_CALL: EraseCall(self.ports(), self.eraser()),
            JobKind.ERASE_CALLER: many,
            JobKind.EXPIRE: many,
            JobKind.IMPORT: Import(self.ports()),
            JobKind.REINDEX: Reindex(self.ports()),
            JobKind.EXPORT: self.export or Export(self.ports()),
        }

    def worker(self, works: dict[JobKind, Work] | None = None) -> Worker:
        """Return who works on jobs, in a process of its own."""
        return Worker(self.ports(), self.works() if works is None else works, LIMIT)

    def rounds(self) -> Rounds:
        """Return who goes round."""
        return Rounds(self.ports(), self.eraser(), STALE)

    def ask(self, kind: JobKind, **request: str) -> JobId:
        """Ask for a job of the example mailbox."""
        self.jobs_made += 1
        now = self.clock.now()
        job = Job(JobId(f"{self.jobs_made:032x}"), kind, examples.MAILBOX.id, "ada", now, now, request)
        self.table.jobs.submit(job)
        return job.id

    def run(self, job_id: JobId, turns: int = 30) -> Job:
        """Work on a job, each time when it is due, for at most so many turns; return how far it is."""
        for _ in range(turns):
            self.worker().work(job_id)
            job = self.table.jobs.get(job_id)
            if job.state.is_over:
                break
            if job.due_at is not None:
                self.clock.at = max(self.clock.at, job.due_at)
        return self.table.jobs.get(job_id)

    def has_mailbox(self, keeping: Keeping = Keeping()) -> None:  # noqa: B008 - it is frozen
        """Let there be the example mailbox."""
        self.table.directory.put(replace(examples.MAILBOX, keeping=keeping), ())

    def has_call(
        self, number: int = 1, *, caller: str = examples.CALLER, started_at: datetime = examples.NOON
    ) -> CallSid:
        """Let there be a call with all that a call can have: words, sound here and at Twilio, an SMS, a link."""
        sid = CallSid(f"CA{number:032x}")
        recording_sid = RecordingSid(f"RE{number:032x}")
        call = Call(sid, examples.MAILBOX.id, examples.NUMBER, caller, started_at)
        self.table.calls.begin(call, None)
        self.table.calls.report(sid, examples.ENDED_CALL.status, started_at + timedelta(seconds=30), 30)
        said: Utterance = replace(examples.utterance(f"words of call {number}"), call_sid=sid)
        self.table.transcripts.save([replace(examples.ended_stream(), call_sid=sid)], [said])
        key = audio_key(sid, recording_sid, examples.MAILBOX.id)
        self.table.recordings.report(replace(examples.RECORDING, sid=recording_sid, call_sid=sid, stored_key=key))
        self.audio.put(key, b"RIFF sound", "audio/wav")
        self.twilio.source.sound[recording_sid] = b"RIFF sound"
        self.twilio.calls.made.append(RecordingReported(sid, recording_sid, RecordingStatus.COMPLETED, 12_000))
        told = DeliveryId(sid, Channel.SMS, examples.OWNER)
        self.table.deliveries.claim(told, started_at)
        self.table.deliveries.finish(Delivery(told, DeliveryState.SENT, started_at, reference=f"SM{number:032x}"))
        self.twilio.messages.add(f"SM{number:032x}")
        self.table.links.link(sid, LINK_LIFETIME, started_at)
        entry = entry_of(call, examples.MAILBOX.listening.language, self.table.transcripts.transcript(sid))
        self.table.search.index(document_of(entry), started_at)
        return sid

    def traces(self, call_sid: CallSid) -> list[str]:
        """Return every place where something of a call is, but for its tombstone."""
        number = int(call_sid.removeprefix("CA"), base=16)
        places = {
            "table": self.table.erasure.remains(call_sid) > 0,
            "sound": any(call_sid in key for key in self.audio.sound),
            "Twilio's recording": RecordingSid(f"RE{number:032x}") in self.twilio.source.sound,
            "Twilio's SMS": f"SM{number:032x}" in self.twilio.messages,
            "link": call_sid in self.table.state.links,
            "index": call_sid in self.table.state.documents,
        }
        return [place for place, is_there in places.items() if is_there]
