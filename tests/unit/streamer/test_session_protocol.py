"""What a session makes of a peer that breaks the protocol, comes without a ticket, or says nothing."""

import pytest

from streamer.effects import Save
from streamer.rules import Rules
from streamer.session import MOST_EARLY
from telephony.streams import StreamEnd
from telephony.wire.deepgram import Metadata
from telephony.wire.media_streams import Connected, Media
from telephony.wire.media_streams import Ignored as IgnoredEvent
from tests.unit.streamer.scene import INBOUND, OUTBOUND, Scene, results, sound, ticket


def test_a_stop_before_the_claim_is_refused_ends_with_nothing_kept() -> None:
    scene = Scene()
    scene.start(INBOUND)
    scene.speak(0, 500)
    scene.stop()
    assert scene.turn_away("ticket used") == ["count StreamRefused 1", "close 1008 ticket used", "end"]
    assert not any(isinstance(effect, Save) for effect in scene.effects)


def test_a_socket_lost_before_start_leaves_nothing() -> None:
    scene = Scene()
    assert scene.lose() == ["end"]
    assert scene.lose() == []


def test_a_track_that_was_not_announced_ends_the_stream_and_keeps_its_words() -> None:
    scene = Scene()
    scene.live()
    scene.speak(0, 100)
    said = scene.receive(Media(OUTBOUND, 9, 0, b"\x00"))
    assert said == [
        "count StreamRefused 1",
        "close 1008 a track that was not announced",
        "finish inbound",
    ]
    scene.hear(results(0, 100, "Hi."))
    assert scene.close()[-1] == "end"
    assert (scene.saved.end, scene.saved.coverage[0].is_complete) == (StreamEnd.REFUSED, True)


def test_a_chunk_from_next_year_ends_the_stream() -> None:
    scene = Scene()
    scene.live()
    said = scene.receive(Media(INBOUND, 9, 365 * 24 * 3600 * 1000, b"\x00"))
    assert said[1].startswith("close 1008 a chunk jumps")


def test_a_second_start_ends_the_stream() -> None:
    scene = Scene()
    scene.live()
    assert scene.start(INBOUND)[1] == "close 1008 a second start message"


def test_sound_before_start_is_the_streams_if_its_track_is_announced_up_to_a_bound() -> None:
    scene = Scene()
    assert scene.speak(0, 100, OUTBOUND) == []
    assert scene.speak(0, 100) == []
    assert scene.speak(100, 5_000) == []
    scene.start(INBOUND)
    scene.admit()
    scene.open()
    scene.wait(2)
    scene.stop()
    early_ms = (MOST_EARLY - 5) * 20
    assert scene.saved.coverage[0].received_ms == early_ms
    assert scene.sent() == sound(0, early_ms)


@pytest.mark.parametrize("parameters", [{}, {"ticket": ""}, {"token": "T1"}])
def test_a_stream_without_a_ticket_is_closed(parameters: dict[str, str]) -> None:
    scene = Scene()
    assert scene.start(INBOUND, parameters=parameters) == [
        "count StreamRefused 1",
        "close 1008 ticket missing",
        "end",
    ]


def test_a_stream_of_no_tracks_is_closed() -> None:
    assert Scene().start()[1:] == ["close 1008 a stream of no tracks", "end"]


def test_a_ticket_for_other_tracks_is_no_ticket() -> None:
    scene = Scene()
    scene.start(INBOUND, OUTBOUND)
    assert scene.admit(INBOUND)[1:] == ["close 1008 the ticket is for other tracks", "end"]


def test_a_ticket_for_no_track_ends_the_stream_and_nothing_else() -> None:
    scene = Scene()
    scene.start(INBOUND)
    scene.speak(0, 20)
    assert scene.note(scene.session.admitted(ticket(), scene.now)) == ["end"]
    assert scene.speak(20, 20) == scene.stop() == []


def test_a_ticket_may_be_for_more_tracks_than_come() -> None:
    scene = Scene()
    scene.start(INBOUND)
    scene.admit(INBOUND, OUTBOUND)
    assert scene.speak(0, 20) == ["open inbound 1 en-US Acme"]


def test_a_broken_protocol_while_the_ticket_is_claimed_ends_the_stream_and_the_answer_changes_nothing() -> None:
    scene = Scene()
    scene.start(INBOUND)
    assert scene.refuse("not JSON") == ["count StreamRefused 1", "close 1008 not JSON", "end"]
    assert scene.admit() == []
    assert scene.turn_away() == []
    assert scene.speak(0, 100) == []


def test_after_the_end_nothing_has_an_effect() -> None:
    scene = Scene()
    scene.refuse("not JSON")
    assert scene.start(INBOUND) == []
    assert scene.refuse("a binary message") == []
    assert scene.lose() == []
    assert scene.wait(60) == []


def test_what_comes_after_stop_is_not_listened_to() -> None:
    scene = Scene()
    scene.start(INBOUND)
    scene.speak(0, 100)
    scene.stop()
    assert scene.start(INBOUND) == []
    assert scene.refuse("not JSON") == []
    assert scene.speak(0, 100) == []
    assert scene.admit()[-1] == "open inbound 1 en-US Acme"
    assert scene.open() == ["send inbound 100 ms", "finish inbound"]


def test_a_quiet_peer_is_lost() -> None:
    scene = Scene(Rules(quiet_s=30))
    scene.live()
    scene.wait(29.9)
    assert scene.wait(0.3)[-2:] == ["close 1008 nothing was heard for too long", "finish inbound"]
    scene.hear(Metadata(20))
    scene.close()
    assert scene.saved.end is StreamEnd.LOST


def test_a_peer_that_speaks_is_not_quiet() -> None:
    scene = Scene(Rules(quiet_s=30))
    scene.live()
    for _ in range(4):
        assert not any(each.startswith("close") for each in scene.wait(20))
        scene.receive(IgnoredEvent("dtmf"))


def test_a_quiet_peer_whose_recogniser_has_gone_ends_at_once() -> None:
    scene = Scene(Rules(quiet_s=30))
    scene.live()
    scene.close("refused with 402", is_permanent=True)
    assert scene.wait(31)[-1] == "end"


def test_a_socket_that_never_says_whose_it_is_is_closed() -> None:
    scene = Scene(Rules(start_within_s=10))
    scene.receive(Connected())
    assert scene.wait(9.9) == []
    assert scene.wait(0.3) == ["count StreamRefused 1", "close 1008 no start message in time", "end"]


def test_a_ticket_that_is_never_looked_up_ends_the_stream() -> None:
    scene = Scene(Rules(claim_within_s=20))
    scene.wait(5)
    scene.start(INBOUND)
    scene.lose()
    assert scene.wait(19.9) == []
    assert scene.wait(0.3)[1:] == ["close 1008 the ticket was not checked in time", "end"]
