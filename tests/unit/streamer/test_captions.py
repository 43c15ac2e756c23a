"""Captions: live text to whoever watches."""

import json
from typing import Any

from streamer.captions import MAX_VIEWERS, CaptionsHub
from telephony.calls import CallSid
from telephony.coverage import Track
from telephony.transcripts import Interim, Utterance, Word

CALL = CallSid("CA" + "0" * 31 + "1")
OTHER = CallSid("CA" + "0" * 31 + "2")
SAID = Utterance(CALL, Track.INBOUND, 0, 900, (Word("Hello", 0, 400, 0.9), Word("Zoë.", 400, 900, 0.9)))


class Watcher:
    """A viewer that keeps what it is shown."""

    def __init__(self) -> None:
        self.shown: list[Any] = []
        self.has_ended = False

    def show(self, message: bytes) -> None:
        self.shown.append(json.loads(message))

    def ping(self) -> None:
        raise AssertionError("the hub pings nobody")

    def end(self) -> None:
        self.has_ended = True


class Leaver(Watcher):
    """A viewer that goes away as soon as it is shown anything."""

    def __init__(self, hub: CaptionsHub) -> None:
        super().__init__()
        self._hub = hub

    def show(self, message: bytes) -> None:
        super().show(message)
        self._hub.leave(CALL, self)


def test_a_viewer_sees_interims_and_finals_of_its_call_in_order() -> None:
    hub, viewer = CaptionsHub(), Watcher()
    assert hub.join(CALL, viewer)
    hub.publish(Interim(CALL, Track.OUTBOUND, 0, 400, "Hel"))
    hub.publish(SAID)
    assert viewer.shown == [
        {"type": "interim", "track": "outbound", "start_ms": 0, "end_ms": 400, "text": "Hel"},
        {"type": "final", "track": "inbound", "start_ms": 0, "end_ms": 900, "text": "Hello Zoë."},
    ]


def test_a_viewer_sees_nothing_of_other_calls() -> None:
    hub, viewer = CaptionsHub(), Watcher()
    hub.join(OTHER, viewer)
    hub.publish(SAID)
    hub.end(CALL)
    assert (viewer.shown, viewer.has_ended) == ([], False)


def test_whoever_left_sees_nothing_more() -> None:
    hub, stays, leaves = CaptionsHub(), Watcher(), Watcher()
    hub.join(CALL, stays)
    hub.join(CALL, leaves)
    hub.leave(CALL, leaves)
    hub.leave(CALL, leaves)
    hub.leave(OTHER, leaves)
    hub.publish(SAID)
    assert (len(stays.shown), leaves.shown) == (1, [])


def test_a_viewer_may_leave_while_it_is_shown_something() -> None:
    hub, watcher = CaptionsHub(), Watcher()
    leaver = Leaver(hub)
    hub.join(CALL, leaver)
    hub.join(CALL, watcher)
    hub.publish(SAID)
    hub.publish(SAID)
    assert (len(leaver.shown), len(watcher.shown)) == (1, 2)
    hub.leave(CALL, watcher)
    hub.publish(SAID)
    assert len(watcher.shown) == 2


def test_the_end_is_told_once_and_is_the_last_thing_told() -> None:
    hub, viewer = CaptionsHub(), Watcher()
    hub.join(CALL, viewer)
    hub.end(CALL)
    hub.end(CALL)
    hub.publish(SAID)
    assert (viewer.shown, viewer.has_ended) == ([{"type": "end"}], True)


def test_one_viewer_too_many_is_turned_away_until_another_leaves() -> None:
    hub = CaptionsHub()
    viewers = [Watcher() for _ in range(MAX_VIEWERS)]
    assert all(hub.join(CALL, viewer) for viewer in viewers)
    assert not hub.join(CALL, Watcher())
    assert hub.join(OTHER, Watcher())
    hub.leave(CALL, viewers[0])
    assert hub.join(CALL, Watcher())
