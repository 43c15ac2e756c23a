"""Transcripts through the API, in every form."""

from dataclasses import replace
from typing import Any

import pytest

from functions.api.formats import Format, acceptable
from telephony.coverage import Interval, Track
from telephony.errors import TelephonyError
from telephony.ledger import Ledger
from telephony.repairs import OffsetSource, RepairState, next_attempt
from telephony.transcripts import Rung
from tests import examples
from tests.fakes.table import MemoryTable
from tests.unit.api.asking import Gateway, Issuer

TRANSCRIPT = f"/api/calls/{examples.CALL_SID}/transcript"


@pytest.fixture(autouse=True)
def _call(table: MemoryTable) -> None:
    covered = replace(examples.coverage(holes=(Interval(4_000, 5_000),)), missing=(Interval(2_000, 2_100),))
    table.directory.put(examples.MAILBOX, ())
    table.calls.begin(examples.CALL, None)
    table.transcripts.save([examples.ended_stream(covered)], [examples.utterance("Hello, it's <me>.", 1_000)])


def test_json_has_each_word_with_its_time_and_each_hole(api: Gateway, issuer: Issuer) -> None:
    answer = api.get(TRANSCRIPT, issuer.token())

    assert answer.headers["content-type"] == "application/json"
    shown = answer.json()
    assert shown["call_sid"] == examples.CALL_SID
    assert not shown["is_complete"]
    assert shown["coverage"][0]["holes"] == [{"start_ms": 4_000, "end_ms": 5_000}]
    assert shown["coverage"][0]["missing"] == [{"start_ms": 2_000, "end_ms": 2_100}]
    [said] = shown["utterances"]
    assert (said["track"], said["rung"], said["text"]) == ("inbound", "live", "Hello, it's <me>.")
    assert said["words"][1] == {"text": "it's", "start_ms": 1_400, "end_ms": 1_750, "confidence": 0.98}


def test_json_says_how_well_each_tracks_sound_reached_us(table: MemoryTable, api: Gateway, issuer: Issuer) -> None:
    ledger = Ledger(examples.coverage().track, 600, 2, 4, 12_000, 120, -23.5, 0.001, 0.25)
    table.transcripts.save([replace(examples.ended_stream(), ledger=(ledger,))], [])

    shown = api.get(TRANSCRIPT, issuer.token()).json()

    assert shown["ledger"] == [
        {
            "track": "inbound",
            "quality": 93,
            "chunks": 600,
            "repeated": 2,
            "reordered": 4,
            "missing_ms": 120,
            "level_dbfs": -23.5,
            "clipped_share": 0.001,
            "silent_share": 0.25,
        }
    ]


def test_json_says_what_a_repair_put_in_and_where_its_recording_begins(
    table: MemoryTable, api: Gateway, issuer: Issuer
) -> None:
    attempt = next_attempt(examples.CALL_SID, examples.RECORDING_SID, None, examples.NOON)
    window = Interval(4_000, 5_000)
    done = replace(
        attempt,
        state=RepairState.DONE,
        retry_at=None,
        stream_sid=examples.STREAM_SID,
        offset_ms=2_500,
        offset_found_by=OffsetSource.WORDS,
        windows=(window,),
    )
    said = replace(examples.utterance("Bye.", 4_200), rung=Rung.BACKFILLED, repaired_by=done.mark)
    table.repairs.begin(attempt)
    table.repairs.finish(done, [said])

    shown = api.get(TRANSCRIPT, issuer.token()).json()

    assert [(each["rung"], each["text"]) for each in shown["utterances"]] == [
        ("live", "Hello, it's <me>."),
        ("backfilled", "Bye."),
    ]
    assert shown["rung"] == "backfilled"
    assert shown["coverage"][0]["holes"] == []
    assert shown["repairs"] == [
        {
            "recording_sid": examples.RECORDING_SID,
            "state": "done",
            "attempts": 1,
            "offset_ms": 2_500,
            "offset_found_by": "words",
            "windows": [{"start_ms": 4_000, "end_ms": 5_000}],
            "trouble": "",
        }
    ]


@pytest.mark.parametrize(
    ("form", "media_type", "body"),
    [
        ("text", "text/plain; charset=utf-8", "[00:00:01.000] Caller: Hello, it's <me>.\n"),
        (
            "srt",
            "application/x-subrip; charset=utf-8",
            "1\n00:00:01,000 --> 00:00:02,150\nCaller: Hello, it's <me>.\n",
        ),
        (
            "vtt",
            "text/vtt; charset=utf-8",
            "WEBVTT\n\n00:00:01.000 --> 00:00:02.150\n<v Caller>Hello, it's &lt;me&gt;.\n",
        ),
    ],
)
def test_the_format_parameter_chooses_the_form(
    api: Gateway, issuer: Issuer, form: str, media_type: str, body: str
) -> None:
    answer = api.get(TRANSCRIPT, issuer.token(), accept="application/json", format=form)

    assert (answer.status, answer.headers["content-type"], answer.body) == (200, media_type, body)


