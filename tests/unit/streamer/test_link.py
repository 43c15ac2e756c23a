"""What a link makes of each thing that can go wrong with a recogniser, as a trace in virtual time."""

from streamer.rules import Rules
from streamer.session import STOPPED
from telephony.coverage import Interval
from telephony.transcripts import Rung
from telephony.wire.deepgram import Complaint, HeardWord, Ignored, Metadata, Results
from tests.unit.streamer.one_link import again, listening, waiting, words
from tests.unit.streamer.scene import INBOUND, OUTBOUND, Scene, results, sound


def test_a_connection_that_is_lost_is_made_again_and_is_sent_what_is_not_final() -> None:
    scene = listening(length_ms=2_000)
    assert scene.hear(results(0, 1_000, "one two"))[0] == "final inbound one two"
    assert scene.close("closed with 1011") == []
    assert scene.wait(0.4) == []
    assert scene.wait(0.2) == ["count RecogniserReconnected 1", "open inbound 2 en-US Acme"]
    assert scene.speak(2_000, 500) == []
    already = len(scene.sent())
    assert scene.open() == ["send inbound 100 ms"] * 10
    scene.wait(1)
    assert scene.sent()[already:] == sound(500, 2_000)
    assert scene.hear(results(0, 2_000, "two three four five")) == [
        "final inbound three four five",
        "save three four five",
    ]
    assert words(scene)[2:] == [("three", 1_000), ("four", 1_500), ("five", 2_000)]
    stream = scene.cut()
    assert (stream.coverage[0].holes, stream.reconnects) == ((), 1)


def test_what_was_sent_again_says_so_and_what_came_after_does_not() -> None:
    scene = listening(length_ms=2_000)
    scene.hear(results(0, 1_000, "one"))
    scene.close("closed with 1011")
    again(scene)
    scene.open()
    scene.talk(2_000, 1_000)
    scene.hear(results(0, 1_500, "one two"))
    scene.hear(results(1_500, 2_500, "three"))
    assert [(said.text, said.rung) for said in scene.said] == [
        ("one", Rung.LIVE),
        ("two", Rung.REPLAYED),
        ("three", Rung.LIVE),
    ]


def test_a_word_that_was_cut_in_two_is_heard_once_by_where_its_middle_lies() -> None:
    scene = listening(length_ms=2_000)
    first = Results(0, 1_000, (HeardWord("one", 700, 1_040, 0.9),), is_final=True)
    scene.hear(first)
    scene.close()
    again(scene)
    scene.open()
    scene.wait(1)
    heard = (HeardWord("one", 210, 560, 0.9), HeardWord("two", 460, 900, 0.9))
    scene.hear(Results(0, 1_400, heard, is_final=True))
    assert [word.text for said in scene.said for word in said.words] == ["one", "two"]


def test_a_connection_lost_now_and_then_in_a_long_call_is_made_again_for_ever() -> None:
    scene = listening(Rules(tries=3))
    for at_ms in range(1_000, 31_000, 1_000):
        scene.talk(at_ms, 1_000)
        offset_ms = max(0, at_ms - 1_500)
        scene.hear(results(at_ms - 1_000 - offset_ms, at_ms - offset_ms))
        scene.close("closed with 1011")
        again(scene)
        scene.open()
    stream = scene.cut()
    assert (stream.reconnects, stream.trouble) == (30, STOPPED)


def test_refusals_are_tried_again_ever_later_until_there_were_too_many() -> None:
    scene = waiting(Rules(tries=7))
    opened: list[float] = [scene.now]
    for _ in range(6):
        scene.close("refused with 429")
        begun = scene.now
        while "open inbound" not in " ".join(scene.wait(0.1)):
            assert scene.now - begun < 9
        opened.append(scene.now - begun)
    assert [round(each, 1) for each in opened[1:]] == [0.5, 1.0, 2.0, 4.0, 8.0, 8.0]
    assert scene.close("refused with 429 Too many requests") == ["count RecogniserFailed 1"]
    assert scene.wait(4) == []
    scene.stop()
    assert scene.saved.trouble == "inbound: refused with 429 Too many requests"
    assert scene.saved.reconnects == 6


def test_the_wait_is_drawn_by_chance_and_short_again_once_words_came() -> None:
    scene = Scene(chance=lambda: 0.5)
    scene.start(INBOUND)
    scene.admit()
    scene.speak(0, 2_000)
    for seconds in (0.3, 0.6):
        scene.close("refused with 503")
        again(scene, seconds)
    scene.open()
    scene.hear(results(0, 500, "one"))
    scene.close("closed with 1011")
    again(scene, 0.3)


