"""What a session makes of sound that Twilio numbered and never brought, and of a track that pauses."""

import pytest

from streamer.ring import Budget
from streamer.rules import Rules
from streamer.sequence import SKEW_MS
from telephony.coverage import Interval, Track
from telephony.wire.deepgram import Metadata
from telephony.wire.media_streams import Ignored, Media, Start, Stop
from tests.unit.streamer.scene import CALL_SID, INBOUND, OUTBOUND, STREAM_SID, Scene, results, sound


class Numbered(Scene):
    """A scene whose messages have Twilio's numbers."""

    def __init__(self, rules: Rules | None = None) -> None:
        super().__init__(rules)
        self.sequence = 0

    def next(self) -> int:
        self.sequence += 1
        return self.sequence

    def begin(self, *tracks: Track) -> None:
        self.receive(Start(STREAM_SID, CALL_SID, tracks, {"ticket": "T1"}, sequence=self.next()))
        self.admit(*tracks)

    def bring(self, start_ms: int, length_ms: int, *tracks: Track) -> None:
        for at_ms in range(start_ms, start_ms + length_ms, 20):
            for track in tracks or (INBOUND,):
                self.receive(Media(track, self.next(), at_ms, sound(at_ms, 20)))

    def end(self, heard_ms: int, *tracks: Track) -> None:
        for track in tracks or (INBOUND,):
            self.open(track)
        self.wait(heard_ms / 1_000)
        self.receive(Stop(self.next()))
        for track in tracks or (INBOUND,):
            self.hear(results(0, heard_ms, "words"), track)
            self.hear(Metadata(heard_ms), track)
            self.close(track=track)


def test_a_stream_that_begins_late_on_twilios_clock_has_lost_nothing() -> None:
    scene = Numbered()
    scene.begin(INBOUND)
    scene.bring(300, 700)
    scene.end(1_000)
    assert scene.saved.coverage[0].is_complete
    assert scene.saved.ledger[0].missing_ms == 0


def test_sound_lost_at_the_head_is_declared_and_counted() -> None:
    scene = Numbered()
    scene.begin(INBOUND)
    scene.sequence += 10
    scene.bring(200, 800)
    scene.end(1_000)
    assert scene.saved.coverage[0].missing == (Interval(0, 200),)
    assert not scene.saved.coverage[0].is_complete
    assert scene.saved.ledger[0].missing_ms == 200


def test_sound_lost_at_the_tail_is_declared_and_counted() -> None:
    scene = Numbered()
    scene.begin(INBOUND)
    scene.bring(0, 1_000)
    scene.sequence += 10
    scene.end(1_000)
    coverage = scene.saved.coverage[0]
    assert (coverage.missing, coverage.holes, coverage.received_ms) == ((Interval(1_000, 1_200),),) * 2 + (1_200,)
    assert not coverage.is_complete
    assert (scene.saved.ledger[0].missing_ms, scene.saved.trouble) == (200, "")


def test_two_tracks_share_what_was_lost() -> None:
    scene = Numbered()
    scene.begin(INBOUND, OUTBOUND)
    scene.sequence += 10
    scene.bring(200, 800, INBOUND, OUTBOUND)
    scene.sequence += 20
    scene.end(1_000, INBOUND, OUTBOUND)
    for coverage in scene.saved.coverage:
        assert coverage.missing == (Interval(0, 200), Interval(1_000, 1_200))


def test_a_track_without_sound_shares_nothing() -> None:
    scene = Numbered()
    scene.begin(INBOUND, OUTBOUND)
    scene.bring(0, 1_000)
    scene.sequence += 10
    scene.end(1_000)
    assert [each.received_ms for each in scene.saved.coverage] == [1_200, 0]


def test_a_stream_all_of_whose_sound_was_lost_says_so() -> None:
    scene = Numbered()
    scene.begin(INBOUND)
    scene.sequence += 50
    assert scene.receive(Stop(scene.next()))[-1] == "end"
    assert scene.saved.coverage[0].missing == (Interval(0, 1_000),)


def test_what_was_lost_while_others_were_pausing_may_be_all_of_one_track() -> None:
    scene = Numbered()
    scene.begin(INBOUND, OUTBOUND)
    scene.sequence += 10
    scene.bring(200, 400)
    scene.bring(600, 200, INBOUND, OUTBOUND)
    scene.bring(800, 200)
    scene.sequence += 10
    scene.end(1_000, INBOUND, OUTBOUND)
    inbound, outbound = scene.saved.coverage
    assert inbound.missing == (Interval(0, 200), Interval(1_000, 1_200))
    assert outbound.missing == (Interval(0, 200 + SKEW_MS), Interval(980, 1_180))


