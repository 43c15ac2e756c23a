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
from dataclasses import asdict, dataclass, field, replace
from http.client import HTTPConnection
from pathlib import Path
from statistics import mean, quantiles
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import urlsplit

import orjson

from bench.voicemails import MAILBOX, caller, statistics, voicemails
from local.aws.resources import aws_session, table_definition
from telephony.aws.attributes import Item, encode_item
from telephony.aws.clients import CONFIG
from telephony.aws.dynamodb import BATCH_ITEMS, Table
from telephony.aws.search import DynamoSearch
from telephony.aws.search_items import entry_item, listed_of, posting_item, spelling_item
from telephony.hits import hits_of
from telephony.index_entries import IndexEntry
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
BEGIN: Final = "<!-- written by `python -m bench.search --write` -->"
END: Final = "<!-- end of what is written -->"

SIZES: Final = (1_000, 10_000, 100_000)
ROUNDS: Final = 40
PAGE: Final = 20
WRITTEN: Final = 200
"""Messages whose writing is measured."""
AT_ONCE: Final = 2_000
"""Items that are collected before they are written."""

RARE_RANK: Final = 1_400
"""The rank of a word that about one message in 100 has; the rarest one is in one of 1,000."""
RAREST_RANK: Final = 12_000
LEAST_UNITS: Final = 0.5
"""Of a request that finds nothing: DynamoDB charges it, DynamoDB Local counts nothing."""
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


@dataclass
class Counting:
    """A client that counts what DynamoDB charges for."""

    client: "DynamoDBClient"
    units: float = 0
    requests: int = 0
    written: float = field(default=0)

    def __getattr__(self, operation: str) -> Any:  # noqa: ANN401 - any of the client's methods
        real = getattr(self.client, operation)

        def counted(**request: Any) -> Any:  # noqa: ANN401 - any of boto3's requests
            answer = real(ReturnConsumedCapacity="TOTAL", **request)
            capacity = answer["ConsumedCapacity"]
            units = sum(each["CapacityUnits"] for each in (capacity if isinstance(capacity, list) else [capacity]))
            units = max(units, LEAST_UNITS)
            self.requests += 1
            if operation in {"query", "get_item", "batch_get_item"}:
                self.units += units
            else:
                self.written += units
            return answer

        return counted

    def table(self, name: str) -> Table:
        """Return a table whose requests are counted."""
        return Table(cast("DynamoDBClient", self), name)


class Loader:
    """Writes many items to DynamoDB Local, which asks for no true signature, without boto3's work on each."""

    HEADERS: Final = MappingProxyType(
        {
            "X-Amz-Target": "DynamoDB_20120810.BatchWriteItem",
            "X-Amz-Date": "20260101T000000Z",
            "Content-Type": "application/x-amz-json-1.0",
            "Authorization": "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, "
            "SignedHeaders=host, Signature=0",
        }
    )

    def __init__(self, endpoint: str, name: str) -> None:
        self._connection = HTTPConnection(urlsplit(endpoint).netloc)
        self._name = name

    def put_all(self, items: Sequence[Item]) -> None:
        """Write *items*, all different."""
        puts = [{"PutRequest": {"Item": encode_item(item)}} for item in items]
        for start in range(0, len(puts), BATCH_ITEMS):
            body = orjson.dumps({"RequestItems": {self._name: puts[start : start + BATCH_ITEMS]}})
            self._connection.request("POST", "/", body, self.HEADERS)
            answer = orjson.loads(self._connection.getresponse().read())
            if answer.get("UnprocessedItems") != {}:
                raise RuntimeError(answer)


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
    client = aws_session().client("dynamodb", endpoint_url=endpoint, config=CONFIG)
    name = f"bench-{size}"
    definition = table_definition(name)
    del definition["StreamSpecification"]  # nobody listens, and DynamoDB Local would keep it all in memory
    with closing(client):
        client.create_table(**definition)
        begun = time.monotonic()
        archive = load(Loader(endpoint, name), size)
        print(f"{size:,} voicemails, {archive.items:,} items stored in {time.monotonic() - begun:.0f} s", flush=True)
        figures = [_asked(client, name, asked, archive) for asked in queries()]
        writing = _written(client, name, size)
        client.delete_table(TableName=name)
    return figures, writing


@dataclass
class Archive:
    """What is kept in memory of an archive: what a scan needs.

    Attributes:
        expected: of each query, the newest calls that it means, newest first.
        items: how many were stored.
    """

    expected: dict[str, list[str]]
    items: int = 0

    def shown_of(self, documents: dict[str, Document]) -> dict[str, Document]:
        """Return those of *documents* that some query will find."""
        shown = {sid for calls in self.expected.values() for sid in calls}
        return {sid: document for sid, document in documents.items() if sid in shown}


def load(loader: Loader, size: int) -> Archive:
    """Store what the queries look at, and find out by a scan what each must find."""
    asked = queries()
    archive = Archive({each.text: [] for each in asked})
    stems = _stems_looked_at(asked)
    spellings: dict[str, int] = {}
    waiting: list[Item] = []
    latest: dict[str, Document] = {}
    for entry in voicemails(size):
        document = document_of(entry)
        for posting in document.postings.values():
            for spelling in posting.spellings:
                spellings[spelling] = spellings.get(spelling, 0) + 1
            if posting.stem in stems:
                waiting.append(posting_item(MAILBOX, posting))
        for each in asked:
            if _means(each.text, entry):
                archive.expected[each.text].append(entry.call_sid)
                del archive.expected[each.text][: -(PAGE + 1)]
                latest[entry.call_sid] = document
        if len(waiting) >= AT_ONCE:
            archive.items += _flush(loader, waiting)
            latest = archive.shown_of(latest)
    waiting += [_entry(document) for document in archive.shown_of(latest).values()]
    for calls in archive.expected.values():
        calls.reverse()
    waiting += [spelling_item(MAILBOX, each, count.bit_length() - 1) for each, count in spellings.items()]
    archive.items += _flush(loader, waiting)
    return archive


