"""The commands as they are typed: a plain reason and exit code 1 when they cannot go on."""

import io
from collections.abc import Iterator

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError
from moto import mock_aws

from operations.__main__ import main
from operations.errors import OperationError
from operations.stack import plainly
from operations.terminal import Console


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    with mock_aws():
        yield


@pytest.mark.parametrize("words", [["doctor"], ["mailbox", "x.json"], ["numbers", "status"], ["token"]])
def test_without_a_deployment_a_command_names_the_next_step(
    capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    assert main(words) == 1
    assert "run `make deploy` first" in capsys.readouterr().err


def test_a_profile_that_is_not_there_is_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    assert main(["doctor"]) == 1
    assert "nobody" in capsys.readouterr().err


def test_destroying_nothing_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["destroy"]) == 0
    assert "There is no stack" in capsys.readouterr().out


def test_a_terminal_without_anybody_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    with pytest.raises(OperationError, match="nobody to answer"):
        Console().ask("Who are you")
    assert main(["configure"]) == 1


def test_a_yes_is_yes_and_all_else_is_no(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("y\nYES\nsure\n\n"))
    assert [Console().confirm("Go on?") for _ in range(4)] == [True, True, False, False]
    assert Console(says_yes=True).confirm("Go on?")
    assert "yes, says the command line" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("ExpiredToken", "refuses the credentials .* sign in"),
        ("AccessDenied", "STS refuses: AccessDenied: not you"),
    ],
)
def test_credentials_that_expired_are_told_apart_from_other_refusals(code: str, words: str) -> None:
    with pytest.raises(OperationError, match=words), plainly("STS"):
        raise ClientError({"Error": {"Code": code, "Message": "not you"}}, "GetCallerIdentity")


def test_an_aws_that_cannot_be_reached_is_no_lack_of_credentials() -> None:
    with pytest.raises(OperationError, match="STS cannot be reached"), plainly("STS"):
        raise EndpointConnectionError(endpoint_url="https://sts.example.com")
    with pytest.raises(OperationError, match="there are no AWS credentials"), plainly("STS"):
        raise NoCredentialsError
