"""A deployment as its tests see it: what was run, asked and chosen."""

from collections.abc import Callable
from dataclasses import dataclass, field

from operations.cdk import Cdk, Command
from operations.choices import Choices
from operations.deploy import Deploy
from operations.stack import Cloud
from tests.fakes.terminal import ScriptedTerminal

ENGINE = "podman"
BUCKET = "pages"


@dataclass
class Runner:
    """Remembers each command line.

    Attributes:
        failing: words in a command line that make it fail.
    """

    failing: tuple[str, ...] = ()
    commands: list[Command] = field(default_factory=list)
    deployed: Callable[[], None] = lambda: None

    def __call__(self, command: Command) -> int:
        self.commands.append(command)
        if any(word in command.words for word in self.failing):
            return 1
        if "deploy" in command.words:
            self.deployed()
        return 0

    def verbs(self) -> list[str]:
        known = ("ci", "bootstrap", "diff", "deploy")
        return [word for each in self.commands for word in each.words if word in known]


@dataclass
class Scene:
    cloud: Cloud
    choices: Choices
    runner: Runner = field(default_factory=Runner)
    terminal: ScriptedTerminal = field(default_factory=lambda: ScriptedTerminal({"?": "yes"}))

    def deploy(self, **flags: str) -> None:
        Deploy(
            self.cloud, self.terminal, self.choices, Cdk(self.runner, region=self.cloud.session.region_name), ENGINE
        ).run(flags)
