"""Errors as people and programs read them: RFC 9457 problem details, by one table from our error tree."""

from http import HTTPStatus
from typing import Any, Final, assert_never

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from functions.api.auth import TokenError, TokenFault
from functions.api.preconditions import PreconditionError, UnconditionalError
from telephony.errors import (
    ConfigurationError,
    ConflictError,
    NotFoundError,
    TelephonyError,
    TicketError,
    UpstreamError,
    WireError,
)
from telephony.idempotency import KeyReusedError
from telephony.log import logger
from telephony.outgoing import MayRingError, TooManyCallsError

MEDIA_TYPE: Final = "application/problem+json"
RETRY_AFTER_S: Final = "5"


class NotAcceptableError(TelephonyError):
    """Nothing that can be answered is what the client accepts."""


_STATUS: Final[dict[type[TelephonyError], HTTPStatus]] = {
    WireError: HTTPStatus.BAD_REQUEST,
    TokenError: HTTPStatus.UNAUTHORIZED,
    TicketError: HTTPStatus.FORBIDDEN,
    NotFoundError: HTTPStatus.NOT_FOUND,
    NotAcceptableError: HTTPStatus.NOT_ACCEPTABLE,
    ConflictError: HTTPStatus.CONFLICT,
    PreconditionError: HTTPStatus.PRECONDITION_FAILED,
    UnconditionalError: HTTPStatus.PRECONDITION_REQUIRED,
    KeyReusedError: HTTPStatus.UNPROCESSABLE_ENTITY,
    TooManyCallsError: HTTPStatus.TOO_MANY_REQUESTS,
    MayRingError: HTTPStatus.GATEWAY_TIMEOUT,
    UpstreamError: HTTPStatus.SERVICE_UNAVAILABLE,
    ConfigurationError: HTTPStatus.INTERNAL_SERVER_ERROR,
    TelephonyError: HTTPStatus.INTERNAL_SERVER_ERROR,
}
_OURS: Final = HTTPStatus.INTERNAL_SERVER_ERROR  # from here on the text is for the operator's log only

COMMON_PROBLEMS: Final = (
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.INTERNAL_SERVER_ERROR,
    HTTPStatus.SERVICE_UNAVAILABLE,
)
"""What every route that needs a token may answer with."""


class Fault(BaseModel):
    """One thing that is wrong with a request."""

    model_config = ConfigDict(title="Fault")

    where: str = Field(description="Which parameter, such as `query.limit`.")
    detail: str


class Problem(BaseModel):
    """What went wrong. Source: RFC 9457."""

    model_config = ConfigDict(title="Problem")

    type: str = Field(default="about:blank", description="Always `about:blank`: the status says what it is.")
    title: str
    status: int
    detail: str | None = None
    errors: list[Fault] | None = Field(default=None, description="With status 422: each parameter that is wrong.")


def install(app: FastAPI) -> None:
    """Have *app* answer every error with a problem."""
    app.add_exception_handler(TelephonyError, _on_our_error)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http_error)


def problem(
    status: HTTPStatus,
    detail: str | None = None,
    *,
    errors: list[Fault] | None = None,
    headers: dict[str, str] | None = None,
) -> JSONResponse:
    """Return an answer that tells what went wrong."""
    body = Problem(title=status.phrase, status=status, detail=detail, errors=errors)
    return JSONResponse(body.model_dump(exclude_none=True), status_code=status, headers=headers, media_type=MEDIA_TYPE)


def documented(*statuses: HTTPStatus) -> dict[int | str, dict[str, Any]]:
    """Describe the problems a route may answer with, for the OpenAPI document."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status.value: {"description": status.phrase, "content": content} for status in statuses}


def _on_our_error(_request: Request, exc: Exception) -> JSONResponse:
    assert isinstance(exc, TelephonyError)
    return problem_of(exc)


def problem_of(exc: TelephonyError) -> JSONResponse:
    """Return what one of our errors is answered with; what is only for the operator is logged instead."""
    status = next(_STATUS[kind] for kind in type(exc).__mro__ if kind in _STATUS)
    headers: dict[str, str] = {}
    match exc:
        case TokenError():
            status = HTTPStatus.FORBIDDEN if exc.fault is TokenFault.SCOPE else status
            headers = {"WWW-Authenticate": _challenge(exc)}
        case MayRingError():  # it is logged where it happened, and its text is for whoever asked
            return problem(status, str(exc))
        case UpstreamError(retryable=True):
            headers = {"Retry-After": RETRY_AFTER_S}
        case UpstreamError():  # we were refused: that is for the operator to mend, and not by trying again
            status = HTTPStatus.INTERNAL_SERVER_ERROR
    if status >= _OURS:
        logger().error("request-failed", error=str(exc), status=status.value)
        return problem(status, headers=headers)
    return problem(status, str(exc), headers=headers)


def _challenge(exc: TokenError) -> str:
    realm = 'Bearer realm="ringscribe"'
    match exc.fault:
        case TokenFault.MISSING:  # RFC 6750: no error code when there was no token
            return realm
        case TokenFault.INVALID:
            return f'{realm}, error="{exc.fault}"'
        case TokenFault.SCOPE:
            return f'{realm}, error="{exc.fault}", scope="{exc.scope}"'
        case _:
            assert_never(exc.fault)


def _on_invalid(_request: Request, exc: Exception) -> JSONResponse:
    assert isinstance(exc, RequestValidationError)
    faults = [Fault(where=".".join(map(str, each["loc"])), detail=each["msg"]) for each in exc.errors()]
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "The request is not valid.", errors=faults)


def _on_http_error(_request: Request, exc: Exception) -> JSONResponse:
    assert isinstance(exc, HTTPException)
    return problem(HTTPStatus(exc.status_code), headers=dict(exc.headers or {}))
