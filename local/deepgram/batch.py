"""Whole recordings: `POST /v1/listen`. Source: https://developers.deepgram.com/reference/speech-to-text/listen-pre-recorded."""

import asyncio
import hashlib
import json
from collections.abc import Iterator, Sequence

import httpx

from local.deepgram.audio import Intake, read_file
from local.deepgram.hearing import Hearing
from local.deepgram.messages import Json, Located, Scribe, locate
from local.deepgram.query import ListenOptions
from local.deepgram.recogniser import SAMPLE_RATE, Pcm
from local.deepgram.redaction import Redactor
from local.deepgram.refusals import CORRUPT_AUDIO, Reason, Refusal, Refused
from local.deepgram.segmenter import Final, Segmenter
from local.deepgram.settings import Settings

MAX_REDIRECTS = 3
"""Followed on the way to a recording."""

_SLICE = SAMPLE_RATE
"""Audio cut at a time between two turns of the event loop."""
_ENDPOINT_MS = 300
"""The pause that ends a segment; a recording's own query has no say in it."""


async def read_body(body: bytes, content_type: str, settings: Settings) -> bytes:
    """Return the audio a request is about: *body* itself, or what its URL leads to.

    Raises: Refused, when the body is no such request or the URL cannot be read.
    """
    if not content_type.lower().startswith("application/json"):
        return body
    try:
        url = httpx.URL(json.loads(body)["url"])
    except (httpx.InvalidURL, KeyError, RecursionError, TypeError, ValueError) as exc:
        raise Refused(Refusal(400, Reason.BAD_REQUEST, 'Bad Request: expected {"url": "..."}.')) from exc
    if url.scheme not in {"http", "https"}:
        raise Refused(Refusal(400, Reason.BAD_REQUEST, "Bad Request: the url must be http or https."))
    return await _fetch(url, settings)


async def _fetch(url: httpx.URL, settings: Settings) -> bytes:
    # No proxy from the environment: a recording made by this machine is read from this machine.
    client = httpx.AsyncClient(follow_redirects=True, max_redirects=MAX_REDIRECTS, trust_env=False)
    body = bytearray()
    try:
        async with asyncio.timeout(settings.fetch_timeout_s), client, client.stream("GET", url) as response:
            response.raise_for_status()
            async for part in response.aiter_bytes():
                body += part
                if len(body) > settings.max_body_bytes:
                    raise _unreadable("the media is too large")
    except httpx.HTTPStatusError as exc:
        raise _unreadable(f"the remote server answered {exc.response.status_code}") from exc
    except (TimeoutError, httpx.HTTPError) as exc:
        raise _unreadable(f"the remote server could not be read ({type(exc).__name__})") from exc
    return bytes(body)


def _unreadable(why: str) -> Refused:
    return Refused(Refusal(400, Reason.REMOTE_CONTENT, f"Could not fetch the media: {why}."))


def decode_body(body: bytes, options: ListenOptions) -> list[Pcm]:
    """Return the channels of a recording at 8 kHz. Raises: Refused, when it is none."""
    if not body:
        raise Refused(CORRUPT_AUDIO)
    if options.encoding is None or body.startswith((b"RIFF", b"fLaC", b"OggS")):
        return read_file(body, separate=options.multichannel)
    intake = Intake(
        options.encoding,
        sample_rate=options.sample_rate,
        channels=options.channels,
        separate=options.multichannel,
    )
    return intake.take(body, last=True)


async def transcribe(body: bytes, options: ListenOptions, *, hearing: Hearing, scribe: Scribe) -> Json:
    """Return the response to a request about the recording *body*. Raises: Refused, when it is none."""
    tracks = decode_body(body, options)
    segmenters = hearing.segmenters(options, channels=len(tracks), interim_step_ms=None, longest_silence_ms=5_000)
    heard = [
        Redactor(options.redact).final(await _hear(pcm, segmenter, hearing))
        for pcm, segmenter in zip(tracks, segmenters, strict=True)
    ]
    results: Json = {"channels": [{"alternatives": [scribe.alternative(words)]} for words in heard]}
    if options.utterances:
        results["utterances"] = _utterances(heard, options, scribe)
    metadata = scribe.metadata(
        sha256=hashlib.sha256(body).hexdigest(), duration_s=len(tracks[0]) / SAMPLE_RATE, channels=len(tracks)
    )
    return {"metadata": metadata, "results": results}


async def _hear(pcm: Pcm, segmenter: Segmenter, hearing: Hearing) -> list[Located]:
    words: list[Located] = []
    for at in range(0, len(pcm), _SLICE):
        segmenter.feed(pcm[at : at + _SLICE])
        words += await _follow(segmenter, hearing)
        await asyncio.sleep(0)
    segmenter.finish()
    return words + await _follow(segmenter, hearing)


async def _follow(segmenter: Segmenter, hearing: Hearing) -> list[Located]:
    words: list[Located] = []
    while (event := segmenter.poll()) is not None:
        if isinstance(event, Final):
            heard = await hearing.decode(event.audio, complete=event.complete)
            segmenter.settle(event, heard)
            words += locate(heard.words, event.audio_start)
    return words


def _utterances(heard: Sequence[Sequence[Located]], options: ListenOptions, scribe: Scribe) -> list[Json]:
    """Return the utterances of all channels in the order in which they begin."""
    split = int(options.utterance_split_s * SAMPLE_RATE)
    found = [
        scribe.utterance(channel, words)
        for channel, all_words in enumerate(heard)
        for words in _split(all_words, split)
    ]
    return sorted(found, key=lambda utterance: (utterance["start"], utterance["channel"]))


def _split(words: Sequence[Located], gap: int) -> Iterator[Sequence[Located]]:
    """Yield the stretches of *words* between which there is a *gap* of so many samples."""
    first = 0
    for at in range(1, len(words)):
        if words[at].start - words[at - 1].end >= gap:
            yield words[first:at]
            first = at
    if words:
        yield words[first:]
