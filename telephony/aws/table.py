"""The one table: the names of its keys, its index and its items. Infra and local AWS make the table from these.

| item            | pk                | sk                            | gsi1pk       | gsi1sk                 |
| --------------- | ----------------- | ----------------------------- | ------------ | ---------------------- |
| Number          | NUMBER#+1...      | CONFIG                        |              |                        |
| Mailbox         | MAILBOX#id        | CONFIG                        |              |                        |
|   its usage     | MAILBOX#id        | USAGE#<day>                   |              |                        |
|   its readers   | READER#<subject>  | MAILBOX#id                    |              |                        |
|   how it rings  | DIALS#id          | <hour>                        |              |                        |
| Number, before  | NUMBER#+1...      | PREVIOUS                      |              |                        |
| Call            | CALL#CA...        | CALL                          | MAILBOX#id   | <started_at>#CA...     |
| MediaStream     | CALL#CA...        | STREAM#MZ...                  |              |                        |
| Utterance       | CALL#CA...        | UTT#<track>#<start_ms, 9 dig> |              |                        |
|   of a Repair   | CALL#CA...        | UTT#<track>#...#RE....attempt |              |                        |
| Recording       | CALL#CA...        | REC#RE...                     |              |                        |
| Repair          | CALL#CA...        | REPAIR#RE...                  |              |                        |
| IndexEntry      | CALL#CA...        | INDEX                         |              |                        |
| Posting         | POSTING#id#<stem> | <started_at>#CA...            |              |                        |
| a spelling      | SPELLING#id       | <spelling>                    |              |                        |
| Call, if open   | CALL#CA...        | OPEN                          | OPEN         | <looked after>#CA...   |
| Delivery        | CALL#CA...        | DELIVERY#<channel>#<who>      |              |                        |
| ConsentProof    | CALL#CA...        | CONSENT#<step>                |              |                        |
| Pause           | CALL#CA...        | PAUSE#<number, 3 digits>      |              |                        |
| the call's link | CALL#CA...        | LINK                          |              |                        |
| Digest          | DIGEST#id#<time>  | SLOT                          |              |                        |
|   its calls     | DIGEST#id#<time>  | ENLISTED#CA...                |              |                        |
| OptOut          | RECIPIENT#+1...   | OPTOUT#<our number>           |              |                        |
| a hook's secret | HOOK#id#<hook>    | SECRET                        |              |                        |
| Link            | LINK#<token>      | LINK                          |              |                        |
| Ticket          | TICKET#<id>       | TICKET                        |              |                        |
| what was done   | IDEMPOTENCY#<subject>#<key> | IDEMPOTENCY         |              |                        |

| Tombstone       | CALL#CA...        | ERASED                        | ERASED       | <look again>#CA...     |
| Mailbox's term  | MAILBOX#id        | CONFIG                        | KEEPING      | id                     |
| a round's place | ROUND#EXPIRY      | ROUND                         |              |                        |
| Job             | JOB#<id>          | JOB                           | OPEN_JOBS    | <changed at>#<id>      |
| Job's listing   | JOBS#<mailbox>    | <requested at>#<id>           |              |                        |

A number's item holds a copy of its mailbox, so that a call is answered with one read. Tickets, links, digests,
answered requests, jobs and tombstones carry `ttl`. A call is open while more is expected of it; then its item OPEN
leaves the index. So does a job that is over, and a tombstone of a call of which nothing can come any more. A mailbox is
in the index while it says how long it keeps calls. Postings and spellings have nouns of their own, not the mailbox's,
so that a right to erase them is a right to erase nothing else. Nothing in here reaches boto3.
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
DIGEST: Final = "DIGEST"
ENLISTED: Final = "ENLISTED"
HOOK: Final = "HOOK"
IDEMPOTENCY: Final = "IDEMPOTENCY"
INDEX: Final = "INDEX"
ERASED: Final = "ERASED"
EXPIRY: Final = "EXPIRY"
JOB: Final = "JOB"
JOBS: Final = "JOBS"
KEEPING: Final = "KEEPING"
LINK: Final = "LINK"
MAILBOX: Final = "MAILBOX"
NUMBER: Final = "NUMBER"
OPEN: Final = "OPEN"
OPT_OUT: Final = "OPTOUT"
PAUSE: Final = "PAUSE"
POSTING: Final = "POSTING"
OPEN_JOBS: Final = "OPEN_JOBS"
PREVIOUS: Final = "PREVIOUS"
READER: Final = "READER"
RECIPIENT: Final = "RECIPIENT"
RECORDING: Final = "REC"
REPAIR: Final = "REPAIR"
ROUND: Final = "ROUND"
SPELLING: Final = "SPELLING"
SECRET: Final = "SECRET"  # noqa: S105 - the word, not one
SLOT: Final = "SLOT"
STREAM: Final = "STREAM"
TICKET: Final = "TICKET"
USAGE: Final = "USAGE"
UTTERANCE: Final = "UTT"

KIND: Final = "kind"
"""Every item's first word of its sort key (its noun), so that event filters can tell items apart."""
STATE: Final = "state"
INDEXED: Final = "indexed"
"""The state of an index entry whose postings are all there."""

WAKES_PIPELINE: Final[tuple[Mapping[str, tuple[str, ...]], ...]] = (
    # A mailbox may have something new to say.
    {KIND: (CALL, RECORDING, CONFIG)},
    # While a stream is open it is written now and then, and nothing is to be done about it before its end.
    {KIND: (STREAM,), STATE: (StreamState.ENDED.value,)},
    # An attempt that has only begun changes nothing.
    {KIND: (REPAIR,), STATE: (RepairState.WAITING.value, RepairState.DONE.value, RepairState.FAILED.value)},
    # Once people have been told, and it can be found, a call may be done with; or they are to be told once more.
    # Lambda takes five filters at most.
    {
        KIND: (DELIVERY, INDEX),
        STATE: (DeliveryState.SENT.value, DeliveryState.FAILED.value, DeliveryState.AGAIN.value, INDEXED),
    },
)
"""Which items move a call on, or a mailbox, when they are written: those that one of these fits, with one of the texts
named in each of its attributes. The filter of the table's stream is made of this, in the cloud and on one machine.
"""


ERASING: Final = "erasing_at"
"""Of a call: since when it is being erased. Whoever sees it sees no call."""

CHANGED_BY_API: Final = (
    PARTITION_KEY,
    SORT_KEY,
    *("read_at", "archived_at", "note", "tags", "marks_revision"),
    *(STATE, "changed_at", "asked_at"),
    *("held_at", ERASING),
)
"""All that the API may set, or make a condition of, in the items of calls: marks, that a delivery be made again, and a
legal hold on what is not being erased.
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
