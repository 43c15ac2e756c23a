"""One call's live session, in virtual time."""

from datetime import timedelta

from telephony.coverage import Interval
from telephony.streams import StreamEnd, StreamState
from telephony.transcripts import Rung
from telephony.wire.deepgram import HeardWord, Metadata, Results
from telephony.wire.media_streams import Connected
from tests.unit.streamer.scene import INBOUND, OUTBOUND, STREAM_SID, WALL, ZERO, Scene, results, sound


def test_a_call_from_its_first_message_to_its_last_word() -> None:
    scene = Scene()
    assert scene.receive(Connected()) == []
    assert scene.start(INBOUND) == ["claim T1"]
    assert scene.admit() == ["save open", "count StreamStarted 1"]
    assert scene.speak(0, 20) == ["open inbound 1 en-US Acme"]
    assert scene.open() == []
    assert scene.speak(20, 180) == ["send inbound 100 ms", "send inbound 100 ms"]
    assert scene.hear(results(0, 200, "hel", is_final=False)) == ["interim inbound hel"]
    assert scene.hear(results(0, 200, "Hello there.")) == ["final inbound Hello there.", "save Hello there."]
    assert scene.speak(200, 60) == []
    assert scene.stop() == ["send inbound 60 ms", "finish inbound"]
    assert scene.hear(results(200, 260)) == []
    assert scene.hear(Metadata(260)) == []
    assert scene.close() == ["save ended", "count CoveragePercent 100", "count AudioQuality 85", "end"]
    assert scene.saved.end is StreamEnd.STOPPED
    assert scene.saved.coverage[0].is_complete
    assert scene.saved.ledger[0].chunks == 13
    assert scene.saved.trouble == ""
    assert scene.sent() == sound(0, 260)


def test_no_byte_is_lost_while_the_ticket_is_claimed_and_the_recogniser_opens() -> None:
    scene = Scene()
    scene.start(INBOUND)
    assert scene.speak(0, 340) == []
    scene.admit()
    assert scene.speak(340, 400) == []
    assert scene.open() == ["send inbound 100 ms"] * 7
    assert scene.speak(740, 60) == ["send inbound 100 ms"]
    assert scene.sent() == sound(0, 800)


def test_an_utterance_holds_its_words_in_call_time() -> None:
    scene = Scene()
    scene.live()
    scene.speak(0, 1_000)
    scene.hear(results(0, 800, "Hello there."))
    said = scene.said
    assert [(word.text, word.start_ms, word.end_ms) for word in said[0].words] == [
        ("Hello", 0, 400),
        ("there.", 400, 800),
    ]
    assert (said[0].start_ms, said[0].end_ms, said[0].track) == (0, 800, INBOUND)
    assert (said[0].stream_sid, said[0].number, said[0].rung) == (STREAM_SID, 1, Rung.LIVE)


def test_an_utterance_spans_its_words_and_not_the_recognisers_window() -> None:
    scene = Scene()
    scene.live()
    scene.speak(0, 5_000)
    scene.hear(Results(0, 5_000, (HeardWord("Hello.", 1_200, 1_700, 0.9),), is_final=True))
    assert [(said.start_ms, said.end_ms) for said in scene.said] == [(1_200, 1_700)]


def test_the_stream_is_written_in_wall_time_from_the_arrival_of_start() -> None:
    scene = Scene()
    scene.wait(2)
    scene.live()
    scene.wait(5)
    scene.stop()
    scene.close()
    assert scene.saved.started_at == WALL + timedelta(seconds=2)
    assert scene.saved.ended_at == WALL + timedelta(seconds=7)


def test_after_a_late_opening_sound_is_never_sent_faster_than_allowed_and_all_of_it_is_sent() -> None:
    scene = Scene()
    scene.start(INBOUND)
    scene.admit()
    scene.talk(0, 8_000)
    opened_at = scene.now
    scene.open()
    for at_ms in range(8_000, 60_000, 100):
        scene.talk(at_ms, 100)
        scene.hear(results(at_ms - 8_000, at_ms - 7_900, is_final=False))
        assert len(scene.sent()) // 8 <= 1_000 + 1_250 * (scene.now - opened_at)
    assert scene.sent() == sound(0, 60_000)


