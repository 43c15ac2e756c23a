"""The Lambda bundle holds what the functions need, for where they run, and nothing of the other deployables.

These tests install packages, as a deployment does; a fresh machine downloads some 30 MB for them.
"""

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from infra.app import ROOT, build
from infra.bundling import (
    AWS_SERVICES,
    LAMBDA,
    BundlingError,
    Target,
    bundle,
    find_uv,
    source_digest,
)
from infra.interpreter import find_interpreter
from tests.infra.cloud_template import HANDLERS, CloudTemplate

# One bundle may have to be downloaded on a slow line.
pytestmark = pytest.mark.timeout(300)

HERE = Target(f"{sys.version_info.major}.{sys.version_info.minor}", None)

AARCH64 = 0xB7  # e_machine in an ELF header

# `websockets` is there, though nobody here opens a socket: the recogniser's library needs it to be imported.
ABSENT = ("streamer", "infra", "local", "picows", "uvloop", "aws_cdk", "moto", "pytest")

# Says which modules came from elsewhere than the bundle and the standard library.
FOREIGN = """
files = {name: getattr(each, "__file__", None) for name, each in sys.modules.items()}
print(sorted(name for name, file in files.items() if file and "-packages" in file))
"""

VENDORS = f"""
import boto3, deepgram, importlib.util, sys, twilio.rest
for service in {sorted(AWS_SERVICES)}:
    boto3.client(service, region_name="eu-west-1")
assert twilio.rest.Client("AC0", "none").messages is not None
assert deepgram.DeepgramClient(api_key="none").listen.v1.media is not None
assert [name for name in {ABSENT} if importlib.util.find_spec(name)] == []
{FOREIGN}"""


def _run_in(folder: Path, program: str, environment: Mapping[str, str]) -> str:
    """Return what a fresh interpreter prints that has nothing but *folder* and the standard library."""
    # -S: without this environment's packages; -P: without the working directory.
    command = [sys.executable, "-S", "-P", "-c", program]
    alone = {"PYTHONPATH": str(folder), "AWS_DEFAULT_REGION": "eu-west-1", "PATH": "", **environment}
    answer = subprocess.run(
        command, cwd=folder.parent, env=alone, capture_output=True, text=True, timeout=60, check=False
    )
    assert answer.returncode == 0, answer.stderr
    return answer.stdout.strip()


def _deployed(value: Any) -> str:  # noqa: ANN401  JSON of a template
    """Return a value of the template with "known" where CloudFormation puts what it knows."""
    if isinstance(value, str):
        return value
    if "Fn::Join" in value:
        return "".join(map(_deployed, value["Fn::Join"][1]))
    return "https://known" if value.get("Fn::GetAtt", ("", ""))[1] == "ProviderURL" else "known"