def _entry(document: Document) -> Item:
    listed = listed_of(document.postings.values())
    return entry_item(document.entry, listed, state="indexed", digest=document.entry.digest)


def _flush(loader: Loader, waiting: list[Item]) -> int:
    loader.put_all(waiting)
    count = len(waiting)
    waiting.clear()
    return count


def _stems_looked_at(asked: Sequence[Asked]) -> set[str]:
    parsed = [parse(each.text, TERMS) for each in asked]
    stems = {
        stem
        for query in parsed
        for clause in (*query.wanted, *query.unwanted)
        for phrase in clause.phrases
        for slot in phrase.slots
        for stem in slot.stems
    }
    prefixes = tuple(prefix for query in parsed for prefix in query.prefixes)
    return stems | {TERMS.stem(word) for word in statistics().words if word.startswith(prefixes)}


def _means(text: str, entry: IndexEntry) -> bool:
    """Tell whether a query means a call, by looking at its words."""
    words = list(entry.spoken[0].words)
    if text.startswith("caller:"):
        return text.strip() == f"caller:{entry.caller}"
    if text.startswith('"'):
        return f" {text.strip().strip(chr(34))} " in f" {' '.join(words)} "
    if not text.endswith(" "):
        return any(_plain(word).startswith(text) or TERMS.stem(_plain(word)) == text for word in words)
    stems = {TERMS.stem(_plain(word)) for word in words}
    return all((TERMS.stem(each.removeprefix("-")) in stems) != each.startswith("-") for each in text.split())


def _plain(word: str) -> str:
    return word.replace("'", "")


def _asked(client: "DynamoDBClient", name: str, asked: Asked, archive: Archive) -> Figures:
    took_ms: list[float] = []
    counting = Counting(client)
    answer = Answer([], is_whole=True)
    for round_number in range(ROUNDS):
        counting = Counting(client)
        begun = time.perf_counter()
        answer = _answer(DynamoSearch(counting.table(name)), asked.text)
        took_ms.append((time.perf_counter() - begun) * 1_000)
        expected = archive.expected[asked.text][:PAGE]
        if round_number == 0 and answer.is_whole and list(answer.found) != expected:
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
    """The calls that were found, and whether they are all that a scan finds."""

    found: Sequence[str]
    is_whole: bool


def _answer(index: DynamoSearch, text: str) -> Answer:
    matches = Search(parse(text, TERMS), TERMS, MAILBOX, index, Range(newest=NEWEST)).newest(PAGE)
    entries = index.entries([call_at(match.place)[1] for match in matches.matches])
    found = [hit.call_sid for hit in hits_of(matches.matches, entries)]
    # A beginning is taken for the commonest words only; entries of calls that a scan doesn't show weren't stored.
    return Answer(found, is_whole=len(matches.completions) < MOST_COMPLETIONS)


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


def markdown(results: dict[str, Any]) -> str:
    """Return the tables of the document."""
    sizes = list(results["archives"])
    blocks = []
    for what, unit, shown in (
        ("read_units", "Read units for one answer of up to 20 calls with their snippets", "{:.1f}"),
        ("p50_ms", "Milliseconds, half of the answers", "{:.0f}"),
        ("p95_ms", "Milliseconds, 95 of 100 answers", "{:.0f}"),
        ("requests", "Requests", "{:.0f}"),
    ):
        heads = ["query", "typed", *(f"{int(size):,} voicemails" for size in sizes), "growth"]
        rows = []
        for asked in queries():
            figures = [_of(results["archives"][size]["queries"], asked.name) for size in sizes]
            values = [each[what] for each in figures]
            cells = [
                f"{shown.format(value)} ({each['hits']})" if what == "read_units" else shown.format(value)
                for value, each in zip(values, figures, strict=True)
            ]
            rows.append([asked.name, f"`{asked.text.strip()}`", *cells, f"{values[-1] / values[0]:.1f}"])
        note = ", and in brackets how many calls it holds" if what == "read_units" else ""
        blocks.append(f"{unit}{note}:\n\n{_table(heads, rows)}")
    writing = results["archives"][sizes[-1]]["writing"]
    blocks.append(
        f"To index a message of {writing['stems']:.0f} stems takes {writing['later_units']:.0f} write units and "
        f"{writing['later_read_units']:.0f} read units; the first of a mailbox, whose words are all new, "
        f"{writing['first_units']:.0f} write units."
    )
    return "\n\n".join(blocks)


def _of(figures: Sequence[dict[str, Any]], name: str) -> dict[str, Any]:
    return next(each for each in figures if each["name"] == name)


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in (heads, ["---"] * len(heads), *rows))


def written(document: str, results: dict[str, Any]) -> str:
    """Return *document* with the tables between its two marks. Raises: ValueError if they are not there."""
    before, begin, rest = document.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"there are no two marks in {DOCUMENT.name}")
    return f"{before}{BEGIN}\n\n{markdown(results)}\n\n{END}{after}"


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
