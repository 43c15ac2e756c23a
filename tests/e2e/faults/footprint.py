"""What a process weighs: its memory and its open descriptors, as Linux tells them."""

import re
from dataclasses import dataclass
from pathlib import Path

MAX_GROWTH_KB = 48 * 1024
"""Of memory by one call: many times what a minute of sound and its words weigh; a pool of threads fits in, too."""
MAX_DESCRIPTORS = 24
"""More than before a call: a pool of connections to AWS may have grown."""


@dataclass(frozen=True, slots=True)
class Footprint:
    """Of one process at one moment."""

    pid: int
    memory_kb: int
    descriptors: int

    @classmethod
    def of(cls, pid: int) -> "Footprint":
        """Measure a process that runs."""
        status = Path(f"/proc/{pid}/status").read_text()
        resident = re.search(r"VmRSS:\s+(\d+) kB", status)
        assert resident is not None
        return cls(pid, int(resident[1]), len(list(Path(f"/proc/{pid}/fd").iterdir())))

    def exceeds(self, before: "Footprint") -> bool:
        """Tell whether the same process has grown by more than it may."""
        if self.pid != before.pid:
            return False
        grown_kb, opened = self.memory_kb - before.memory_kb, self.descriptors - before.descriptors
        return grown_kb > MAX_GROWTH_KB or opened > MAX_DESCRIPTORS
