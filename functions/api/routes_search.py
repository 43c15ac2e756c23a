"""Search: find the calls in which something was said, or somebody called; and have calls found that are not."""

from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Query, Response
from pydantic import AwareDatetime

from functions.api import idempotency
from functions.api.access import ManagedMailbox, Manager, Ports, ReadableMailbox
from functions.api.idempotency import Once
from functions.api.models_jobs import JobOut, SpanIn
from functions.api.models_search import SearchOut
from functions.api.problems import COMMON_PROBLEMS, documented
from functions.api.submitting import submit
from telephony import query, search_cursor
from telephony.hits import hits_of
from telephony.jobs import JobKind
from telephony.places import NEWEST, call_at
from telephony.search import Range, Search
from telephony.terms import Terms

MOST_HITS: Final = 50
USUAL_HITS: Final = 20

router = APIRouter(prefix="/api/mailboxes/{mailbox_id}", tags=["search"])


@router.get(
    "/search",
    summary="Search a mailbox's calls, newest first",
    responses=documented(HTTPStatus.BAD_REQUEST, *COMMON_PROBLEMS),
)
def search_calls(
    ports: Ports,
    mailbox: ReadableMailbox,
    q: Annotated[
        str,
        Query(
            max_length=query.MOST_CHARACTERS,
            description='What is looked for: `words` in any form, `"an exact phrase"`, `-without`, `caller:+1415...`, '
            "numbers with or without separators. The last word may go on, unless a space follows it.",
        ),
    ] = "",
    caller: Annotated[
        str, Query(max_length=query.MOST_CHARACTERS, description="Who must have called: a number, its end, an address.")
    ] = "",
    since: Annotated[AwareDatetime | None, Query(description="Calls that began then or later.")] = None,
    until: Annotated[AwareDatetime | None, Query(description="Calls that began before.")] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_HITS, description="How many at most.")] = USUAL_HITS,
    cursor: Annotated[str | None, Query(max_length=2048, description="`next_cursor` of the page before.")] = None,
) -> SearchOut:
    """Find calls by what was said in them and by who called, with the words around and the time to listen at.

    What was said a few seconds ago may be missing. A cursor goes on with the search that gave it, and no other.
    """
    asked = (q, caller, *("" if each is None else each.isoformat() for each in (since, until)))
    newest = NEWEST if cursor is None else search_cursor.read(cursor, mailbox.id, asked)
    terms = Terms(mailbox.listening.language)
    search = Search(query.parse(q, terms, caller=caller), terms, mailbox.id, ports.search, Range(since, until, newest))
    matches = search.newest(limit)
    entries = ports.search.entries([call_at(match.place)[1] for match in matches.matches])
    rest = None if matches.rest is None else search_cursor.write(mailbox.id, asked, matches.rest)
    return SearchOut.of(hits_of(matches.matches, entries), matches.completions, rest)


@router.post(
    "/reindexes",
    summary="Index a mailbox's calls again",
    status_code=HTTPStatus.ACCEPTED,
    response_model=JobOut,
    responses=documented(HTTPStatus.BAD_REQUEST, *idempotency.PROBLEMS, *COMMON_PROBLEMS),
)
def reindex_calls(ports: Ports, manager: Manager, mailbox: ManagedMailbox, wanted: SpanIn, once: Once) -> Response:
    """Have the calls of a span of time found by their words as they stand, in the mailbox's language of today.

    For calls that came before there was a search, or before the language was changed. A call that is indexed as it
    would be now is only looked at.
    """

    def ask() -> JobOut:
        request = wanted.span().as_request()
        return JobOut.of(submit(ports, kind=JobKind.REINDEX, mailbox_id=mailbox.id, subject=manager, request=request))

    return once.answer(manager, HTTPStatus.ACCEPTED, ask)
