"""What a search reads and how long it takes, in archives of a thousand to a hundred thousand voicemails.

    python -m bench.search [VOICEMAILS ...] [--write]

Starts DynamoDB Local in memory, stores archives of 1,000, 10,000 and 100,000 voicemails (or as many as are named) in
the items of the product's own adapter, and asks each the same. Prints the latency of an answer with its snippets, the
read units that DynamoDB counts for it, and how many requests it takes. Each answer is compared with a scan.

Of an archive only those posting lists are stored that some query looks at: the others would take most of an hour to
write, and no query touches them. What a message costs to write is measured with all of its items.

With `--write`, the figures go into `bench/results/search.json` and the tables into `docs/performance.md`.
"""

import json
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import mean, quantiles
from typing import TYPE_CHECKING, Any, Final

from botocore.config import Config

from bench.archive import Archive, store
from bench.metering import Counting, Loader
from bench.search_tables import markdown, written
from bench.voicemails import MAILBOX, caller, statistics, voicemails
from local.aws.resources import aws_session, table_definition
from telephony.aws.clients import CONFIG
from telephony.aws.search import DynamoSearch
from telephony.hits import hits_of
from telephony.numbers import MailboxId
from telephony.places import NEWEST, call_at
from telephony.postings import Document, document_of
from telephony.query import parse
from telephony.search import MOST_COMPLETIONS, Range, Search
from telephony.terms import Terms
from tools import dynamodb_local

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ROOT: Final = Path(__file__).resolve().parent.parent
RESULTS: Final = ROOT / "bench" / "results" / "search.json"
DOCUMENT: Final = ROOT / "docs" / "performance.md"

SIZES: Final = (1_000, 10_000, 100_000)
ROUNDS: Final = 40
PAGE: Final = 20
WRITTEN: Final = 200
"""Messages whose writing is measured."""

RARE_RANK: Final = 1_400
"""The rank of a word that about one message in 100 has; the rarest one is in one of 1,000."""
RAREST_RANK: Final = 12_000
PATIENT: Final = CONFIG.merge(Config(read_timeout=60))
"""DynamoDB Local makes and drops a large table in its own time."""
TERMS: Final = Terms("en-US")


