"""The one table: the names of its keys, its index and its items. Infra and local AWS make the table from these.

| item            | pk                | sk                            | gsi1pk       | gsi1sk                 |
| --------------- | ----------------- | ----------------------------- | ------------ | ---------------------- |
| Number          | NUMBER#+1...      | CONFIG                        |              |                        |
| Mailbox         | MAILBOX#id        | CONFIG                        |              |                        |
|   how it rings  | DIALS#id          | <hour>                        |              |                        |
| Number, before  | NUMBER#+1...      | PREVIOUS                      |              |                        |
| Call            | CALL#CA...        | CALL                          | MAILBOX#id   | <started_at>#CA...     |
| MediaStream     | CALL#CA...        | STREAM#MZ...                  |              |                        |
| Utterance       | CALL#CA...        | UTT#<track>#<start_ms, 9 dig> |              |                        |
|   of a Repair   | CALL#CA...        | UTT#<track>#...#RE....attempt |              |                        |
| Recording       | CALL#CA...        | REC#RE...                     |              |                        |
| Repair          | CALL#CA...        | REPAIR#RE...                  |              |                        |
| Call, if open   | CALL#CA...        | OPEN                          | OPEN         | <looked after>#CA...   |
| Delivery        | CALL#CA...        | DELIVERY#<channel>#<who>      |              |                        |
| ConsentProof    | CALL#CA...        | CONSENT#<step>                |              |                        |
| Pause           | CALL#CA...        | PAUSE#<number, 3 digits>      |              |                        |
| the call's link | CALL#CA...        | LINK                          |              |                        |
| Link            | LINK#<token>      | LINK                          |              |                        |
| Ticket          | TICKET#<id>       | TICKET                        |              |                        |
| what was done   | IDEMPOTENCY#<subject>#<key> | IDEMPOTENCY         |              |                        |

A number's item holds a copy of its mailbox, so that a call is answered with one read. Tickets and links carry `ttl`.
A call is open while more is expected of it; then its item OPEN leaves the index. Nothing in here reaches boto3.
"""

from collections.abc import Mapping
from typing import Final

from telephony.deliveries import DeliveryState
from telephony.repairs import RepairState
from telephony.streams import StreamState

PARTITION_KEY: Final = "pk"
SORT_KEY: Final = "sk"
TTL: Final = "ttl"
"""Seconds since the epoch; DynamoDB clears the item away some time after."""

ARCHIVE_INDEX: Final = "gsi1"
ARCHIVE_PARTITION_KEY: Final = "gsi1pk"
ARCHIVE_SORT_KEY: Final = "gsi1sk"

STREAM_VIEW: Final = "NEW_AND_OLD_IMAGES"

CALL: Final = "CALL"
CONFIG: Final = "CONFIG"
CONSENT: Final = "CONSENT"
DELIVERY: Final = "DELIVERY"
DIALS: Final = "DIALS"
IDEMPOTENCY: Final = "IDEMPOTENCY"
LINK: Final = "LINK"
MAILBOX: Final = "MAILBOX"
NUMBER: Final = "NUMBER"
OPEN: Final = "OPEN"
PAUSE: Final = "PAUSE"
PREVIOUS: Final = "PREVIOUS"
RECORDING: Final = "REC"
REPAIR: Final = "REPAIR"
STREAM: Final = "STREAM"
TICKET: Final = "TICKET"
UTTERANCE: Final = "UTT"

KIND: Final = "kind"
"""Every item's first word of its sort key (its noun), so that event filters can tell items apart."""
STATE: Final = "state"

WAKES_PIPELINE: Final[tuple[Mapping[str, tuple[str, ...]], ...]] = (
    # A mailbox may have something new to say.
    {KIND: (CALL, RECORDING, CONFIG)},
    # While a stream is open it is written every second, and nothing is to be done about it before its end.
    {KIND: (STREAM,), STATE: (StreamState.ENDED.value,)},
    # An attempt that has only begun changes nothing.
    {KIND: (REPAIR,), STATE: (RepairState.WAITING.value, RepairState.DONE.value, RepairState.FAILED.value)},
    # Once people have been told, a call may be done with.
    {KIND: (DELIVERY,), STATE: (DeliveryState.SENT.value, DeliveryState.FAILED.value)},
)
"""Which items move a call on, or a mailbox, when they are written: those that one of these fits, with one of the texts
named in each of its attributes. The filter of the table's stream is made of this, in the cloud and on one machine.
"""


WRITTEN_BY_API: Final = (
    PARTITION_KEY,
    SORT_KEY,
    KIND,
    ARCHIVE_PARTITION_KEY,
    ARCHIVE_SORT_KEY,
    *("mailbox_id", "number", "caller", "started_at", "direction", "status", "status_rank", "stage", "stage_rank"),
    *("requested_by", "ended_at", "is_recording_paused"),
)
"""All that the API may write, or make a condition of, in the items of calls: that one begins, or is paused."""


def wakes_pipeline(image: Mapping[str, object]) -> bool:
    """Tell whether an item as the table's stream has it, in DynamoDB's JSON, is one of WAKES_PIPELINE."""
    return any(
        all(image.get(name) in [{"S": text} for text in texts] for name, texts in pattern.items())
        for pattern in WAKES_PIPELINE
    )


def key(noun: str, *parts: str) -> str:
    """Join a noun and what identifies it into a key."""
    return "#".join((noun, *parts))
