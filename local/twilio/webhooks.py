"""Twilio as an HTTP client: signed requests to the product, with the time limits and retries that a URL asks for."""

import asyncio
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urldefrag, urlencode, urlsplit

import aiohttp
from yarl import URL

from local.twilio import urls
from local.twilio.account import Account
from local.twilio.clock import Clock
from local.twilio.events import EventLog, WebhookSent
from local.twilio.overrides import Overrides, Trouble

USER_AGENT = "TwilioProxy/1.1"
MAX_ANSWER_BYTES = 8 * 1024 * 1024
"""More than any greeting that is played needs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A 2xx answer of the product."""

    url: str
    status: int
    content_type: str
    content: bytes


class WebhookError(Exception):
    """A request that got no 2xx answer; *code* is Twilio's."""

    def __init__(self, code: int, text: str, *, url: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text
        self.url = url


class _AttemptError(Exception):
    def __init__(self, trouble: Trouble, text: str, *, status: int | None = None) -> None:
        super().__init__(text)
        self.trouble = trouble
        self.status = status


class WebhookClient:
    """Sends requests signed with *account*'s token. Its time limits are real time: the product is not accelerated."""

    def __init__(self, account: Account, clock: Clock, log: EventLog, *, same_token_on_retry: bool = False) -> None:
        self._account = account
        self._clock = clock
        self._log = log
        self._same_token_on_retry = same_token_on_retry
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Give back the connections."""
        if self._session is not None:
            await self._session.close()

    async def send(
        self, url: str, params: Mapping[str, str], *, purpose: str, method: str = "POST", call_sid: str = ""
    ) -> Answer:
        """Request *url*, again where its fragment says so, and return the answer. Raises: WebhookError."""
        target, fragment = urldefrag(url)
        if urls.scheme(target) not in ("http", "https") or not urls.is_sound(target):
            raise WebhookError(11_100, f"not an absolute http URL: {target!r}", url=target)
        overrides = Overrides.parse(fragment)
        try:
            async with asyncio.timeout(overrides.total_ms / 1_000):
                return await self._attempts(target, params, method, overrides, (purpose, call_sid))
        except TimeoutError as exc:
            raise WebhookError(11_205, f"no answer within {overrides.total_ms} ms", url=target) from exc
        except _AttemptError as exc:
            raise WebhookError(exc.trouble.code, str(exc), url=target) from exc

    async def _attempts(
        self, url: str, params: Mapping[str, str], method: str, overrides: Overrides, context: tuple[str, str]
    ) -> Answer:
        token = uuid.uuid4().hex
        for _ in range(overrides.retries):
            try:
                return await self._attempt(url, params, method, overrides, (token, *context))
            except _AttemptError as exc:
                if not overrides.retries_on(exc.trouble):
                    raise
            if not self._same_token_on_retry:
                token = uuid.uuid4().hex
        return await self._attempt(url, params, method, overrides, (token, *context))

    async def _attempt(
        self, url: str, params: Mapping[str, str], method: str, overrides: Overrides, context: tuple[str, str, str]
    ) -> Answer:
        token, purpose, call_sid = context
        began_s = time.monotonic()
        status: int | None = None
        try:
            answer = await self._exchange(url, params, method, overrides, token)
            status = answer.status
        except _AttemptError as exc:
            status = exc.status
            raise
        else:
            return answer
        finally:
            self._log.publish(
                WebhookSent(
                    at=self._clock.now(),
                    call_sid=call_sid,
                    purpose=purpose,
                    method=method,
                    path=urlsplit(url).path,
                    status=status,
                    took_ms=round((time.monotonic() - began_s) * 1_000),
                )
            )

    async def _exchange(
        self, url: str, params: Mapping[str, str], method: str, overrides: Overrides, token: str
    ) -> Answer:
        form: str | None = urlencode(params)
        if method == "GET":
            url, form = f"{url}{'&' if urlsplit(url).query else '?'}{form}" if form else url, None
        headers = {
            "Accept": "*/*",
            "I-Twilio-Idempotency-Token": token,
            "User-Agent": USER_AGENT,
            "X-Twilio-Signature": self._account.sign(url, params if method == "POST" else {}),
        }
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded; charset=UTF-8"
        timeout = aiohttp.ClientTimeout(
            total=None, sock_connect=overrides.connect_ms / 1_000, sock_read=overrides.read_ms / 1_000
        )
        try:
            async with self._http().request(
                method,
                URL(url, encoded=True),  # byte for byte what was signed
                data=form,
                headers=headers,
                timeout=timeout,
                allow_redirects=False,
            ) as response:
                return await _answer(response, url)
        except (aiohttp.ServerTimeoutError, aiohttp.ClientError) as exc:
            raise _AttemptError(_trouble(exc), f"{exc!r}") from exc
        except ValueError as exc:  # UnicodeError among them: a host that is no domain name
            raise _AttemptError(Trouble.BAD_HOST, f"{exc!r}") from exc

    def _http(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(force_close=True), cookie_jar=aiohttp.DummyCookieJar()
            )
        return self._session


async def _answer(response: aiohttp.ClientResponse, url: str) -> Answer:
    content = await response.content.read(MAX_ANSWER_BYTES + 1)
    while len(content) <= MAX_ANSWER_BYTES and (more := await response.content.read(MAX_ANSWER_BYTES)):
        content += more
    if len(content) > MAX_ANSWER_BYTES:
        raise _AttemptError(Trouble.TOO_LARGE, "the answer is too large", status=response.status)
    trouble = Trouble.of_status(response.status)
    if trouble is not None:
        raise _AttemptError(trouble, f"the answer's status is {response.status}", status=response.status)
    return Answer(url=url, status=response.status, content_type=response.content_type, content=content)


def _trouble(exc: Exception) -> Trouble:
    if isinstance(exc, aiohttp.ConnectionTimeoutError | aiohttp.ClientConnectorError):
        return Trouble.CONNECT
    if isinstance(exc, aiohttp.ServerTimeoutError):
        return Trouble.READ
    return Trouble.PROTOCOL
