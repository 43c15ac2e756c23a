"""The pages that say which test shows a promise kept name tests that there are."""

import ast
import re
from collections.abc import Iterator

import pytest

from infra.app import ROOT

PAGES = ("security.md", "privacy.md", "reliability.md")


def _tests() -> Iterator[str]:
    for path in (ROOT / "tests").rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                yield node.name


@pytest.mark.parametrize("page", PAGES)
def test_every_test_and_file_that_a_page_names_is_there(page: str) -> None:
    named = re.findall(r"`([\w/.-]+)`", (ROOT / "docs" / page).read_text(encoding="utf-8"))
    there = set(_tests())
    assert [each for each in named if each.startswith("test_") and each not in there] == []
    assert [each for each in named if each.startswith("tests/") and not (ROOT / each).exists()] == []


def test_for_all_that_an_attacker_may_try_a_test_is_named() -> None:
    text = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    table = text.partition("| what is tried |")[2].partition("\n\n")[0]
    rows = [line for line in table.splitlines()[2:] if line.startswith("|")]
    assert len(rows) > 40
    assert [row for row in rows if not re.search(r"`tests?[_/][\w/.]+`", row.rpartition(" | ")[2])] == []
