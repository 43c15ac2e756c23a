"""What is taken down leaves nothing that costs money by oversight, and what is kept is named."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import count

import pytest

from operations import vault
from operations.destroy import WAIT_LIMIT_S, Destroy
from operations.errors import OperationError
from operations.stack import STACK, Cloud, Stack
from operations.vault import Vault
from tests.fakes.terminal import ScriptedTerminal
from tests.unit.operations.conftest import MakeStack

RESOURCES = {
    "Web": {"Type": "AWS::S3::Bucket"},
    "Recordings": {"Type": "AWS::S3::Bucket", "DeletionPolicy": "Retain"},
}


@dataclass
class Scene:
    cloud: Cloud
    terminal: ScriptedTerminal = field(default_factory=lambda: ScriptedTerminal({"Type": STACK}))
    seconds: Iterator[int] = field(default_factory=lambda: count(0, 60))

    def destroy(self) -> None:
        Destroy(self.cloud, self.terminal, lambda: next(self.seconds), lambda _: None).run()

    def fill(self, stack: Stack) -> dict[str, str]:
        """Put an object with two versions and a marker into each bucket; return the buckets by what becomes of them."""
        client, buckets = self.cloud.client("s3"), {}
        for each in self.cloud.resources(stack):
            if each.kind == "AWS::S3::Bucket":
                name = each.physical_id
                client.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
                for body in (b"1", b"2"):
                    client.put_object(Bucket=name, Key="a", Body=body)
                client.delete_object(Bucket=name, Key="a")
                buckets["kept" if each.is_kept else "gone"] = name
        return buckets


@pytest.fixture
def scene(cloud: Cloud) -> Scene:
    return Scene(cloud)


def test_what_must_be_empty_to_go_is_emptied_and_the_rest_kept_and_named(scene: Scene, make_stack: MakeStack) -> None:
    buckets = scene.fill(make_stack(resources=RESOURCES))
    scene.destroy()
    assert scene.cloud.find() is None
    left = scene.cloud.client("s3").list_object_versions(Bucket=buckets["kept"])
    assert (len(left["Versions"]), len(left["DeleteMarkers"])) == (2, 1)
    assert f"The stack {STACK} is gone." in scene.terminal.said
    assert f"  {buckets['kept']}: a bucket: costs by its size" in scene.terminal.said
    assert buckets["gone"] not in scene.terminal.text


def test_nothing_is_taken_down_unless_the_name_is_typed(scene: Scene, make_stack: MakeStack) -> None:
    make_stack(resources=RESOURCES)
    Vault(scene.cloud).write(vault.TWILIO, {"any": "thing"})
    scene.terminal.answers = {"Type": "yes"}
    with pytest.raises(OperationError, match="nothing was taken down"):
        scene.destroy()
    assert scene.cloud.find() is not None
    assert Vault(scene.cloud).arn(vault.TWILIO) is not None


def test_the_vendors_credentials_go_last_and_can_be_had_back(scene: Scene, make_stack: MakeStack) -> None:
    make_stack()
    Vault(scene.cloud).write(vault.TWILIO, {"any": "thing"})
    scene.destroy()
    assert scene.terminal.said[-1].startswith("ringscribe/twilio will be erased in 30 days")


def test_where_there_is_nothing_it_says_so(scene: Scene) -> None:
    scene.destroy()
    (said,) = scene.terminal.said
    assert said.startswith(f"There is no stack {STACK}")


@pytest.mark.parametrize(
    ("status", "words"), [("DELETE_FAILED", "its events"), ("DELETE_IN_PROGRESS", f"after {WAIT_LIMIT_S // 60} min")]
)
def test_a_stack_that_does_not_go_is_told_within_a_bounded_time(
    cloud: Cloud, make_stack: MakeStack, status: str, words: str
) -> None:
    make_stack()

    class Lingering(Cloud):
        def find(self, name: str = STACK) -> Stack | None:
            found = super().find(name)
            return found if found is None or name == STACK else replace(found, status=status)

    with pytest.raises(OperationError, match=words):
        Scene(Lingering(cloud.session)).destroy()
