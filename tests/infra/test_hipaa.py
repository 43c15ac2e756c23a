"""The HIPAA report: current, and with an answer to everything that it finds."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from tools import hipaa


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Sequence[str]]:
    return hipaa.findings(tmp_path_factory.mktemp("hipaa"))


def test_the_report_is_what_the_template_says(found: Mapping[str, Sequence[str]]) -> None:
    text = hipaa.DOCUMENT.read_text(encoding="utf-8")
    assert hipaa.written(text, found) == text, "run `python -m tools.hipaa --write`"


def test_every_finding_has_its_answer_and_every_answer_its_finding(found: Mapping[str, Sequence[str]]) -> None:
    assert set(hipaa.ANSWERS) == set(found)


def test_a_document_without_the_marks_is_left_alone() -> None:
    with pytest.raises(ValueError, match="marks"):
        hipaa.written("# The rule pack", {})


def test_asked_to_it_writes_the_table_between_the_marks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    document = tmp_path / "hipaa.md"
    document.write_text(f"before\n{hipaa.BEGIN}\nold\n{hipaa.END}\nafter\n", encoding="utf-8")
    monkeypatch.setattr(hipaa, "DOCUMENT", document)
    monkeypatch.setattr("sys.argv", ["hipaa", "--write"])
    assert hipaa.main() == 0
    assert "| rule |" in document.read_text(encoding="utf-8")
    assert "| rule |" in capsys.readouterr().out