def test_a_permanent_refusal_is_final_at_once_and_in_the_recognisers_words() -> None:
    scene = waiting()
    assert scene.close("refused with 402 no credits", is_permanent=True) == ["count RecogniserFailed 1"]
    assert scene.speak(1_000, 600) == []
    assert scene.wait(60)[-1] == "end"
    assert scene.saved.trouble == "inbound: refused with 402 no credits"
    assert scene.saved.coverage[0].holes == (Interval(0, 1_600),)


def test_what_others_connections_say_late_is_not_heard() -> None:
    scene = listening()
    scene.close("closed with 1011")
    again(scene)
    late = results(0, 1_000, "late")
    assert scene.note(scene.session.recogniser_said(INBOUND, 1, late, scene.now)) == []
    assert scene.note(scene.session.recogniser_opened(INBOUND, 1, scene.now)) == []
    assert scene.fail(INBOUND, 1, "again") == []
    assert scene.hear(late) == []  # nor a connection that is not open yet
    scene.open()
    assert scene.open() == []
    assert scene.hear(late)[0] == "final inbound late"


def test_a_recogniser_that_opens_late_loses_nothing_and_one_that_never_does_is_asked_again() -> None:
    scene = waiting(Rules(open_within_s=12))
    assert scene.wait(11.9) == []
    assert scene.wait(0.3) == ["drop inbound"]
    again(scene)
    assert scene.open() == ["send inbound 100 ms"] * 10
    assert scene.sent() == sound(0, 1_000)


def test_a_recogniser_that_falls_silent_is_given_up_and_another_one_gets_the_sound() -> None:
    scene = listening()
    scene.hear(results(0, 500, "one", is_final=False))
    said = scene.talk(1_000, 8_000)
    assert "drop inbound" not in said
    assert "drop inbound" in scene.talk(9_000, 400)
    scene.talk(9_400, 600)
    assert "send inbound 100 ms" in scene.open()


def test_a_recogniser_that_says_anything_at_all_has_not_fallen_silent() -> None:
    scene = listening()
    for at_ms in range(1_000, 40_000, 5_000):
        assert "drop inbound" not in scene.talk(at_ms, 5_000)
        scene.hear(Ignored("SpeechStarted") if at_ms % 2_000 else Complaint("SchemaError"))


def test_a_recogniser_that_got_little_sound_need_not_say_anything() -> None:
    scene = listening(length_ms=1_000)
    assert "drop inbound" not in scene.wait(28)


def test_a_recogniser_that_is_asked_for_its_last_words_must_say_something_whatever_it_got() -> None:
    scene = listening(length_ms=1_000)
    scene.stop()
    assert scene.wait(7.9) == []
    assert scene.wait(0.3) == ["drop inbound"]
    again(scene)
    assert scene.open()[-1] == "finish inbound"
    scene.hear(results(0, 1_000, "all"))
    assert scene.close()[-1] == "end"
    assert scene.saved.coverage[0].is_complete


def test_results_that_come_again_add_no_word() -> None:
    scene = listening(length_ms=3_000)
    scene.wait(2)
    scene.hear(results(0, 1_000, "one two"))
    assert scene.hear(results(0, 1_000, "one two")) == []
    assert scene.hear(results(0, 1_000, "one two", is_final=False)) == []
    scene.hear(results(1_000, 2_000, "three four"))
    assert scene.hear(results(0, 1_000, "one too")) == []
    assert scene.hear(results(500, 2_400, "two three four five"))[0] == "final inbound five"
    assert [text for text, _ in words(scene)] == ["one", "two", "three", "four", "five"]


def test_a_word_said_to_begin_just_before_its_window_is_kept() -> None:
    scene = listening(length_ms=3_000)
    scene.hear(results(0, 1_000, "one"))
    scene.hear(Results(1_000, 2_000, (HeardWord("two", 900, 1_050, 0.9),), is_final=True))
    assert [text for text, _ in words(scene)] == ["one", "two"]


def test_a_clean_close_in_the_middle_of_a_call_is_made_good_once_there_is_sound_again() -> None:
    scene = listening()
    scene.hear(results(0, 1_000, "one"))
    assert scene.close("closed with 1000") == []
    assert scene.wait(20) == []
    assert scene.speak(1_000, 20) == []  # not more than a rounding error
    assert scene.speak(1_020, 80) == ["count RecogniserReconnected 1", "open inbound 2 en-US Acme"]


