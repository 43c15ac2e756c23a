"""Shows what came of the fault matrix: `python -m tools.fault_table [--write]`.

Reads `.local/faults.jsonl`, which the tests wrote, and prints a table; with `--write` it also stands in
`docs/reliability.md`, between the two marks, afterwards.
"""

import json
import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parent.parent
LINES: Final = ROOT / ".local" / "faults.jsonl"
DOCUMENT: Final = ROOT / "docs" / "reliability.md"
BEGIN: Final = "<!-- fault table: written by `make faults` -->"
END: Final = "<!-- end of the fault table -->"
HEADS: Final = ("fault", "words wrong", "coverage", "rung", "messages", "ms to SMS")

Line = dict[str, Any]


def read(text: str) -> list[Line]:
    """Return the lines in their order: of one fault the last one that was written."""
    latest = {(line["part"], line["fault"]): line for line in map(json.loads, text.splitlines())}
    return sorted(latest.values(), key=lambda line: (line["part"], line["place"]))


def cells(line: Line) -> tuple[str, ...]:
    """Return a line's cells, one for each of HEADS."""
    wrong = f"{line['wrong']} of {line['words']}" if line["words"] else "no words, and says so"
    told = "" if line["told_ms"] is None else str(line["told_ms"])
    return (line["fault"], wrong, line["coverage"], line["rung"], line["messages"], told)


def markdown(lines: list[Line]) -> str:
    """Return the tables, one for each part."""
    return "\n\n".join("\n".join(_table(part, list(its))) for part, its in groupby(lines, lambda each: each["part"]))


def _table(part: str, lines: list[Line]) -> Iterator[str]:
    rows = [HEADS, *map(cells, lines)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADS))]
    yield f"### {part}\n"
    for number, row in enumerate(rows):
        yield "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        if number == 0:
            yield "| " + " | ".join("-" * width for width in widths) + " |"


def placed(document: str, table: str) -> str:
    """Return *document* with *table* between the marks. Raises: ValueError when a mark is missing."""
    before, begin, rest = document.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{DOCUMENT.name} has lost its marks")
    return f"{before}{BEGIN}\n\n{table}\n\n{END}{after}"


def main() -> int:
    """Show the table, and write it if asked to."""
    if not LINES.exists():
        print("there is nothing to show: `make faults` runs the matrix", file=sys.stderr)
        return 1
    table = markdown(read(LINES.read_text()))
    print(table)
    if "--write" in sys.argv[1:]:
        DOCUMENT.write_text(placed(DOCUMENT.read_text(), table))
    return 0


if __name__ == "__main__":
    sys.exit(main())