@pytest.fixture(scope="session")
def bundle_here(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bundle-here")
    bundle(ROOT, folder, HERE)
    return folder


@pytest.fixture(scope="session")
def bundle_for_lambda(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The asset that a deployment would upload, made by the synthesis itself."""
    outdir = tmp_path_factory.mktemp("bundled.out")
    build({"aws:cdk:bundling-stacks": ["**"]}, outdir=str(outdir))[0].synth()
    (asset,) = (each for each in outdir.glob("asset.*") if (each / "functions").is_dir())  # one for all functions
    return asset


def _fingerprint(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.parametrize("handler", HANDLERS)
def test_every_function_starts_with_only_the_bundle_and_the_environment_of_the_template(
    template: CloudTemplate, bundle_here: Path, handler: str
) -> None:
    module, _, entry = handler.rpartition(".")
    environment = {name: _deployed(value) for name, value in template.environment(handler).items()}
    program = f"import sys\nfrom {module} import {entry}\nassert callable({entry})\n{FOREIGN}"
    assert _run_in(bundle_here, program, environment) == "[]"


def test_the_bundle_can_call_our_vendors_and_holds_nothing_of_the_other_deployables(bundle_here: Path) -> None:
    assert _run_in(bundle_here, VENDORS, {}) == "[]"


def test_the_bundle_holds_our_two_packages_and_no_other_of_ours(bundle_for_lambda: Path) -> None:
    ours = {path.name for path in ROOT.iterdir() if path.is_dir() and any(path.glob("*.py"))}
    assert ours & {path.name for path in bundle_for_lambda.iterdir()} == {"functions", "telephony"}


def test_everything_compiled_is_for_lambdas_processor_and_python(bundle_for_lambda: Path) -> None:
    libraries = list(bundle_for_lambda.rglob("*.so"))
    assert libraries
    for library in libraries:
        header = library.read_bytes()[:20]
        assert int.from_bytes(header[18:20], "little") == AARCH64
        assert any(tag in library.name for tag in ("cpython-313", "abi3"))


def test_the_bundle_stays_small_enough_to_start_fast(bundle_for_lambda: Path) -> None:
    size = sum(path.stat().st_size for path in bundle_for_lambda.rglob("*") if path.is_file())
    assert size < 80_000_000  # Lambda's own limit is 250 MB


@pytest.mark.skipif(find_interpreter(LAMBDA.python) is None, reason=f"no Python {LAMBDA.python} to compile with")
def test_modules_are_compiled_so_that_no_time_goes_in_and_tracebacks_show_lambdas_paths(
    bundle_for_lambda: Path,
) -> None:
    (compiled,) = (bundle_for_lambda / "telephony" / "__pycache__").glob("calls.*.pyc")
    content = compiled.read_bytes()
    assert content[4:8] == b"\x01\0\0\0"  # hash-based and unchecked (PEP 552)
    assert b"/var/task/telephony/calls.py" in content


def test_the_same_tree_gives_the_same_bytes(bundle_for_lambda: Path, tmp_path: Path) -> None:
    bundle(ROOT, tmp_path, LAMBDA)
    assert _fingerprint(tmp_path) == _fingerprint(bundle_for_lambda)


def test_functions_can_call_no_service_whose_description_stayed_behind(template: CloudTemplate) -> None:
    actions = {action for handler in HANDLERS for each in template.statements(handler) for action in each.actions}
    # The platform writes the logs, and the stores ask for the key.
    assert {action.partition(":")[0] for action in actions} - {"logs", "kms"} <= AWS_SERVICES


def test_the_hash_follows_what_ships_and_nothing_else(tmp_path: Path) -> None:
    for folder in ("functions", "telephony", "requirements"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=ignored)
    before = source_digest(tmp_path, LAMBDA, is_compiled=True)
    assert before == source_digest(ROOT, LAMBDA, is_compiled=True)
    (tmp_path / "README.md").write_text("not shipped")
    (tmp_path / "functions" / "stale.pyc").write_bytes(b"not shipped")
    assert source_digest(tmp_path, LAMBDA, is_compiled=True) == before
    assert source_digest(tmp_path, LAMBDA, is_compiled=False) != before
    (tmp_path / "telephony" / "calls.py").write_text("shipped")
    assert source_digest(tmp_path, LAMBDA, is_compiled=True) != before


def test_an_unbundled_template_never_takes_the_bundles_place_in_the_asset_bucket(
    template: CloudTemplate, bundle_for_lambda: Path
) -> None:
    keys = {template.function(handler)[1]["Code"]["S3Key"].partition(".")[0] for handler in HANDLERS}
    assert len(keys) == 1
    assert bundle_for_lambda.name.removeprefix("asset.") not in keys


def test_a_failed_installation_ends_the_bundling_with_a_reason(tmp_path: Path) -> None:
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "functions.txt").write_text("unpinned-and-unhashed\n")
    with pytest.raises(BundlingError, match="bundling failed"):
        bundle(tmp_path, tmp_path / "out", HERE)


def test_a_machine_without_uv_is_told_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(BundlingError, match="make env-dev"):
        find_uv(tmp_path)
