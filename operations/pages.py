"""Pages: what the public origin shows in a browser, put into the stack's bucket once that is there."""

from typing import Final

from infra.browser import addresses
from operations.stack import Cloud, Stack, plainly

OUTPUT: Final = "PagesBucket"
"""Which output of the stack names the bucket."""


def put_pages(cloud: Cloud, stack: Stack) -> None:
    """Put all pages into the bucket of *stack*, over those of the last deployment. Raises: OperationError."""
    bucket, client = stack.output(OUTPUT), cloud.client("s3")
    for page in addresses().values():
        with plainly("S3"):
            client.put_object(
                Bucket=bucket, Key=page.name, Body=page.read_bytes(), ContentType="text/html; charset=utf-8"
            )