def test_the_accept_header_chooses_the_form(api: Gateway, issuer: Issuer) -> None:
    answer = api.get(TRANSCRIPT, issuer.token(), accept="text/html, text/vtt;q=0.9, */*;q=0.1")

    assert answer.headers["content-type"] == "text/vtt; charset=utf-8"
    assert answer.headers["vary"] == "Accept"


def test_what_cannot_be_given_is_not_acceptable(api: Gateway, issuer: Issuer) -> None:
    answer = api.get(TRANSCRIPT, issuer.token(), accept="audio/wav")

    assert answer.status == 406
    assert "text/vtt" in answer.json()["detail"]


def test_an_unknown_format_is_named(api: Gateway, issuer: Issuer) -> None:
    answer = api.get(TRANSCRIPT, issuer.token(), format="docx")

    assert answer.status == 422
    assert answer.json()["errors"][0]["where"] == "query.format"


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("", Format.JSON),
        ("*/*", Format.JSON),
        (" , ", Format.JSON),
        ("text/*", Format.TEXT),
        ("text/plain;q=0.2, text/*", Format.VTT),
        ("application/json;q=0.5, application/x-subrip", Format.SRT),
        ("TEXT/VTT; Q=1", Format.VTT),
        ("application/json;q=high", Format.JSON),
        ("application/json;q=nan, text/plain;q=0.1", Format.JSON),
        ("text/plain;q=0, */*;q=0.1", Format.JSON),
    ],
)
def test_the_most_specific_wish_counts(accept: str, form: Format) -> None:
    assert acceptable(accept) is form


def test_a_wish_for_nothing_we_have_raises() -> None:
    with pytest.raises(TelephonyError):
        acceptable("application/json;q=0")


@pytest.mark.parametrize("form", list(Format))
def test_what_is_at_hand_is_not_sent_again_until_it_changes(
    api: Gateway, issuer: Issuer, table: MemoryTable, form: Format
) -> None:
    first = api.get(TRANSCRIPT, issuer.token(), format=form)
    tag = first.headers["etag"]

    for at_hand in (tag, f'"x", W/{tag}', "*"):
        again = api.get(TRANSCRIPT, issuer.token(), headers={"if-none-match": at_hand}, format=form)
        assert (again.status, again.body, again.headers["etag"]) == (304, "", tag)

    table.transcripts.save([], [examples.utterance("Bye.", 9_000)])
    changed = api.get(TRANSCRIPT, issuer.token(), headers={"if-none-match": tag}, format=form)
    assert changed.status == 200
    assert changed.headers["etag"] != tag


def test_each_form_has_a_tag_of_its_own(api: Gateway, issuer: Issuer) -> None:
    assert len({api.get(TRANSCRIPT, issuer.token(), format=form).headers["etag"] for form in Format}) == len(Format)


@pytest.mark.parametrize(
    ("query", "body"),
    [
        ({}, "[00:00:01.000] Caller: Hello, it's <me>.\n[00:00:03.000] Agent: Good day.\n"),
        ({"track": "inbound"}, "[00:00:01.000] Caller: Hello, it's <me>.\n"),
        ({"track": "outbound"}, "[00:00:03.000] Agent: Good day.\n"),
    ],
)
def test_tracks_are_given_together_or_alone(
    api: Gateway, issuer: Issuer, table: MemoryTable, query: dict[str, Any], body: str
) -> None:
    table.transcripts.save([], [examples.utterance("Good day.", 3_000, track=Track.OUTBOUND)])

    assert api.get(TRANSCRIPT, issuer.token(), format="text", **query).body == body
    for form in ("srt", "vtt"):
        said = api.get(TRANSCRIPT, issuer.token(), format=form, **query).body
        assert ("Good day." in said) == ("Agent" in body)


def test_json_of_one_track_has_that_tracks_coverage(api: Gateway, issuer: Issuer) -> None:
    shown = api.get(TRANSCRIPT, issuer.token(), track="outbound").json()

    assert (shown["utterances"], shown["coverage"], shown["is_ended"]) == ([], [], True)
    assert api.get(TRANSCRIPT, issuer.token(), track="inbound").json()["coverage"] != []
    assert api.get(TRANSCRIPT, issuer.token(), track="both").status == 422
