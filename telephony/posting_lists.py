"""PostingList: a stem's postings, newest first, read no further than somebody looks.

Each list is read a page at a time, from where it is looked at. A page costs DynamoDB's smallest read as long as it is
under 4 kB, so the first has what fits in that; a list that is gone through is read in ever larger ones, and one that is
only dipped into stays with the smallest. Whoever looks at several lists has their pages read together.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from telephony.places import OLDEST, Place
from telephony.postings import Posting

FIRST_PAGE: Final = 25
"""Postings: some 3 kB, half a read unit."""

LAST_PAGE: Final = 200
"""Postings: some 25 kB."""

WORTH_MORE: Final = 8
"""One posting of so many was looked at: then the next page is near, and a larger one only saves a request."""

MOST_PAGES: Final = 300
"""Of all lists together, read for one answer: a query whose words never meet ends too, and can be gone on with."""


class ExhaustedError(Exception):
    """As much was read as one answer may take."""


@dataclass(frozen=True, slots=True)
class PageOf:
    """Up to *limit* of a stem's postings, newest first, whose places are from *newest* down to *oldest*."""

    stem: str
    newest: Place
    oldest: Place
    limit: int


ReadPages = Callable[[Sequence[PageOf]], Sequence[Sequence[Posting]]]
"""Reads pages, together if that is quicker; answers them in order."""


class PostingList:
    """One stem's postings, from *oldest* on."""

    def __init__(self, stem: str, oldest: Place) -> None:
        self.stem = stem
        self._oldest = oldest
        self._page: Sequence[Posting] = ()
        self._index = 0
        self._used = 0
        self._limit = FIRST_PAGE
        self._known_to: Place | None = None  # no posting is missing between the page's first and this

    def lacks(self, newest: Place) -> PageOf | None:
        """Return what must be read before `at(newest)` can be answered; *newest* never grows from call to call."""
        is_known = self._known_to is not None and newest >= self._known_to
        if is_known or newest < self._oldest:
            return None
        if self._page:
            is_gone_through = WORTH_MORE * self._used >= len(self._page)
            self._limit = min(2 * self._limit, LAST_PAGE) if is_gone_through else FIRST_PAGE
        return PageOf(self.stem, newest, self._oldest, self._limit)

    def take(self, asked: PageOf, page: Sequence[Posting]) -> None:
        """Keep what was read."""
        self._page, self._index, self._used = page, 0, 0
        self._known_to = OLDEST if len(page) < asked.limit else page[-1].place

    def at(self, newest: Place) -> Posting | None:
        """Return the newest posting that is not after *newest*; None when there is none."""
        before = self._index
        while self._index < len(self._page) and self._page[self._index].place > newest:
            self._index += 1
        if self._index != before:
            self._used += 1
        return self._page[self._index] if self._index < len(self._page) else None


class Reader:
    """Reads what lists lack, and no more than so many pages in all."""

    def __init__(self, read: ReadPages, most_pages: int) -> None:
        self._read = read
        self._left = most_pages

    def fill(self, lists: Iterable[PostingList], newest: Place) -> None:
        """Have each of *lists* ready to be looked at from *newest* on. Raises: ExhaustedError."""
        lacking = [(each, asked) for each in lists if (asked := each.lacks(newest)) is not None]
        if not lacking:
            return
        if len(lacking) > self._left:
            raise ExhaustedError
        self._left -= len(lacking)
        pages = self._read([asked for _, asked in lacking])
        for (each, asked), page in zip(lacking, pages, strict=True):
            each.take(asked, page)
