"""The figures of `bench.search` as tables, in docs/performance.md."""

from collections.abc import Sequence
from typing import Any, Final

BEGIN: Final = "<!-- written by `python -m bench.search --write` -->"
END: Final = "<!-- end of what is written -->"


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
        for asked in results["archives"][sizes[0]]["queries"]:
            figures = [_of(results["archives"][size]["queries"], asked["name"]) for size in sizes]
            values = [each[what] for each in figures]
            cells = [
                f"{shown.format(value)} ({each['hits']})" if what == "read_units" else shown.format(value)
                for value, each in zip(values, figures, strict=True)
            ]
            rows.append([asked["name"], f"`{asked['text']}`", *cells, f"{values[-1] / values[0]:.1f}"])
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
        raise ValueError("there are no two marks in the document")
    return f"{before}{BEGIN}\n\n{markdown(results)}\n\n{END}{after}"
