"""A call of one track, as far as its recogniser."""

from streamer.rules import Rules
from tests.unit.streamer.scene import INBOUND, Scene


def waiting(rules: Rules | None = None, length_ms: int = 1_000) -> Scene:
    """Return a call with some sound whose recogniser has been asked for."""
    scene = Scene(rules)
    scene.start(INBOUND)
    scene.admit()
    scene.speak(0, length_ms)
    return scene


def listening(rules: Rules | None = None, length_ms: int = 1_000) -> Scene:
    """Return a call with some sound whose recogniser is open."""
    scene = waiting(rules, length_ms)
    scene.open()
    return scene


def words(scene: Scene) -> list[tuple[str, int]]:
    return [(word.text, word.start_ms) for said in scene.said for word in said.words]


def again(scene: Scene, within_s: float = 0.6) -> None:
    """Wait until the next connection is asked for."""
    until, before = scene.now + within_s, scene.number(INBOUND)
    while scene.number(INBOUND) == before:
        assert scene.now < until
        scene.wait(0.1)
