"""What a process weighs: its memory and its open descriptors, as Linux tells them."""

import re
from dataclasses import dataclass
from pathlib import Path

MAX_GROWTH_KB = 3 * 1024
"""Of memory by one call, the process's first included. The first was measured to take 1.2 MB, for the connections and
threads that stay; any other up to 0.4."""

MAX_CREEP_KB = 1536
"""Of memory by all calls of a house after its first, fourteen rows at most: measured 0.6 MB. Were each to leave behind
its sound, 160 kB, ten would break it."""

MAX_DESCRIPTORS = 4
"""More than before: measured one, in the first call."""


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

    def exceeds(self, before: "Footprint", most_kb: int) -> bool:
        """Tell whether the same process has grown by more than *most_kb*, or has opened more than it may."""
        if self.pid != before.pid:
            return False
        grown_kb, opened = self.memory_kb - before.memory_kb, self.descriptors - before.descriptors
        return grown_kb > most_kb or opened > MAX_DESCRIPTORS
