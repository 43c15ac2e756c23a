"""RecordingSource on Twilio's Recordings resource."""

import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Final
from urllib.parse import urljoin, urlsplit

import requests

from telephony.credentials import TwilioCredentials
from telephony.errors import DENIALS, NotFoundError, UpstreamError, WireError
from telephony.ports.services import SecretStore
from telephony.recordings import RecordingSid

MAX_BYTES: Final = 150_000_000
"""More than two and a half hours of Twilio's 16 kB a second, and less than a function's memory."""
MAX_REDIRECTS: Final = 3
ELSEWHERE: Final = ("https",)
"""How another host than the API's own may be asked: customers' buckets may hold the sound, and do not get the key."""
TIMEOUT_S: Final = (3, 10)
"""To connect, and between two pieces of an answer."""
PATIENCE_S: Final = 60
"""For all of it: a peer that trickles must not hold a function until its own end."""
_PIECE_BYTES: Final = 1 << 16
_HEADER_BYTES: Final = 12


class TwilioRecordings:
    """Twilio's side of recordings; see `telephony.ports.RecordingSource`.

    The address is made of the account and the recording's SID, never taken from a webhook.
    """

    def __init__(
        self, secrets: SecretStore, api_origin: str, monotonic_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._secrets = secrets
        self._api_origin = api_origin
        self._monotonic_s = monotonic_s

    def fetch(self, recording_sid: RecordingSid) -> bytes:
        """Return the recording as WAV.

        Raises: NotFoundError, WireError, UpstreamError.
        """
        credentials = self._secrets.twilio()
        try:
            return self._fetch(recording_sid, credentials)
        except UpstreamError as exc:
            is_refused = exc.code == str(HTTPStatus.UNAUTHORIZED.value)
            fresh = self._secrets.twilio(fresh=True) if is_refused else credentials
            if fresh == credentials:
                raise
            return self._fetch(recording_sid, fresh)

    def _fetch(self, recording_sid: RecordingSid, credentials: TwilioCredentials) -> bytes:
        url = f"{self._api_origin}/2010-04-01/Accounts/{credentials.account_sid}/Recordings/{recording_sid}.wav"
        give_up_at_s = self._monotonic_s() + PATIENCE_S
        try:
            with requests.Session() as session:
                for _ in range(1 + MAX_REDIRECTS):
                    with self._get(session, url, credentials) as answer:
                        if not answer.is_redirect:
                            return self._sound(answer, give_up_at_s)
                        url = urljoin(url, answer.headers["Location"])
        except ValueError as exc:  # no address at all; requests' own errors of that kind are of this one too
            raise WireError("the recording is behind a redirect to nowhere") from exc
        except requests.Timeout as exc:
            raise UpstreamError("twilio", "timeout", retryable=True) from exc
        except requests.RequestException as exc:
            raise UpstreamError("twilio", "connection", retryable=True) from exc
        raise WireError("the recording is behind too many redirects")

    def _get(self, session: requests.Session, url: str, credentials: TwilioCredentials) -> requests.Response:
        is_twilio = _origin(url) == _origin(self._api_origin)
        if not is_twilio and urlsplit(url).scheme not in ELSEWHERE:
            raise WireError("the recording is behind a redirect that is not https")
        auth = (credentials.api_key, credentials.api_secret) if is_twilio else _nobody
        return session.get(url, auth=auth, stream=True, allow_redirects=False, timeout=TIMEOUT_S)

    def _sound(self, answer: requests.Response, give_up_at_s: float) -> bytes:
        _check_status(answer.status_code)
        sound = bytearray()
        for piece in answer.iter_content(_PIECE_BYTES):
            sound += piece
            if len(sound) > MAX_BYTES:
                raise WireError("the recording is too long")
            if self._monotonic_s() > give_up_at_s:
                raise UpstreamError("twilio", "timeout", retryable=True)
        if not _is_wav(sound):
            raise WireError("the recording is not a WAV")
        return bytes(sound)


def _check_status(status: int) -> None:
    if status == HTTPStatus.NOT_FOUND:
        raise NotFoundError("recording")
    if status != HTTPStatus.OK:
        is_passing = status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR
        raise UpstreamError("twilio", str(status), retryable=is_passing, is_denied=status in DENIALS)


def _is_wav(sound: bytes | bytearray) -> bool:
    return len(sound) >= _HEADER_BYTES and sound[:4] == b"RIFF" and sound[8:12] == b"WAVE"


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme.lower(), parts.netloc.lower()


def _nobody(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Send no credentials; with none given at all, requests would look for some in ~/.netrc."""
    return request
