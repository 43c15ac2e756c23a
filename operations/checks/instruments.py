"""Instruments: what the checks look with."""

import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import httpx

from operations.checks.finding import Finding
from operations.deployment import Deployment
from operations.vendors import Origins
from telephony.credentials import DeepgramCredentials, TwilioCredentials
from telephony.pointing import Pointer
from telephony.ports.stores import Directory, TicketStore

WAIT_S = 10
"""For any one answer; a cold start takes a fifth of it."""


class Subscriptions(Protocol):
    """Who is told by e-mail."""

    def __call__(self) -> dict[str, bool]:
        """Return each address with whether its owner has confirmed. Raises: OperationError."""
        ...


@dataclass(frozen=True, slots=True)
class Instruments:
    """All that is needed to look at a deployment.

    Attributes:
        http: with a time limit of its own.
        concurrent_executions: how many functions the account may run at once; raises OperationError.
        alarm_subscriptions: who is told of alarms by e-mail.
        tls: whom the public origin's certificate has to come from.
    """

    deployment: Deployment
    twilio: TwilioCredentials
    deepgram: DeepgramCredentials
    directory: Directory
    tickets: TicketStore
    pointer: Pointer
    subscriptions: Subscriptions
    concurrent_executions: Callable[[], int]
    now: Callable[[], datetime]
    http: httpx.Client
    origins: Origins = field(default_factory=Origins)
    alarm_subscriptions: Subscriptions = dict
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context)


Check = Callable[[Instruments], list[Finding]]
"""Looks, and returns what it found. Raises: OperationError or TelephonyError when it could not look."""
