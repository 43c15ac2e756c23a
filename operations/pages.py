"""Pages: what the public origin shows in a browser, put into the stack's bucket once that is there."""

from pathlib import Path
from typing import Final

from operations.stack import Cloud, Stack, plainly

ROOT: Final = Path(__file__).resolve().parent.parent
PAGES: Final = ROOT / "infra" / "pages"
NOT_FOUND: Final = "404.html"
"""CloudFront answers with it by itself."""

OUTPUT: Final = "PagesBucket"
"""Which output of the stack names the bucket."""


def put_pages(cloud: Cloud, stack: Stack) -> None:
    """Put all pages into the bucket of *stack*, over those of the last deployment. Raises: OperationError."""
    bucket, client = stack.output(OUTPUT), cloud.client("s3")
    for page in sorted(PAGES.glob("*.html")):
        if page.name != NOT_FOUND:
            with plainly("S3"):
                client.put_object(
                    Bucket=bucket, Key=page.name, Body=page.read_bytes(), ContentType="text/html; charset=utf-8"
                )
