"""What every SoundEraser promises."""

from typing import Any, cast

import boto3
import pytest
from mypy_boto3_s3 import S3Client

from telephony.aws.clients import AUDIO_CONFIG
from telephony.aws.sound_eraser import S3SoundEraser
from telephony.errors import UpstreamError
from telephony.ports.erasure import SoundEraser
from tests.fakes.audio import MemoryAudio


def _bucket(aws: boto3.Session) -> S3Client:
    client = aws.client("s3", config=AUDIO_CONFIG)
    client.create_bucket(Bucket="recordings")
    client.put_bucket_versioning(Bucket="recordings", VersioningConfiguration={"Status": "Enabled"})
    return client


@pytest.fixture(params=["memory", "s3"])
def eraser(request: pytest.FixtureRequest) -> SoundEraser:
    """Give what removes from a place with three objects, two of them below a/."""
    keys = ("recordings/a/1.wav", "recordings/a/2.wav", "recordings/ab/3.wav")
    if request.param == "memory":
        return MemoryAudio(dict.fromkeys(keys, b"RIFF"))
    client = _bucket(request.getfixturevalue("aws"))
    for key in keys:
        client.put_object(Bucket="recordings", Key=key, Body=b"RIFF")
    return S3SoundEraser(client, "recordings")


def test_what_is_below_a_prefix_is_erased_and_nothing_else(eraser: SoundEraser) -> None:
    assert eraser.count("recordings/a/") == 2
    assert eraser.erase("recordings/a/") == 2
    assert (eraser.count("recordings/a/"), eraser.count("recordings/")) == (0, 1)


def test_where_nothing_is_nothing_is_erased(eraser: SoundEraser) -> None:
    assert (eraser.erase("recordings/nobody/"), eraser.count("recordings/nobody/")) == (0, 0)


def test_old_versions_and_marks_of_deletions_go_too(aws: boto3.Session) -> None:
    client = _bucket(aws)
    for body in (b"one", b"two", b"three"):
        client.put_object(Bucket="recordings", Key="recordings/a/1.wav", Body=body)
    client.delete_object(Bucket="recordings", Key="recordings/a/1.wav")
    eraser = S3SoundEraser(client, "recordings")
    assert eraser.count("recordings/a/") == 4
    assert eraser.erase("recordings/a/") == 4
    answer = client.list_object_versions(Bucket="recordings")
    assert {"Versions", "DeleteMarkers"}.isdisjoint(answer)


class _Stubborn:
    """A client that removes nothing."""

    def __init__(self, client: S3Client) -> None:
        self._client = client

    def get_paginator(self, operation: str) -> object:
        return self._client.get_paginator(cast("Any", operation))

    def delete_objects(self, **_: object) -> dict[str, object]:
        return {"Errors": [{"Key": "recordings/a/1.wav", "Code": "SlowDown"}]}


def test_what_s3_did_not_remove_is_a_failure(aws: boto3.Session) -> None:
    client = _bucket(aws)
    client.put_object(Bucket="recordings", Key="recordings/a/1.wav", Body=b"RIFF")
    with pytest.raises(UpstreamError, match="SlowDown"):
        S3SoundEraser(cast("S3Client", _Stubborn(client)), "recordings").erase("recordings/a/")


def test_a_bucket_that_does_not_exist_is_a_failure(aws: boto3.Session) -> None:
    eraser = S3SoundEraser(aws.client("s3", config=AUDIO_CONFIG), "no-such-bucket")
    with pytest.raises(UpstreamError, match="NoSuchBucket"):
        eraser.erase("recordings/a/")
