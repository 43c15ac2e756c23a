"""The table of `make faults`."""

import json

import pytest

from tools.fault_table import BEGIN, END, markdown, placed, read

LINE = {
    "part": "A voicemail",
    "place": 1,
    "fault": "503 once",
    "wrong": 3,
    "words": 250,
    "coverage": "complete",
    "rung": "live",
    "messages": "1 SMS, 1 e-mail",
    "told_ms": 700,
}


def test_of_one_fault_the_last_line_stands_and_all_have_their_order() -> None:
    lines = [LINE, LINE | {"place": 0, "fault": "no fault"}, LINE | {"wrong": 0, "told_ms": None}]
    table = markdown(read("\n".join(map(json.dumps, lines)))).splitlines()
    assert table[0] == "### A voicemail"
    assert [[cell.strip() for cell in line.split("|")[1:3]] for line in table[2:]] == [
        ["fault", "words wrong"],
        ["--------", "-----------"],
        ["no fault", "3 of 250"],
        ["503 once", "0 of 250"],
    ]


def test_the_table_takes_the_place_of_the_one_before() -> None:
    once = placed(f"before\n{BEGIN}\n{END}\nafter\n", "| a |")
    assert once == f"before\n{BEGIN}\n\n| a |\n\n{END}\nafter\n"
    assert placed(once, "| a |") == once
    with pytest.raises(ValueError, match="marks"):
        placed(f"{BEGIN} and no end", "| a |")