def test_a_track_that_pauses_again_and_again_in_a_stream_that_loses_nothing_is_complete() -> None:
    scene = Numbered()
    scene.begin(INBOUND, OUTBOUND)
    for start_ms in range(0, 1_000, 500):
        scene.bring(start_ms, 200, INBOUND, OUTBOUND)
        scene.bring(start_ms + 200, 300)
    scene.end(1_000, INBOUND, OUTBOUND)
    inbound, outbound = scene.saved.coverage
    assert (inbound.is_complete, outbound.is_complete) == (True, True)
    assert (inbound.received_ms, outbound.received_ms) == (1_000, 700)
    assert [each.missing_ms for each in scene.saved.ledger] == [0, 0]
    assert scene.sent(OUTBOUND)[8 * 200 : 8 * 500] == b"\xff" * (8 * 300)


def test_what_was_lost_while_a_track_paused_is_missing_of_it_where_the_other_track_tells() -> None:
    scene = Numbered()
    scene.begin(INBOUND, OUTBOUND)
    scene.bring(0, 200, INBOUND, OUTBOUND)
    scene.bring(200, 1_800)
    scene.sequence += 5
    scene.bring(2_000, 1_000)
    scene.bring(3_000, 1_000, INBOUND, OUTBOUND)
    scene.end(4_000, INBOUND, OUTBOUND)
    inbound, outbound = scene.saved.coverage
    assert inbound.missing == ()
    assert outbound.missing == (Interval(1_980 - SKEW_MS, 2_000 + SKEW_MS),)


def test_what_was_lost_after_a_tracks_last_words_is_missing_of_it_and_the_pause_before_is_no_hole() -> None:
    scene = Numbered()
    scene.begin(INBOUND, OUTBOUND)
    scene.bring(0, 1_000, INBOUND, OUTBOUND)
    scene.bring(1_000, 1_000)
    scene.sequence += 5
    scene.bring(2_000, 1_000)
    scene.open(OUTBOUND)
    scene.hear(results(0, 1_000, "words"), OUTBOUND)
    scene.end(3_000)
    scene.close(track=OUTBOUND)
    inbound, outbound = scene.saved.coverage
    assert inbound.missing == ()
    lost = Interval(1_980 - SKEW_MS, 2_000 + SKEW_MS)
    assert (outbound.missing, outbound.holes, outbound.received_ms) == ((lost,), (lost,), lost.end_ms)
    assert scene.saved.ledger[1].missing_ms == lost.length_ms


@pytest.mark.parametrize(("lost", "missing"), [(0, ()), (5, (Interval(19_780, 20_200),))])
def test_a_pause_too_long_to_be_laid_is_missing_where_a_number_is(lost: int, missing: tuple[Interval, ...]) -> None:
    scene = Numbered(Rules(quiet_s=10_000))
    scene.begin(INBOUND, OUTBOUND)
    scene.bring(0, 200, INBOUND, OUTBOUND)
    scene.bring(200, 19_800)
    scene.sequence += lost
    scene.bring(20_000, 40_000)
    scene.bring(60_000, 200, INBOUND, OUTBOUND)
    link = scene.session._links[OUTBOUND]  # noqa: SLF001 - as below
    assert link.received_ms == 60_200
    assert link.coverage.missing == missing


def test_a_gap_in_the_middle_is_counted_once() -> None:
    scene = Numbered()
    scene.begin(INBOUND)
    scene.bring(0, 400)
    scene.sequence += 10
    scene.receive(Ignored("dtmf", scene.next()))
    scene.bring(600, 400)
    scene.receive(Ignored("mark", scene.next()))
    scene.end(1_000)
    assert scene.saved.coverage[0].missing == (Interval(400, 600),)
    assert scene.saved.ledger[0].missing_ms == 200


