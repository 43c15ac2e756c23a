"""What `make` runs before anything else: the refusal of an unfit Python, and the stamps that save time."""

import os
from pathlib import Path

import pytest

from tools import bootstrap


@pytest.fixture
def requirements(tmp_path: Path) -> Path:
    folder = tmp_path / "requirements"
    folder.mkdir()
    for group in ("local", "dev"):
        (folder / f"{group}.txt").write_text(f"{group}-package==1.0\n", encoding="ascii")
    return folder


@pytest.fixture
def venv(tmp_path: Path) -> Path:
    folder = tmp_path / "venv"
    folder.mkdir()
    return folder


def fake_python(folder: Path, name: str, script: str) -> str:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="ascii")
    path.chmod(0o755)
    return os.fspath(path)


@pytest.mark.parametrize("version", [(2, 7), (3, 8), (3, 10), (3, 14), (4, 0)])
def test_a_python_that_is_too_old_or_too_new_is_not_supported(version: tuple[int, int]) -> None:
    assert not bootstrap.is_supported(version)


@pytest.mark.parametrize("version", [(3, 11), (3, 12), (3, 13)])
def test_each_python_from_3_11_to_3_13_is_supported(version: tuple[int, int]) -> None:
    assert bootstrap.is_supported(version)


def test_a_python_of_another_version_is_refused_by_name_of_both(tmp_path: Path) -> None:
    old = fake_python(tmp_path, "python3", "echo 3 9")

    with pytest.raises(bootstrap.BootstrapError, match=r"^Ringscribe needs Python 3\.11 to 3\.13, this is 3\.9$"):
        bootstrap.find_python(old)


def test_a_shim_that_refuses_to_run_has_no_version(tmp_path: Path) -> None:
    shim = fake_python(tmp_path, "python3.13", "echo 'pyenv: python3.13: command not found' >&2; exit 127")

    assert bootstrap.version_of(shim) is None


def test_the_command_says_in_one_line_why_it_gives_up(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    missing = os.fspath(tmp_path / "nowhere")

    code = bootstrap.main(["dev", "--python", missing, "--venv", os.fspath(tmp_path / "venv")])

    assert code == 1
    assert capsys.readouterr().err == f"bootstrap: {missing} does not start\n"


def test_nothing_is_installed_in_a_new_environment(venv: Path, requirements: Path) -> None:
    assert not bootstrap.is_installed(venv, "local", requirements)


def test_an_installed_group_stays_installed_until_its_pins_change(venv: Path, requirements: Path) -> None:
    bootstrap.mark_installed(venv, "local", requirements)
    assert bootstrap.is_installed(venv, "local", requirements)

    (requirements / "local.txt").write_text("local-package==1.1\n", encoding="ascii")
    assert not bootstrap.is_installed(venv, "local", requirements)


def test_dev_covers_local_and_local_does_not_cover_dev(venv: Path, requirements: Path) -> None:
    bootstrap.mark_installed(venv, "local", requirements)
    assert not bootstrap.is_installed(venv, "dev", requirements)

    bootstrap.mark_installed(venv, "dev", requirements)
    (requirements / "local.txt").write_text("local-package==1.1\n", encoding="ascii")
    assert bootstrap.is_installed(venv, "local", requirements)


def test_uv_is_told_of_the_index_and_certificates_that_pip_uses_and_the_environment_wins() -> None:
    listing = """\
:env:.cert='/etc/mine.pem'
global.cert='/etc/all.pem'
global.index-url='https://mirror.example/simple'
global.timeout='60'
"""

    assert bootstrap.translate_pip_settings(listing) == {
        "SSL_CERT_FILE": "/etc/mine.pem",
        "UV_DEFAULT_INDEX": "https://mirror.example/simple",
    }