@dataclass(frozen=True, slots=True)
class Asked:
    """A query, by what is remarkable about it."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Figures:
    """What one query came to in one archive."""

    name: str
    text: str
    hits: int
    p50_ms: float
    p95_ms: float
    read_units: float
    requests: int


@dataclass(frozen=True, slots=True)
class Writing:
    """What one message costs to write, on average: the first of an archive, and one when most words are known."""

    stems: float
    first_units: float
    later_units: float
    later_read_units: float


def queries() -> list[Asked]:
    """Return what is asked."""
    words = statistics().words
    rare, rarest = words[RARE_RANK], words[RAREST_RANK]
    other = words[RARE_RANK + 1]
    return [
        Asked("rarest word", f"{rarest} "),
        Asked("rare word", f"{rare} "),
        Asked("common word", "call "),
        Asked("commonest word", "the "),
        Asked("common with common", "call back "),
        Asked("rare with common", f"{rare} call "),
        Asked("rare with rare", f"{rare} {other} "),
        Asked("common without common", "call -back "),
        Asked("phrase", '"appointment tomorrow" '),
        Asked("stock phrase", '"call me back" '),
        Asked("phrase of the commonest", '"the call" '),
        Asked("beginning of many words", "ban"),
        Asked("beginning of few words", "appoi"),
        Asked("caller", f"caller:{caller(3)} "),
    ]


def measure(size: int, endpoint: str) -> tuple[list[Figures], Writing]:
    """Store an archive of *size* voicemails, ask it everything, and drop it."""
    client = aws_session().client("dynamodb", endpoint_url=endpoint, config=PATIENT)
    name = f"bench-{size}"
    definition = table_definition(name)
    del definition["StreamSpecification"]  # nobody listens, and DynamoDB Local would keep it all in memory
    with closing(client):
        client.create_table(**definition)
        begun = time.monotonic()
        texts = [each.text for each in queries()]
        archive = store(Loader(endpoint, name), size, texts, PAGE, TERMS)
        print(f"{size:,} voicemails, {archive.items:,} items stored in {time.monotonic() - begun:.0f} s", flush=True)
        figures = [_asked(client, name, asked, archive) for asked in queries()]
        writing = _written(client, name, size)
        client.delete_table(TableName=name)
    return figures, writing


def _asked(client: "DynamoDBClient", name: str, asked: Asked, archive: Archive) -> Figures:
    took_ms: list[float] = []
    counting = Counting(client)
    answer = Answer([], is_whole=True, is_narrowed=False)
    for round_number in range(ROUNDS):
        counting = Counting(client)
        begun = time.perf_counter()
        answer = _answer(DynamoSearch(counting.table(name)), asked.text)
        took_ms.append((time.perf_counter() - begun) * 1_000)
        expected = archive.expected[asked.text][:PAGE]
        expected = expected if answer.is_whole else expected[: len(answer.found)]
        if round_number == 0 and not answer.is_narrowed and list(answer.found) != expected:
            raise AssertionError(f"{asked.text!r} found {answer.found}, and a scan {expected}")
    percentiles = quantiles(took_ms, n=20)
    return Figures(
        asked.name,
        asked.text.strip(),
        len(answer.found),
        percentiles[9],
        percentiles[18],
        counting.units,
        counting.requests,
    )


@dataclass(frozen=True, slots=True)
class Answer:
    """The calls that were found.

    Attributes:
        is_whole: whether nothing was left unread that could have filled the page.
        is_narrowed: whether a beginning was taken for some words only, so that a scan finds more.
    """

    found: Sequence[str]
    is_whole: bool
    is_narrowed: bool


def _answer(index: DynamoSearch, text: str) -> Answer:
    matches = Search(parse(text, TERMS), TERMS, MAILBOX, index, Range(newest=NEWEST)).newest(PAGE)
    entries = index.entries([call_at(match.place)[1] for match in matches.matches])
    found = [hit.call_sid for hit in hits_of(matches.matches, entries)]
    is_narrowed = len(matches.completions) >= MOST_COMPLETIONS
    return Answer(found, is_whole=matches.rest is None or len(found) == PAGE, is_narrowed=is_narrowed)


def _written(client: "DynamoDBClient", name: str, size: int) -> Writing:
    """Index more messages, with all that belongs to them, into an archive whose spellings are known."""
    entries = [entry for _, entry in zip(range(WRITTEN), voicemails(size + 1), strict=False)]
    documents = [document_of(entry) for entry in entries]
    first = Counting(client)
    DynamoSearch(first.table(name)).index(_moved(documents[0]), entries[0].started_at)
    later = Counting(client)
    for document in documents:
        DynamoSearch(later.table(name)).index(document, document.entry.started_at)
    return Writing(
        stems=mean(len(document.postings) for document in documents),
        first_units=first.written,
        later_units=later.written / len(documents),
        later_read_units=later.units / len(documents),
    )


def _moved(document: Document) -> Document:
    """Return a message in a mailbox of its own, in which no word was said before."""
    return document_of(replace(document.entry, mailbox_id=MailboxId(f"{MAILBOX}-new")))


def main() -> int:
    """Measure and print, and write if asked to."""
    sizes = [int(each) for each in sys.argv[1:] if each.isdecimal()] or list(SIZES)
    archives: dict[str, Any] = {}
    for size in sizes:
        with dynamodb_local.running() as endpoint:  # each in a fresh one: its memory is not given back
            figures, writing = measure(size, endpoint)
        archives[str(size)] = {"queries": [asdict(each) for each in figures], "writing": asdict(writing)}
    results = {"rounds": ROUNDS, "page": PAGE, "archives": archives}
    print(markdown(results))
    if "--write" in sys.argv:
        RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
        DOCUMENT.write_text(written(DOCUMENT.read_text(encoding="utf-8"), results), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
