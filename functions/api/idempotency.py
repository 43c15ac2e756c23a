"""Idempotency-Key: what a program asks for again, because it got no answer, is done once.

Source: IETF draft "The Idempotency-Key HTTP Header Field".
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import Depends, Header, Request, Response
from pydantic import BaseModel

from functions.api.access import Ports
from functions.api.auth import Subject
from functions.api.ports import ApiPorts
from functions.api.problems import MEDIA_TYPE, problem_of
from telephony.errors import TelephonyError
from telephony.idempotency import Answered, RequestKey

MAX_CHARACTERS: Final = 255
PROBLEMS: Final = (HTTPStatus.CONFLICT,)
"""What a route that honours the header may answer with besides: the first of two requests is still being answered."""


@dataclass(frozen=True, slots=True)
class Repeatable:
    """A request that may be a repeat.

    Attributes:
        key: None when its sender cannot tell repeats.
        fingerprint: stands for its method, address and body.
    """

    ports: ApiPorts
    key: str | None
    fingerprint: str

    def answer(
        self, who: Subject, status: HTTPStatus, make: Callable[[], BaseModel], doubt: TelephonyError | None = None
    ) -> Response:
        """Do what *make* does, and answer with what it returns; a repeat gets the first answer again.

        With *doubt*, what *make* does must never be done twice. So that is what a repeat gets from before it is begun,
        until it is known how it ended, whoever dies over it. *make* raises the like if it cannot be known.

        Raises: KeyReusedError, ConflictError, and what *make* raises; then a repeat is done, unless it is in doubt.
        """
        if self.key is None:
            return _response(Answered(status.value, make().model_dump_json()))
        request = RequestKey(who, self.key)
        before = self.ports.idempotency.claim(request, self.fingerprint, self.ports.clock.now())
        if before is not None:
            return _response(before)
        if doubt is not None:
            in_doubt = problem_of(doubt)
            self.ports.idempotency.answer(request, Answered(in_doubt.status_code, bytes(in_doubt.body).decode()))
        try:
            answered = Answered(status.value, make().model_dump_json())
        except TelephonyError as exc:
            if doubt is None or not isinstance(exc, type(doubt)):
                self.ports.idempotency.release(request, self.ports.clock.now())
            raise
        self.ports.idempotency.answer(request, answered)
        return _response(answered)


async def repeatable(
    request: Request,
    ports: Ports,
    idempotency_key: Annotated[
        str | None,
        Header(
            min_length=1,
            max_length=MAX_CHARACTERS,
            pattern="^[!-~]+$",
            description="Made up for this request. Sent again with it within a day, the request is done once and gets "
            "the first answer again: 409 while that is not known yet. Another request with it gets 422.",
        ),
    ] = None,
) -> Repeatable:
    """Return the request by what a repeat of it is known."""
    parts = (request.method.encode(), request.scope["path"].encode(), request.scope["query_string"])
    told_apart = b"\0".join((*parts, await request.body()))
    return Repeatable(ports, idempotency_key, hashlib.sha256(told_apart).hexdigest())


Once = Annotated[Repeatable, Depends(repeatable)]


def _response(answered: Answered) -> Response:
    is_problem = answered.status >= HTTPStatus.BAD_REQUEST
    return Response(answered.body, answered.status, media_type=MEDIA_TYPE if is_problem else "application/json")
