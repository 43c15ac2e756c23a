"""What every AudioStore promises."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
import requests

from telephony.aws.audio import S3Audio
from telephony.aws.clients import AUDIO_CONFIG
from telephony.errors import NotFoundError, UpstreamError
from telephony.ports.stores import AudioStore
from tests.fakes.audio import MemoryAudio

MINUTES = timedelta(minutes=5)
SOUND = b"RIFF\x00\xff" * 1_000


def _s3(aws: boto3.Session) -> S3Audio:
    client = aws.client("s3", config=AUDIO_CONFIG)
    client.create_bucket(Bucket="recordings")
    return S3Audio(client, "recordings")


@pytest.fixture(params=["memory", "s3"])
def audio(request: pytest.FixtureRequest) -> AudioStore:
    return MemoryAudio() if request.param == "memory" else _s3(request.getfixturevalue("aws"))


def test_audio_comes_back_as_it_was_stored_last(audio: AudioStore) -> None:
    audio.put("recordings/ü 1.wav", b"old", "audio/wav")
    audio.put("recordings/ü 1.wav", SOUND, "audio/wav")
    assert audio.get("recordings/ü 1.wav") == SOUND


def test_audio_that_is_not_there_is_not_found(audio: AudioStore) -> None:
    with pytest.raises(NotFoundError):
        audio.get("recordings/nobody.wav")


def test_an_address_names_its_audio_and_its_end(audio: AudioStore) -> None:
    audio.put("recordings/a.wav", SOUND, "audio/wav")
    url = urlsplit(audio.url("recordings/a.wav", timedelta(minutes=5)))
    assert url.scheme == "https"
    assert url.path.endswith("/recordings/a.wav")
    assert ["300"] in parse_qs(url.query).values()


def test_anybody_can_fetch_s3s_address(aws: boto3.Session) -> None:
    audio = _s3(aws)
    audio.put("recordings/a.wav", SOUND, "audio/wav")
    answer = requests.get(audio.url("recordings/a.wav", timedelta(minutes=5)), timeout=5)
    assert (answer.content, answer.headers["Content-Type"]) == (SOUND, "audio/wav")


def test_a_range_of_it_can_be_asked_for_and_it_plays_or_is_kept(aws: boto3.Session) -> None:
    audio = _s3(aws)
    audio.put("recordings/a.wav", SOUND, "binary/octet-stream")
    played = requests.get(audio.url("recordings/a.wav", MINUTES), headers={"Range": "bytes=4-7"}, timeout=5)
    kept = requests.get(audio.url("recordings/a.wav", MINUTES, "monday.wav"), timeout=5)
    lines = requests.get(audio.url("recordings/a.wav", MINUTES, content_type="application/x-ndjson"), timeout=5)
    assert (played.status_code, played.content) == (206, SOUND[4:8])
    assert played.headers["Content-Range"] == f"bytes 4-7/{len(SOUND)}"
    assert played.headers["Content-Type"] == "audio/wav"
    assert "Content-Disposition" not in played.headers
    assert kept.headers["Content-Disposition"] == 'attachment; filename="monday.wav"'
    assert lines.headers["Content-Type"] == "application/x-ndjson"


def test_a_bucket_that_does_not_exist_is_a_failure_and_no_missing_audio(aws: boto3.Session) -> None:
    audio = S3Audio(aws.client("s3", config=AUDIO_CONFIG), "no-such-bucket")
    with pytest.raises(UpstreamError, match="NoSuchBucket"):
        audio.get("recordings/a.wav")
    with pytest.raises(UpstreamError, match="NoSuchBucket"):
        audio.put("recordings/a.wav", SOUND, "audio/wav")
