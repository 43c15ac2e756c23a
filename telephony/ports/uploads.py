"""What the domain asks of where people put files. Every method may raise UpstreamError."""

from datetime import timedelta
from typing import Protocol


class UploadStore(Protocol):
    """Files that people bring."""

    def upload_url(self, key: str, size_bytes: int, content_type: str, lifetime: timedelta) -> str:
        """Return an address to which anybody can PUT exactly so many bytes of that type until *lifetime* is over."""
        ...
