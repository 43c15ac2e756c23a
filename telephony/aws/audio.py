"""AudioStore and UploadStore on S3."""

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from telephony.aws.clients import error_code, meaning, translated
from telephony.errors import NotFoundError

if TYPE_CHECKING:  # the stubs are not shipped
    from mypy_boto3_s3 import S3Client

WAV: Final = "audio/wav"


class S3Audio:
    """Our copies of recordings; see `telephony.ports.AudioStore`. Make *client* with `clients.AUDIO_CONFIG`."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def put(self, key: str, audio: bytes, content_type: str) -> None:
        """Store *audio* over what was there."""
        with translated("s3"):
            self._client.put_object(Bucket=self._bucket, Key=key, Body=audio, ContentType=content_type)

    def get(self, key: str) -> bytes:
        """Return what was stored. Raises: NotFoundError."""
        with translated("s3"):
            try:
                return self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read()
            except ClientError as exc:
                if error_code(exc) == "NoSuchKey":
                    raise NotFoundError("audio") from exc
                raise meaning("s3", exc) from exc

    def upload_url(self, key: str, size_bytes: int, content_type: str, lifetime: timedelta) -> str:
        """Return an address to which anybody can PUT exactly so many bytes of that type until *lifetime* is over.

        Both are signed with it; S3 refuses any other.
        """
        with translated("s3"):
            return self._client.generate_presigned_url(
                "put_object",
                Params={
                    "Bucket": self._bucket,
                    "Key": key,
                    "ContentLength": size_bytes,
                    "ContentType": content_type,
                },
                ExpiresIn=int(lifetime.total_seconds()),
            )

    def url(self, key: str, lifetime: timedelta, file_name: str | None = None, *, content_type: str = WAV) -> str:
        """Return an address at which anybody can fetch it until *lifetime*, at most 7 days, is over.

        It ends sooner when the credentials that signed it do.
        """
        # What the answer is to say is signed too: whoever has the address cannot make it a page.
        saying = {"ResponseContentType": content_type}
        if file_name is not None:
            saying["ResponseContentDisposition"] = f'attachment; filename="{file_name}"'
        with translated("s3"):
            return self._client.generate_presigned_url(
                "get_object",
                Params={"Bucket": self._bucket, "Key": key, **saying},
                ExpiresIn=int(lifetime.total_seconds()),
            )
