"""Logging: JSON lines on standard output. The event is a constant, the facts are fields.

Numbers, digits, words and names go only into fields whose key ends with `_pii`; those are left out at INFO and above.
"""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

_PII = "_pii"


def configure(level: int = logging.INFO) -> None:
    """Set logging up; call it once, at the entry of the process."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _without_pii,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(sys.stdout),
        cache_logger_on_first_use=False,
    )


def logger() -> structlog.typing.FilteringBoundLogger:
    """Return a logger."""
    bound: structlog.typing.FilteringBoundLogger = structlog.get_logger()
    return bound


def _without_pii(_logger: object, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    if method == "debug":
        return event
    return {key: value for key, value in event.items() if not key.endswith(_PII)}
