"""What holds for every test."""

import structlog
from hypothesis import settings

# A slow machine is no failure: speed is judged in bench/, and pytest's own limit ends what hangs.
settings.register_profile("default", deadline=None)
# What `make fuzz` runs with; without it a test takes Hypothesis's own hundred examples.
settings.register_profile("fuzz", max_examples=5_000, deadline=None)
settings.load_profile("default")

# As telephony.log has it, one line an event: structlog's own tracebacks draw every local variable, for seconds.
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.format_exc_info,
        structlog.processors.JSONRenderer(),
    ]
)
