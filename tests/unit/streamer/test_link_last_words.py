"""What a link makes of a recogniser's last words, and of their not coming, as a trace in virtual time."""

from streamer.rules import Rules
from telephony.coverage import Interval
from telephony.wire.deepgram import Metadata
from tests.unit.streamer.one_link import again, listening, waiting, words
from tests.unit.streamer.scene import results


def test_the_last_word_covers_nothing_when_it_was_not_asked_for() -> None:
    scene = listening()
    scene.hear(results(0, 400, "one"))
    scene.hear(Metadata(1_000))  # it means that the recogniser is about to close
    assert scene.cut().coverage[0].transcribed_ms == 400


def test_the_last_word_covers_the_silence_after_the_last_window() -> None:
    scene = listening()
    scene.hear(results(0, 400, "one"))
    scene.stop()
    scene.hear(Metadata(1_000))
    assert scene.close()[-1] == "end"
    assert scene.saved.coverage[0].is_complete


def test_the_last_word_covers_nothing_that_was_heard_and_never_came_back_final() -> None:
    scene = listening(length_ms=5_000)
    scene.wait(4)
    scene.hear(results(0, 3_000, "one two three"))
    scene.hear(results(3_000, 5_000, "four five", is_final=False))
    scene.stop()
    assert scene.hear(Metadata(5_000)) == []
    assert scene.close() == []
    again(scene)
    scene.open()
    scene.wait(3)
    scene.hear(results(0, 2_500, "three four five"))
    scene.hear(Metadata(2_500))
    assert scene.close()[-1] == "end"
    assert [text for text, _ in words(scene)] == ["one", "two", "three", "four", "five"]
    assert scene.saved.coverage[0].is_complete


def test_a_recogniser_that_took_its_words_back_owes_none() -> None:
    scene = listening(length_ms=1_000)
    scene.hear(results(0, 1_000, "uh", is_final=False))
    scene.hear(results(0, 1_000, is_final=False))
    scene.stop()
    scene.hear(Metadata(1_000))
    assert scene.close()[-1] == "end"
    assert scene.saved.coverage[0].is_complete


def test_words_that_never_come_back_final_are_a_hole_in_the_end() -> None:
    scene = listening(Rules(finish_within_s=5))
    scene.stop()
    scene.hear(results(0, 1_000, "one two", is_final=False))
    scene.hear(Metadata(1_000))
    scene.close()
    assert scene.wait(12)[-1] == "end"
    assert scene.saved.coverage[0].holes == (Interval(0, 1_000),)


def test_a_window_beyond_what_was_sent_covers_no_more_than_that() -> None:
    scene = listening()
    scene.hear(results(0, 9_000, "one"))
    assert scene.hear(results(9_000, 9_500)) == []
    assert scene.cut().coverage[0].transcribed == (Interval(0, 1_000),)


def test_after_the_stop_a_recogniser_that_is_down_is_waited_for_only_so_long() -> None:
    scene = waiting(Rules(finish_within_s=10))
    scene.close("refused with 503 no one is there")
    scene.stop()
    said: list[str] = []
    begun = scene.now
    while "end" not in said:
        said += scene.wait(0.1)
        if said and said[-1].startswith("open inbound"):
            scene.close("refused with 503 no one is there")
        assert scene.now - begun < 10.3
    assert scene.saved.trouble == "inbound: refused with 503 no one is there"
    assert scene.saved.coverage[0].holes == (Interval(0, 1_000),)


def test_after_the_stop_words_that_make_no_progress_are_given_up() -> None:
    scene = listening(Rules(finish_within_s=5))
    scene.stop()
    scene.hear(results(0, 400, "Hello"))
    assert scene.wait(4.9) == []
    assert scene.wait(0.3)[:3] == ["drop inbound", "count RecogniserFailed 1", "save ended"]
    assert scene.saved.trouble == "inbound: the last words did not come back in time"


def test_after_the_stop_words_that_come_late_but_come_are_waited_for() -> None:
    scene = listening(Rules(finish_within_s=5), length_ms=3_000)
    scene.wait(2)
    scene.stop()
    for at_ms in range(0, 3_000, 500):
        assert scene.wait(4) == []
        scene.hear(results(at_ms, at_ms + 500, "late"))
    assert scene.close()[-1] == "end"
    assert scene.saved.coverage[0].is_complete


def test_a_recogniser_that_has_said_all_but_never_closes_is_left() -> None:
    scene = listening(Rules(finish_within_s=5))
    scene.stop()
    scene.hear(results(0, 1_000, "all"))
    said = scene.wait(5.2)
    assert ("drop inbound" in said, "count RecogniserFailed 1" in said, said[-1]) == (True, False, "end")
    assert scene.saved.trouble == ""


def test_after_the_stop_all_of_it_may_take_only_so_long() -> None:
    scene = listening(Rules(linger_s=20, finish_within_s=10), length_ms=30_000)
    scene.stop()
    for at_ms in range(0, 19_000, 1_000):
        scene.wait(1)
        assert scene.hear(results(at_ms // 10, at_ms // 10 + 100, "word"))
    assert scene.wait(1.2)[-1] == "end"
    assert scene.saved.coverage[0].holes
