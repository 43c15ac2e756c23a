"""Deploy: what is missing is said first, what changes is shown, and nothing is deployed without a yes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from infra import context
from infra.interpreter import LAMBDA_PYTHON, find_interpreter
from operations import vault, zones
from operations.cdk import Cdk
from operations.choices import NUMBERS, Choices
from operations.deployment import pointed_numbers
from operations.errors import OperationError
from operations.kept import tell_kept
from operations.pages import put_pages
from operations.roles import make_roles
from operations.stack import Account, Cloud, Stack
from operations.terminal import Terminal
from operations.vault import Vault

BOOTSTRAP_STACK: Final = "CDKToolkit"

NEVER_MADE: Final = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED")
"""How a stack stands whose first deployment failed. Source: CloudFormation user guide, "Stack status codes"."""

SECRET_FLAGS: Final = {vault.TWILIO: "twilioSecret", vault.DEEPGRAM: "deepgramSecret"}
"""Which flag tells the stack which secret to read."""


@dataclass(frozen=True, slots=True)
class Deploy:
    """One deployment; `run` raises OperationError.

    Attributes:
        engine: what is to build the image, if the owner said.
        find_python: finds what can compile the functions here.
    """

    cloud: Cloud
    terminal: Terminal
    choices: Choices
    cdk: Cdk
    engine: str | None = None
    find_python: Callable[[str], str | None] = find_interpreter

    def run(self, flags: Mapping[str, str]) -> None:
        """Deploy with *flags*, which are kept for the next time."""
        account = self.cloud.account()
        self.terminal.say(f"AWS account {account.id}, region {account.region}")
        chosen, stack = self.choices.joined(flags), self.cloud.find()
        _refuse_another_region(chosen, account)
        self._refuse_to_drop_numbers(chosen, stack)
        has_streamer = context.has_streamer(context.Given(chosen))
        found, engine = self._secrets(chosen, stack), self._find_engine() if has_streamer else None
        if has_streamer and zones.FLAG not in chosen:
            found[zones.FLAG] = zones.find_zones(self.cloud, stack)
        self.choices.add(flags)
        self._tell_if_uncompiled()
        self.cdk.install()
        self._bootstrap(account)
        self.cdk.diff(found)
        if not self.terminal.confirm("Deploy this?"):
            self.terminal.say("Nothing was deployed.")
            return
        if has_streamer:
            make_roles(self.cloud)
        try:
            self.cdk.deploy(found, engine)
        except OperationError:
            self._tell_leftovers()
            raise
        put_pages(self.cloud, self.cloud.deployed())
        self.terminal.say("Deployed. Next: `make mailbox FILE=...` if its numbers have none yet; then `make doctor`.")

    def _tell_if_uncompiled(self) -> None:
        if self.find_python(LAMBDA_PYTHON) is None:
            self.terminal.say(
                f"This machine has no Python {LAMBDA_PYTHON}: the functions go without compiled code, and a cold start "
                "takes about twice as long to import it."
            )

    def _tell_leftovers(self) -> None:
        """What was never all made is taken back, but for what is never deleted: the next attempt makes others."""
        stack = self.cloud.find()
        if stack is not None and stack.status in NEVER_MADE:
            tell_kept(self.cloud.resources(stack), self.terminal)

    def _secrets(self, chosen: Mapping[str, object], stack: Stack | None) -> dict[str, str]:
        """Return the flags that name the secrets, but for those that the owner chose.

        There are none when the stack has its own secrets, which it was deployed with.
        """
        safe = Vault(self.cloud)
        found = {name: safe.arn(name) for name, flag in SECRET_FLAGS.items() if flag not in chosen}
        arns = {SECRET_FLAGS[name]: arn for name, arn in found.items() if arn is not None}
        if len(arns) == len(found):
            return arns
        # Had the stack read those of `make configure`, and they are gone, it would make empty ones in their place.
        own = [stack.outputs.get(vault.OUTPUTS[name]) for name in found] if stack else [None]
        if not arns and all(each and safe.arn(each) for each in own):
            return {}
        lacking = " and ".join(name for name, arn in found.items() if arn is None)
        raise OperationError(f"Secrets Manager has no {lacking}: run `make configure` first")

    def _refuse_to_drop_numbers(self, chosen: Mapping[str, object], stack: Stack | None) -> None:
        """A number that is left out is given back: that must be meant, and not come of another work tree."""
        pointed = pointed_numbers(stack) if stack else ()
        if pointed and NUMBERS not in chosen:
            raise OperationError(
                f"{', '.join(pointed)} would be given back, since {self.choices.file.name} names no numbers: "
                "run `make configure`, or say CONTEXT='numbers=none' if that is meant"
            )

    def _find_engine(self) -> str:
        """Return what is to build the image."""
        engine = self.cdk.engine(self.engine)
        if engine is None:
            raise OperationError(
                "the streamer's image needs a container engine that works (Docker, Podman or Finch, able to build for "
                "arm64); start one, or leave live text out with CONTEXT='streamer=off'"
            )
        return engine

    def _bootstrap(self, account: Account) -> None:
        if self.cloud.find(BOOTSTRAP_STACK) is not None:
            return
        if not self.terminal.confirm(f"This region was never prepared for the CDK: make its stack {BOOTSTRAP_STACK}?"):
            raise OperationError("without it nothing can be deployed")
        self.cdk.bootstrap(account.id, account.region)


def _refuse_another_region(chosen: Mapping[str, object], account: Account) -> None:
    region = chosen.get("region")
    if region is not None and region != account.region:
        raise OperationError(
            f"the flag region says {region}, the AWS credentials {account.region}: set AWS_REGION={region}"
        )