def test_a_recogniser_that_closed_when_all_was_final_is_not_missed_at_the_end() -> None:
    scene = listening()
    scene.hear(results(0, 1_000, "one"))
    scene.close("closed with 1000")
    assert scene.stop()[-1] == "end"
    assert (scene.saved.trouble, scene.saved.coverage[0].is_complete) == ("", True)


def test_a_clean_close_after_the_stop_that_leaves_words_out_is_made_good() -> None:
    scene = listening()
    scene.stop()
    scene.hear(results(0, 600, "one"))
    assert scene.close("closed with 1000") == []
    again(scene)
    assert scene.open() == ["send inbound 100 ms"] * 9 + ["finish inbound"]
    heard = (HeardWord("one", 0, 500, 0.9), HeardWord("two", 480, 700, 0.9), HeardWord("three", 700, 900, 0.9))
    scene.hear(Results(0, 900, heard, is_final=True))
    assert scene.close()[-1] == "end"
    assert [text for text, _ in words(scene)] == ["one", "two", "three"]


def test_a_recogniser_that_is_away_too_long_leaves_a_hole_of_what_fell_out_and_no_more() -> None:
    scene = waiting(Rules(ring_ms=5_000, open_within_s=60))
    scene.talk(1_000, 9_000)
    scene.open()
    scene.wait(5)
    scene.hear(results(0, 5_000, "cut two three four five"))
    scene.stop()
    scene.hear(Metadata(5_000))
    assert scene.close("closed with 1000")[-1] == "end"
    assert scene.saved.coverage[0].holes == (Interval(0, 5_500),)  # half a second of context
    assert words(scene)[0] == ("cut", 5_000)


def test_memory_is_bounded_and_in_the_usual_course_no_more_than_since_the_last_final() -> None:
    scene = waiting(Rules())
    link = scene.session._links[INBOUND]  # noqa: SLF001 - how much is held is no part of what a session says
    scene.open()
    for at_ms in range(1_000, 30_000, 1_000):
        scene.talk(at_ms, 1_000)
        scene.hear(results(at_ms - 1_000, at_ms))
        assert link.held_bytes == 8 * 1_500
    scene.close("closed with 1011")
    for at_ms in range(30_000, 120_000, 1_000):
        scene.talk(at_ms, 1_000)
        assert link.held_bytes <= 8 * 60_000
    assert link.held_bytes == 8 * 60_000
    scene.close("refused", is_permanent=True)
    assert link.held_bytes == 0


def test_sound_that_comes_faster_than_it_may_be_sent_for_too_long_is_sent_to_another_connection() -> None:
    scene = listening(Rules(ring_ms=2_000))
    assert "drop inbound" in scene.speak(1_000, 9_000)
    again(scene)
    scene.open()
    assert scene.sent().endswith(sound(8_000, 1_000))


def test_a_recogniser_that_gets_no_sound_for_a_while_is_asked_for_what_it_has_and_then_kept() -> None:
    scene = listening(length_ms=1_040)
    assert scene.wait(4.9) == []
    assert scene.wait(0.3) == ["send inbound 40 ms", "flush inbound"]
    assert scene.wait(4.6) == []
    assert scene.wait(0.6) == ["keep inbound"]
    assert scene.wait(5.2) == ["keep inbound"]
    assert scene.speak(1_040, 100) == ["send inbound 100 ms"]
    assert scene.wait(5.2) == ["flush inbound"]


def test_a_recogniser_is_connected_to_only_when_its_track_has_sound() -> None:
    scene = Scene()
    scene.start(INBOUND, OUTBOUND)
    scene.admit(INBOUND, OUTBOUND)
    assert scene.speak(0, 100, INBOUND) == ["open inbound 1 en-US Acme"]
    scene.open(INBOUND)
    assert not any("outbound" in each for each in scene.talk(100, 20_000, INBOUND))
    assert scene.speak(20_000, 100, OUTBOUND) == ["open outbound 1 en-US Acme"]


def test_five_losses_in_one_call_cost_no_word() -> None:
    scene = listening(Rules(stall_s=1_000))
    heard = 0
    for at_ms in range(1_000, 31_000, 1_000):
        scene.talk(at_ms, 1_000)
        if at_ms % 6_000 == 0:
            scene.close("reset")
            again(scene, 9)
            scene.open()
            heard += 1
    scene.stop()
    scene.wait(25)
    scene.hear(results(0, 31_000, "all"))
    assert scene.close()[-1] == "end"
    assert (heard, scene.saved.reconnects, scene.saved.coverage[0].holes) == (5, 5, ())