def test_sound_that_still_waits_at_the_end_goes_out_at_the_allowed_rate_before_the_last_words_are_asked_for() -> None:
    scene = Scene()
    scene.start(INBOUND)
    scene.admit()
    scene.speak(0, 26_000)
    assert len(scene.open()) == 10
    assert scene.stop() == []
    for at_ms in range(0, 19_000, 1_000):
        assert "finish inbound" not in scene.wait(1)
        scene.hear(results(0, at_ms, is_final=False))
    assert "finish inbound" not in scene.wait(0.9)
    assert scene.wait(0.2)[-1] == "finish inbound"
    assert scene.sent() == sound(0, 26_000)
    assert "end" not in scene.wait(7.5)


def test_a_stop_before_the_claim_is_answered_still_puts_the_words_in_writing() -> None:
    scene = Scene()
    scene.start(INBOUND)
    scene.speak(0, 500)
    assert scene.stop() == []
    assert scene.admit() == ["save open", "count StreamStarted 1", "open inbound 1 en-US Acme"]
    assert scene.open() == ["send inbound 100 ms"] * 5 + ["finish inbound"]
    assert scene.hear(results(0, 500, "Bye.")) == ["final inbound Bye.", "save Bye."]
    assert scene.close()[:2] == ["save ended", "count CoveragePercent 100"]
    assert scene.saved.end is StreamEnd.STOPPED


def test_a_socket_lost_before_the_claim_is_answered_loses_no_word_either() -> None:
    scene = Scene()
    scene.start(INBOUND)
    scene.speak(0, 100)
    assert scene.lose() == []
    scene.admit()
    assert scene.open() == ["send inbound 100 ms", "finish inbound"]
    scene.hear(Metadata(100))
    scene.close()
    assert (scene.saved.end, scene.saved.coverage[0].is_complete) == (StreamEnd.LOST, True)


def test_a_lost_socket_still_brings_the_last_words() -> None:
    scene = Scene()
    scene.live()
    scene.speak(0, 160)
    assert scene.lose() == ["send inbound 60 ms", "finish inbound"]
    assert scene.hear(results(0, 160, "Wait")) == ["final inbound Wait", "save Wait"]
    scene.close()
    assert (scene.saved.end, scene.saved.coverage[0].holes) == (StreamEnd.LOST, ())


def test_both_tracks_have_a_recogniser_each_and_end_together() -> None:
    scene = Scene()
    scene.start(INBOUND, OUTBOUND)
    scene.admit(OUTBOUND, INBOUND)
    assert scene.speak(0, 100, OUTBOUND) == ["open outbound 1 en-US Acme"]
    assert scene.open(OUTBOUND) == ["send outbound 100 ms"]
    assert scene.speak(0, 120, INBOUND) == ["open inbound 1 en-US Acme"]
    assert scene.open(INBOUND) == ["send inbound 100 ms"]
    assert scene.hear(results(0, 100, "Yes?"), OUTBOUND)[0] == "final outbound Yes?"
    assert scene.stop() == ["send inbound 20 ms", "finish inbound", "finish outbound"]
    assert scene.close(track=OUTBOUND) == []
    scene.hear(results(0, 120, "Hi."), INBOUND)
    assert scene.close(track=INBOUND)[-1] == "end"
    assert [(each.track, each.transcribed_ms) for each in scene.saved.coverage] == [(INBOUND, 120), (OUTBOUND, 100)]


def test_one_tracks_failure_leaves_the_other_alone() -> None:
    scene = Scene()
    scene.live(INBOUND, OUTBOUND)
    scene.speak(0, 100, INBOUND)
    scene.close("refused with 402", INBOUND, is_permanent=True)
    assert scene.speak(0, 100, OUTBOUND) == ["send outbound 100 ms"]
    scene.stop()
    scene.hear(results(0, 100, "Yes?"), OUTBOUND)
    assert scene.close(track=OUTBOUND)[-1] == "end"
    assert scene.saved.trouble == "inbound: refused with 402"


def test_lost_sound_is_a_hole_that_is_not_the_recognisers_fault() -> None:
    scene = Scene()
    scene.live()
    scene.speak(0, 100)
    scene.speak(300, 100)
    scene.stop()
    scene.hear(Metadata(400))
    assert scene.close("closed with 1000")[:2] == ["save ended", "count CoveragePercent 100"]
    assert scene.saved.trouble == ""
    assert scene.saved.ledger[0].missing_ms == 200
    assert scene.saved.coverage[0].missing == (Interval(100, 300),)
    assert not scene.saved.coverage[0].is_complete


