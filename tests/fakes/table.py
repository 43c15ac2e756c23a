"""All stores in memory, on one state."""

from tests.fakes.calls import MemoryCalls
from tests.fakes.consents import MemoryConsents
from tests.fakes.deliveries import MemoryDeliveries
from tests.fakes.directory import MemoryDirectory
from tests.fakes.erasure import MemoryErasure, MemoryScan
from tests.fakes.expiry import MemoryExpiry
from tests.fakes.idempotency import MemoryIdempotency
from tests.fakes.jobs import MemoryJobs
from tests.fakes.links import MemoryLinks
from tests.fakes.outgoing import MemoryOutgoing
from tests.fakes.pauses import MemoryPauses
from tests.fakes.recordings import MemoryRecordings
from tests.fakes.repairs import MemoryRepairs
from tests.fakes.search import MemorySearch
from tests.fakes.state import State
from tests.fakes.telling import MemoryDigests, MemoryHookSecrets, MemoryOptOuts
from tests.fakes.tickets import MemoryTickets
from tests.fakes.transcripts import MemoryTranscripts
from tests.fakes.usage import MemoryUsage


class MemoryTable:
    """One table's stores: what one writes, the others see."""

    def __init__(self) -> None:
        self.state = State()
        self.directory = MemoryDirectory(self.state)
        self.calls = MemoryCalls(self.state)
        self.recordings = MemoryRecordings(self.state)
        self.transcripts = MemoryTranscripts(self.state)
        self.repairs = MemoryRepairs(self.state)
        self.tickets = MemoryTickets(self.state)
        self.deliveries = MemoryDeliveries(self.state)
        self.links = MemoryLinks(self.state)
        self.usage = MemoryUsage(self.state)
        self.idempotency = MemoryIdempotency(self.state)
        self.search = MemorySearch(self.state)
        self.jobs = MemoryJobs(self.state)
        self.erasure = MemoryErasure(self.state)
        self.expiry = MemoryExpiry(self.state)
        self.scan = MemoryScan(self.state)
        self.digests = MemoryDigests(self.state)
        self.opt_outs = MemoryOptOuts(self.state)
        self.hook_secrets = MemoryHookSecrets(self.state)
        self.consents = MemoryConsents(self.state)
        self.outgoing = MemoryOutgoing(self.state)
        self.pauses = MemoryPauses(self.state)

    @property
    def is_down(self) -> bool:
        """Whether every access fails with a retryable UpstreamError."""
        return self.state.is_down

    @is_down.setter
    def is_down(self, is_down: bool) -> None:
        self.state.is_down = is_down
