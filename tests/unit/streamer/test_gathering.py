"""Gathering: what a socket is waited for, and how much the session can do something with."""

import select
import socket
from collections.abc import Iterator

import pytest

from streamer.gathering import HEADER_BYTES, MOST_BYTES, PATIENCE_S, Gathering
from streamer.rules import Rules
from streamer.session import SessionState
from telephony.coverage import Track
from telephony.wire.media_streams import Media, Stop
from tests.unit.streamer.scene import INBOUND, OUTBOUND, Scene, sound

SIZE = 380
LIMIT_S = 10.0
"""For what loopback delivers at once."""


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Give both ends of a TCP connection, ours first."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        theirs = socket.create_connection(door.getsockname(), LIMIT_S)
        ours, _ = door.accept()
    with ours, theirs:
        theirs.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield ours, theirs


def wakes(ours: socket.socket, within_s: float = LIMIT_S) -> bool:
    return bool(select.select([ours], [], [], within_s)[0])


def has(ours: socket.socket, size: int) -> bool:
    """Wait until so much has come, whether it wakes or not."""
    ours.setblocking(True)
    return len(ours.recv(size, socket.MSG_PEEK | socket.MSG_WAITALL)) == size


def message(size: int = SIZE) -> bytes:
    return bytes(size + HEADER_BYTES)


def test_nobody_is_woken_before_as_many_messages_have_come_as_are_wanted(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    ours, theirs = ends
    Gathering(ours).want(5, SIZE, now=0.0)
    theirs.sendall(message() * 4)
    assert has(ours, 4 * len(message()))
    assert not wakes(ours, 0)
    theirs.sendall(message(SIZE - 3))  # its numbers are shorter
    assert wakes(ours)


def test_every_message_wakes_where_one_is_wanted(ends: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = ends
    gathering = Gathering(ours)
    gathering.want(5, SIZE, now=0.0)
    gathering.want(1, SIZE, now=0.1)
    theirs.sendall(b"1")
    assert wakes(ours)


def test_what_has_come_is_taken_when_no_more_follows_in_time(ends: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = ends
    gathering = Gathering(ours)
    gathering.want(5, SIZE, now=0.0)
    theirs.sendall(message())
    assert has(ours, len(message()))
    gathering.tick(PATIENCE_S)
    assert not wakes(ours, 0)
    gathering.tick(PATIENCE_S + 0.01)
    assert wakes(ours)


def test_an_end_wakes_whatever_is_wanted(ends: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = ends
    Gathering(ours).want(5, SIZE, now=0.0)
    theirs.close()
    assert wakes(ours)


def test_a_peer_cannot_choose_how_much_is_waited_for(ends: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = ends
    Gathering(ours).want(10, 60_000, now=0.0)
    theirs.sendall(bytes(MOST_BYTES))
    assert wakes(ours)


def test_a_socket_that_is_closed_is_no_matter(ends: tuple[socket.socket, socket.socket]) -> None:
    ours, _ = ends
    ours.close()
    Gathering(ours).want(5, SIZE, now=0.0)


def live(*tracks: Track, chunk_ms: int = 100) -> Scene:
    scene = Scene(Rules(chunk_ms=chunk_ms))
    scene.live(*tracks)
    return scene


def test_every_message_is_wanted_until_the_recogniser_listens() -> None:
    scene = Scene()
    scene.start(INBOUND)
    assert scene.session.messages_wanted == 1
    scene.admit()
    scene.speak(0, 20)
    assert scene.session.messages_wanted == 1


def test_as_many_are_wanted_as_a_chunk_still_lacks() -> None:
    scene = live(INBOUND)
    wanted = [scene.session.messages_wanted]
    for at_ms in range(20, 120, 20):
        scene.speak(at_ms, 20)
        wanted.append(scene.session.messages_wanted)
    assert wanted == [4, 3, 2, 1, 5, 4]


def test_tracks_that_take_turns_are_waited_for_together_and_one_that_pauses_is_not() -> None:
    scene = live(INBOUND, OUTBOUND)
    assert scene.session.messages_wanted == 8
    scene.speak(20, 120, INBOUND)
    assert scene.session.messages_wanted == 3


def test_every_message_is_wanted_where_each_is_sent_on() -> None:
    scene = live(INBOUND, chunk_ms=20)
    scene.speak(20, 40)
    assert scene.session.messages_wanted == 1


def test_nothing_is_waited_for_after_the_end() -> None:
    scene = live(INBOUND)
    scene.receive(Stop())
    assert scene.session.state is SessionState.FINISHING
    assert scene.session.messages_wanted == 1


def test_chunks_that_came_together_are_sent_together_when_all_are_there() -> None:
    scene = live(INBOUND)
    for at_ms in range(20, 240, 20):
        assert scene.session.receive(Media(INBOUND, 0, at_ms, sound(at_ms, 20)), scene.now) == []
    assert scene.note(scene.session.pass_on(scene.now)) == ["send inbound 100 ms"] * 2
    assert scene.note(scene.session.pass_on(scene.now)) == []
    assert scene.sent() == sound(0, 200)


def test_chunks_that_came_together_with_the_end_are_sent_before_it() -> None:
    scene = live(INBOUND)
    scene.session.receive(Media(INBOUND, 0, 20, sound(20, 20)), scene.now)
    assert scene.receive(Stop())[-2:] == ["send inbound 40 ms", "finish inbound"]
