"""The one Lambda bundle: what the functions group pins, `functions/` and `telephony/`. No Docker is needed.

Why it holds what it holds: docs/decisions/0003-lambda-bundle.md.
"""

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import jsii
from aws_cdk import AssetHashType, BundlingOptions, DockerImage, ILocalBundling, Stack, aws_lambda
from constructs import Construct

from infra.interpreter import LAMBDA_PYTHON, find_interpreter
from tools import bootstrap

ROOT: Final = Path(__file__).resolve().parent.parent

OURS: Final = ("functions", "telephony")
PINS: Final = Path("requirements") / "functions.txt"

AWS_SERVICES: Final = frozenset({"dynamodb", "s3", "secretsmanager", "sns", "sqs"})
"""The AWS services that the functions call; botocore's descriptions of the other 400 stay behind."""

KEPT: Final = (("botocore/data", AWS_SERVICES), ("twilio/rest", frozenset({"api"})))
"""Folders of generated code, and which of their folders ship: 65 MB less."""

INSTALL_LIMIT_S: Final = 300  # a stuck download must end the deployment, not hang it
COMPILE_LIMIT_S: Final = 120


class BundlingError(Exception):
    """The bundle cannot be made; the text says what is missing."""


@dataclass(frozen=True, slots=True)
class Target:
    """What the bundle must run on.

    Attributes:
        python: major and minor version, such as "3.13".
        platform: uv's name of it; None for this machine.
    """

    python: str
    platform: str | None


LAMBDA: Final = Target(LAMBDA_PYTHON, "aarch64-manylinux2014")


def functions_code(scope: Construct) -> aws_lambda.Code:
    """Return the code of all functions, bundled where the synthesis is asked to bundle."""
    compiler = find_interpreter(LAMBDA.python)
    digest = source_digest(ROOT, LAMBDA, is_compiled=compiler is not None)
    if not Stack.of(scope).bundling_required:
        # Else the unbundled folder would lie in the asset bucket under the bundle's own name, and be taken for it.
        digest = f"unbundled-{digest}"
    return aws_lambda.Code.from_asset(
        str(ROOT / "functions"),
        asset_hash=digest,
        asset_hash_type=AssetHashType.CUSTOM,
        # The image is never pulled: it must be named, and is used only if bundling here says no.
        bundling=BundlingOptions(image=DockerImage.from_registry("scratch"), local=LocalBundling(ROOT)),
    )


@jsii.implements(ILocalBundling)
class LocalBundling:
    """Bundles on this machine, or fails: there is no container to fall back on."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def try_bundle(self, output_dir: str, *, image: DockerImage, **_: object) -> bool:  # noqa: ARG002  named in the interface
        """Fill *output_dir*. Raises: BundlingError."""
        bundle(self._root, Path(output_dir), LAMBDA)
        return True


def bundle(root: Path, output: Path, target: Target) -> None:
    """Fill the folder *output* with all that the functions of the work tree *root* need on *target*.

    The same tree gives the same bytes. Compiled if an interpreter of the target's version is found here.

    Raises: BundlingError.
    """
    _install(root, output, target)
    for folder, kept in KEPT:
        _prune(output / folder, kept)
    # Start scripts name the interpreter of this machine, and nothing starts them there.
    shutil.rmtree(output / "bin", ignore_errors=True)
    (output / ".lock").unlink(missing_ok=True)
    for source in our_files(root):
        copy = output / source.relative_to(root)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, copy)
    compiler = find_interpreter(target.python)
    if compiler is not None:
        _compile(output, compiler)


def our_files(root: Path) -> Iterator[Path]:
    """Yield what ships of the work tree *root*, in a fixed order."""
    for folder in OURS:
        for path in sorted((root / folder).rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                yield path


def source_digest(root: Path, target: Target, *, is_compiled: bool) -> str:
    """Return the SHA-256 of all that decides what the bundle holds, as hexadecimal."""
    digest = hashlib.sha256(f"{target} {is_compiled}".encode())
    for path in (root / PINS, Path(__file__), *our_files(root)):
        name = path.name if path == Path(__file__) else path.relative_to(root).as_posix()
        content = path.read_bytes()
        digest.update(f"\n{name} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


def find_uv(root: Path = ROOT) -> str:
    """Return the uv to install with: the project's pinned one, else any on the path. Raises: BundlingError."""
    pinned = (root / ".tools" / "bin" / "uv", root / ".tools" / "packages" / "bin" / "uv")
    beside = Path(sys.executable).parent / "uv"
    found = next((str(path) for path in (*pinned, beside) if path.is_file()), None) or shutil.which("uv")
    if found is None:
        raise BundlingError("bundling needs uv: run `make env-dev`, which installs the pinned one into .tools")
    return found


def _install(root: Path, output: Path, target: Target) -> None:
    command = [find_uv(), "pip", "install", "--quiet", "--no-compile-bytecode", "--link-mode", "copy"]
    command += ["--require-hashes", "--only-binary", ":all:", "--python", sys.executable, "--target", str(output)]
    command += ["--python-version", target.python]
    if target.platform is not None:
        command += ["--python-platform", target.platform]
    command += ["--requirement", str(root / PINS)]
    _run(command, INSTALL_LIMIT_S, bootstrap.uv_environment(sys.executable))


def _prune(folder: Path, kept: frozenset[str]) -> None:
    for path in sorted(folder.iterdir()):
        if path.is_dir() and path.name not in kept:
            shutil.rmtree(path)


def _compile(output: Path, compiler: str) -> None:
    """Compile all modules: imports take half the time. Unchecked hashes, so that no time of day goes in."""
    command = [compiler, "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash"]
    # Tracebacks show where the code lies in Lambda, not where it was bundled.
    _run([*command, "-s", str(output), "-p", "/var/task", str(output)], COMPILE_LIMIT_S)


def _run(command: list[str], limit_s: int, environment: Mapping[str, str] | None = None) -> None:
    try:
        subprocess.run(command, check=True, timeout=limit_s, env=environment)  # noqa: S603  our own command line
    except (OSError, subprocess.SubprocessError) as exc:
        raise BundlingError(f"bundling failed: {exc}") from exc
