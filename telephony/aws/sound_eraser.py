"""SoundEraser on S3: with every version, so that nothing can be brought back."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from telephony.aws.clients import translated
from telephony.errors import UpstreamError

if TYPE_CHECKING:  # the stubs are not shipped
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ObjectIdentifierTypeDef


class S3SoundEraser:
    """Removes what is stored; see `telephony.ports.SoundEraser`. Make *client* with `clients.AUDIO_CONFIG`."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def erase(self, prefix: str) -> int:
        """Remove each version and delete marker, a page of them a request; return how many.

        Raises: UpstreamError, also if S3 removed the others and not all.
        """
        erased = 0
        for page in self._pages(prefix):
            with translated("s3"):
                answer = self._client.delete_objects(Bucket=self._bucket, Delete={"Objects": page, "Quiet": True})
            for failure in answer.get("Errors", []):
                raise UpstreamError("s3", failure.get("Code", "Unknown"), retryable=True)
            erased += len(page)
        return erased

    def count(self, prefix: str) -> int:
        """Return how many versions and delete markers there are."""
        return sum(len(page) for page in self._pages(prefix))

    def _pages(self, prefix: str) -> "Iterator[list[ObjectIdentifierTypeDef]]":
        """Yield up to a thousand at a time, which is also as many as can be removed in one request."""
        with translated("s3"):
            pages = self._client.get_paginator("list_object_versions").paginate(Bucket=self._bucket, Prefix=prefix)
            for page in pages:
                found = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
                if found:
                    yield [{"Key": each["Key"], "VersionId": each["VersionId"]} for each in found]
