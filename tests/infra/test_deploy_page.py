"""The page that tells how to deploy names what there is."""

import re

import pytest

from infra import context
from operations import vault
from operations.choices import ROOT
from tests.infra.cloud_template import CloudTemplate
from tools import cost

PAGE = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_flag_is_on_the_page_and_no_other() -> None:
    documented = re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)
    assert sorted(documented) == sorted(context.NAMES)


def test_what_is_so_without_a_flag_is_on_the_page() -> None:
    nothing = context.Given({})
    said = dict(re.findall(r"^\| `(\w+)` \|.*\| (\d+) \|$", PAGE, re.MULTILINE))
    assert {name: int(number) for name, number in said.items()} == {
        "monthlyBudget": context.monthly_budget_dollars(nothing),
        "deepgramSlots": context.deepgram_slots(nothing),
        "logDays": context.log_days(nothing),
    }


def test_the_retentions_on_the_page_are_those_that_there_are() -> None:
    (offered,) = re.findall(r"how many days logs are kept: ([\d, or]+) \|", PAGE)
    assert [int(each) for each in re.findall(r"\d+", offered)] == list(context.LOG_DAYS)


@pytest.mark.parametrize("page", [PAGE, README], ids=["deploy.md", "README.md"])
def test_every_command_on_a_page_is_in_the_makefile_and_heeds_what_it_is_given(page: str) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    commands = re.findall(r"(?:`|^)make ([\w-]+)((?: [A-Z]+=)?)", page, re.MULTILINE)
    assert len(commands) > 5
    for command, given in commands:
        recipe = re.search(rf"^{command}:.*\n((?:\t.*\n)*)", makefile, re.MULTILINE)
        assert recipe is not None, command
        assert not given or f"$({given.strip(' =')})" in recipe[1] or f",$({given.strip(' =')})," in recipe[1], command


@pytest.mark.parametrize("page", [PAGE, README], ids=["deploy.md", "README.md"])
def test_every_file_and_folder_that_a_page_names_is_there(page: str) -> None:
    named = re.findall(r"(?:`|=)(\w[\w.-]*/[\w./-]*)(?=[`\s])", page)
    elsewhere = ("ringscribe/", "infra/node_modules")  # secrets and scopes; what `make deploy` installs
    named = [each for each in named if not each.startswith(elsewhere)]
    assert len(named) > 2
    assert [each for each in named if not (ROOT / each).exists()] == []


def test_every_output_and_secret_on_the_page_is_the_stacks(template: CloudTemplate) -> None:
    named = re.findall(r"outputs? `(\w+)`", PAGE)
    assert {"UserPoolId", "ApiUrl", "EdgeName"} <= set(named)
    assert set(named) - {"NumbersWarnings"} <= set(template.body["Outputs"])  # that one comes with the first number
    assert all(f"`{name}`" in PAGE for name in vault.NAMES)


def test_every_page_that_is_linked_is_there() -> None:
    for page, folder in ((PAGE, ROOT / "docs"), (README, ROOT)):
        for link in re.findall(r"\]\(([\w./-]+)\)", page):
            assert (folder / link).is_file(), link


def test_what_it_costs_at_rest_is_what_the_model_says() -> None:
    (with_it, without) = re.findall(r"about (\d+) dollars a month\s+at rest, about (\d+) without live text", PAGE)[0]
    assert int(with_it) == round(sum(cost.at_rest().values()))
    assert int(without) == round(sum(cost.at_rest(has_streamer=False).values()))