@pytest.mark.parametrize("pause_ms", [31_000, 3_600_000])
def test_a_track_that_pauses_while_the_call_goes_on_is_heard_again_and_ends_nothing(pause_ms: int) -> None:
    scene = Scene(Rules(quiet_s=10_000))
    scene.live(INBOUND, OUTBOUND)
    scene.hear(results(0, 20), OUTBOUND)
    scene.speak(20, 100, OUTBOUND)
    scene.wait(0.2)
    scene.hear(results(20, 120, "one"), OUTBOUND)
    scene.now += pause_ms / 1_000
    assert scene.speak(pause_ms, 200, OUTBOUND) == [
        "drop outbound",
        "count RecogniserReconnected 1",
        "open outbound 2 en-US Acme",
    ]
    scene.open(OUTBOUND)
    scene.wait(2)
    assert scene.sent(OUTBOUND).endswith(b"\xff" * 8_000 + sound(pause_ms, 200))
    scene.hear(results(0, 1_200, "two"), OUTBOUND)
    assert [(said.text, said.start_ms) for said in scene.said] == [("one", 20), ("two", pause_ms - 1_000)]
    link = scene.session._links[OUTBOUND]  # noqa: SLF001 - how much is held is no part of what a session says
    assert link.coverage.missing == (Interval(120, pause_ms),)
    assert link.coverage.holes == ()
    assert link.held_bytes <= 8 * 2_000


def test_a_pause_that_began_before_the_last_words_were_final_leaves_them_time() -> None:
    scene = Scene(Rules(quiet_s=10_000))
    scene.live(INBOUND, OUTBOUND)
    scene.speak(20, 980, OUTBOUND)
    scene.now += 31
    assert "drop outbound" not in scene.speak(31_000, 200, OUTBOUND)
    scene.hear(results(0, 1_000, "one"), OUTBOUND)
    assert scene.said[-1].text == "one"


def test_after_a_pause_too_long_to_be_kept_what_was_not_final_is_a_hole() -> None:
    scene = Scene(Rules(quiet_s=10_000))
    scene.live(INBOUND, OUTBOUND)
    scene.speak(20, 980, OUTBOUND)
    scene.now += 100
    assert "drop outbound" in scene.speak(100_000, 200, OUTBOUND)
    link = scene.session._links[OUTBOUND]  # noqa: SLF001 - as above
    assert link.coverage.holes[0] == Interval(0, 1_000)


def test_a_pause_while_no_recogniser_is_there_is_passed_over_as_well() -> None:
    scene = Scene(Rules(quiet_s=10_000))
    scene.live(INBOUND, OUTBOUND)
    scene.close("refused with 402", OUTBOUND, is_permanent=True)
    scene.now += 100
    assert scene.speak(100_000, 200, OUTBOUND) == []
    scene.start(OUTBOUND)
    other = Scene(Rules(quiet_s=10_000))
    other.start(INBOUND, OUTBOUND)
    other.admit(INBOUND, OUTBOUND)
    other.now += 100
    assert other.speak(100_000, 200, OUTBOUND)[-1] == "open outbound 1 en-US Acme"
    assert other.session._links[OUTBOUND].coverage.missing == ()  # noqa: SLF001 - as above


def test_a_track_may_be_as_far_ahead_of_time_as_the_other_track_is() -> None:
    scene = Scene(Rules(quiet_s=10_000))
    scene.live(INBOUND, OUTBOUND)
    for at_ms in range(20_000, 60_001, 20_000):
        scene.speak(at_ms, 100)
    assert not any(each.startswith("close") for each in scene.speak(60_000, 100, OUTBOUND))
    assert scene.speak(120_000, 20, OUTBOUND)[1].startswith("close 1008 a chunk jumps")


def test_at_full_load_an_outage_leaves_declared_holes_and_nothing_held_in_the_end() -> None:
    budget = Budget(8 * 30_000)
    scenes = [Scene(Rules(stall_s=1_000), budget=budget) for _ in range(3)]
    for scene in scenes:
        scene.start(INBOUND)
        scene.admit()
    for at_ms in range(0, 20_000, 1_000):
        for scene in scenes:
            scene.talk(at_ms, 1_000)
    assert budget.held_bytes <= 8 * 30_000
    for scene in scenes:
        scene.open()
        offset_ms = 20_000 - scene.session._links[INBOUND].held_bytes // 8  # noqa: SLF001 - as above
        scene.wait(20)
        scene.hear(results(0, 20_000 - offset_ms, "words"))
        scene.stop()
        assert scene.close()[-1] == "end"
    holes = [scene.saved.coverage[0].holes for scene in scenes]
    assert any(holes)
    assert all(hole.start_ms == 0 for found in holes for hole in found)
    assert budget.held_bytes == 0


def test_a_session_that_is_cut_or_abandoned_holds_nothing() -> None:
    budget = Budget()
    scene = Scene(budget=budget)
    scene.live()
    scene.talk(20, 1_000)
    assert budget.held_bytes
    scene.session.forget()
    scene.speak(1_020, 100)
    assert budget.held_bytes == 0