def test_results_that_come_twice_are_written_and_shown_once() -> None:
    scene = Scene()
    scene.live()
    scene.speak(0, 1_000)
    assert scene.hear(results(0, 400, "Hello", is_final=False)) == ["interim inbound Hello"]
    assert scene.hear(results(0, 400, "Hello"))[0] == "final inbound Hello"
    assert scene.hear(results(0, 400, "Hello")) == []
    assert scene.hear(results(400, 800, "Hello"))[0] == "final inbound Hello"


def test_an_interim_without_words_is_not_shown() -> None:
    scene = Scene()
    scene.live()
    assert scene.hear(results(0, 1_000, is_final=False)) == []


def test_the_stream_is_open_until_its_end_was_written() -> None:
    scene = Scene()
    scene.live()
    scene.stop()
    assert (scene.saved.state, scene.saved.end, scene.saved.ended_at) == (StreamState.OPEN, None, None)
    assert scene.session.start is not None
    assert scene.now == ZERO


def test_a_call_without_sound_connects_to_nothing_and_is_wholly_covered() -> None:
    scene = Scene()
    scene.start(INBOUND)
    scene.admit()
    scene.wait(20)
    assert scene.stop() == ["save ended", "count CoveragePercent 100", "end"]


def test_a_call_without_sound_that_stops_before_it_is_admitted_ends_too() -> None:
    scene = Scene()
    scene.start(INBOUND)
    scene.stop()
    assert scene.admit()[-1] == "end"


def test_the_stream_is_written_every_thirty_seconds_of_the_call_and_words_as_they_come() -> None:
    scene = Scene()
    scene.live()
    heard = []
    for at_ms in range(0, 61_000, 1_000):
        heard.append(scene.talk(at_ms, 1_000))
        assert scene.hear(results(at_ms, at_ms + 1_000, "yes"))[1:] == ["save yes"]
    assert [at_s for at_s, said in enumerate(heard) if "save open" in said] == [29, 59]
    assert scene.saved.coverage[0].holes == (Interval(59_000, 60_000),)
    assert scene.saved.ledger[0].received_ms == 60_000


def test_a_session_that_is_dropped_asks_for_the_last_words_and_says_why() -> None:
    scene = Scene()
    scene.live()
    scene.speak(0, 100)
    assert scene.note(scene.session.drop(scene.now)) == ["finish inbound"]
    scene.hear(results(0, 100, "Wait"))
    scene.close()
    assert (scene.saved.end, scene.saved.trouble) == (StreamEnd.LOST, "the task was stopped")
    assert scene.saved.coverage[0].is_complete


def test_a_session_that_is_cut_writes_down_at_once_what_there_is() -> None:
    scene = Scene()
    scene.live()
    scene.speak(0, 1_000)
    scene.hear(results(0, 400, "Hello"))
    said = scene.note(scene.session.cut(scene.now))
    assert (said[:2], said[-1]) == (["save ended", "count CoveragePercent 40"], "end")
    assert (scene.saved.end, scene.saved.trouble) == (StreamEnd.LOST, "the task was stopped")
    assert scene.saved.coverage[0].holes == (Interval(400, 1_000),)
    assert scene.note(scene.session.cut(scene.now)) == []


def test_a_session_that_is_cut_before_it_was_admitted_leaves_nothing() -> None:
    scene = Scene()
    scene.start(INBOUND)
    scene.speak(0, 1_000)
    assert scene.note(scene.session.cut(scene.now)) == ["end"]


def test_a_session_that_was_stopped_before_it_is_dropped_was_stopped() -> None:
    scene = Scene()
    scene.live()
    scene.stop()
    assert scene.note(scene.session.drop(scene.now)) == []
    scene.hear(Metadata(20))
    scene.close()
    assert (scene.saved.end, scene.saved.trouble) == (StreamEnd.STOPPED, "")


def test_of_what_comes_after_the_end_nothing_counts() -> None:
    scene = Scene()
    scene.live()
    scene.stop()
    scene.hear(Metadata(20))
    scene.close()
    assert scene.open() + scene.hear(results(0, 20, "late")) + scene.close() + scene.lose() + scene.stop() == []
