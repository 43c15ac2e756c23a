"""What every UploadStore promises."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
import requests

from telephony.aws.audio import S3Audio
from telephony.aws.clients import AUDIO_CONFIG
from telephony.ports.uploads import UploadStore
from tests.fakes.audio import MemoryAudio

KEY = "imports/praxis/1.wav"


def _s3(aws: boto3.Session) -> S3Audio:
    client = aws.client("s3", config=AUDIO_CONFIG)
    client.create_bucket(Bucket="recordings")
    return S3Audio(client, "recordings")


@pytest.fixture(params=["memory", "s3"])
def uploads(request: pytest.FixtureRequest) -> UploadStore:
    return MemoryAudio() if request.param == "memory" else _s3(request.getfixturevalue("aws"))


def test_an_address_names_its_place_and_its_end(uploads: UploadStore) -> None:
    url = urlsplit(uploads.upload_url(KEY, 4, "audio/wav", timedelta(hours=1)))
    assert url.path.endswith(f"/{KEY}")
    assert ["3600"] in parse_qs(url.query).values()


def test_the_size_and_the_type_are_signed_so_that_s3_refuses_any_other(aws: boto3.Session) -> None:
    query = parse_qs(urlsplit(_s3(aws).upload_url(KEY, 4, "audio/wav", timedelta(hours=1))).query)
    assert query["X-Amz-SignedHeaders"] == ["content-length;content-type;host"]


def test_what_anybody_puts_there_is_there(aws: boto3.Session) -> None:
    audio = _s3(aws)
    url = audio.upload_url(KEY, 4, "audio/wav", timedelta(hours=1))
    requests.put(url, data=b"RIFF", headers={"Content-Type": "audio/wav"}, timeout=5).raise_for_status()
    assert audio.get(KEY) == b"RIFF"
