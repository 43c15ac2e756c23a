"""The page that tells how to deploy names what there is."""

import re

from infra import context
from operations import vault
from operations.choices import ROOT
from tests.infra.cloud_template import CloudTemplate

PAGE = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")


def test_every_flag_is_on_the_page_and_no_other() -> None:
    documented = re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)
    assert sorted(documented) == sorted(context.NAMES)


def test_the_retentions_on_the_page_are_those_that_there_are() -> None:
    (offered,) = re.findall(r"how many days logs are kept: ([\d, or]+) \|", PAGE)
    assert [int(each) for each in re.findall(r"\d+", offered)] == list(context.LOG_DAYS)


def test_every_command_on_the_page_is_in_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for command in re.findall(r"`make ([\w-]+)", PAGE):
        assert re.search(rf"^{command}:", makefile, re.MULTILINE), command


def test_every_output_and_secret_on_the_page_is_the_stacks(template: CloudTemplate) -> None:
    assert {"UserPoolId", "SignInUrl", "EdgeName"} <= set(template.body["Outputs"])
    assert all(f"`{name}`" in PAGE for name in vault.NAMES)


def test_every_page_that_is_linked_is_there() -> None:
    for link in re.findall(r"\]\(([\w./-]+)\)", PAGE):
        assert (ROOT / "docs" / link).is_file(), link
