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


def test_the_page_on_security_names_tests_at_all() -> None:
    text = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    assert len(re.findall(r"`test_\w+`", text)) > 20
