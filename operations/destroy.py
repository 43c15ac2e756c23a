"""Destroy: take the deployment down, leave nothing that costs money unless it is kept on purpose, and say what is."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from operations import vault
from operations.errors import OperationError
from operations.kept import BUCKET, tell_kept
from operations.stack import STACK, Cloud, Stack, plainly
from operations.terminal import Terminal
from operations.vault import RECOVERY_DAYS, Vault

POLL_S: Final = 10.0
WAIT_LIMIT_S: Final = 90 * 60
"""CloudFront takes a quarter of an hour to go, and a task that has calls up to an hour, after which its connections are
closed. To wait no longer stops nothing: CloudFormation goes on."""

BATCH_OBJECTS: Final = 1_000
"""Source: S3's DeleteObjects API."""


@dataclass(frozen=True, slots=True)
class Destroy:
    """One farewell; `run` raises OperationError.

    Attributes:
        monotonic_s, sleep: the clock by which the end is waited for.
    """

    cloud: Cloud
    terminal: Terminal
    monotonic_s: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep

    def run(self) -> None:
        """Ask, empty, delete, wait, and say what was kept."""
        account, stack = self.cloud.account(), self.cloud.find()
        if stack is None:
            self.terminal.say(f"There is no stack {STACK} in account {account.id}, region {account.region}.")
        else:
            self._delete(stack)
        self._throw_secrets_away()

    def _delete(self, stack: Stack) -> None:
        resources = self.cloud.resources(stack)
        self.terminal.say("The numbers are given back first: callers reach again whom they reached before.")
        if self.terminal.ask(f"Type {STACK} to take it down") != STACK:
            raise OperationError("nothing was taken down")
        for each in resources:
            if each.kind == BUCKET and not each.is_kept:
                self._empty(each.physical_id)
        with plainly("CloudFormation"):
            self.cloud.client("cloudformation").delete_stack(StackName=stack.id)
        self._wait(stack)
        tell_kept(resources, self.terminal)

    def _empty(self, bucket: str) -> None:
        """Erase all that a bucket holds, old versions too: it cannot be deleted before."""
        client = self.cloud.client("s3")
        with plainly("S3"):
            pages = client.get_paginator("list_object_versions").paginate(Bucket=bucket, MaxKeys=BATCH_OBJECTS)
            for page in pages:
                found = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
                objects = [{"Key": each["Key"], "VersionId": each["VersionId"]} for each in found]
                if objects:
                    client.delete_objects(Bucket=bucket, Delete={"Objects": objects, "Quiet": True})

    def _wait(self, stack: Stack) -> None:
        until_s = self.monotonic_s() + WAIT_LIMIT_S
        while self.monotonic_s() < until_s:
            now = self.cloud.find(stack.id)
            if now is None or now.status == "DELETE_COMPLETE":
                self.terminal.say(f"The stack {STACK} is gone.")
                return
            if now.status == "DELETE_FAILED":
                raise OperationError("CloudFormation could not delete everything: its events say what; then try again")
            self.sleep(POLL_S)
        raise OperationError(
            f"the stack is not gone after {WAIT_LIMIT_S // 60} minutes; CloudFormation goes on: run it again later"
        )

    def _throw_secrets_away(self) -> None:
        """Last: the numbers are given back with these credentials."""
        gone = [name for name in vault.NAMES if Vault(self.cloud).throw_away(name)]
        if gone:
            self.terminal.say(f"{' and '.join(gone)} will be erased in {RECOVERY_DAYS} days, and cost nothing now.")
