"""What a person sees who opens the public origin in a browser: pages from a bucket that CloudFront alone reads.

The pages are put into the bucket by `make deploy` (`operations/pages.py`) and not by the stack: the construct library's
way brings a Lambda function with rights over the bucket, and 22 MB of command line, for two kilobytes of text.
"""

import json

from aws_cdk import RemovalPolicy, aws_s3
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from constructs import Construct

from infra.browser import NOT_FOUND, PAGES, addresses


class Website(Construct):
    """A private bucket with pages, and what leads to them; anything else is a page that says so, with status 404."""

    def __init__(self, scope: Construct, construct_id: str, *, access_logs: aws_s3.IBucket) -> None:
        super().__init__(scope, construct_id)
        self.bucket = aws_s3.Bucket(
            self,
            "Bucket",
            # Public pages: a key of ours would be paid for with each request, and hide nothing.
            encryption=aws_s3.BucketEncryption.S3_MANAGED,
            block_public_access=aws_s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=aws_s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            server_access_logs_bucket=access_logs,
            server_access_logs_prefix="pages/",
            # `make destroy` empties it before the stack goes.
            removal_policy=RemovalPolicy.DESTROY,
        )
        self._route = cloudfront.Function(
            self,
            "Route",
            code=cloudfront.FunctionCode.from_inline(route_code()),
            runtime=cloudfront.FunctionRuntime.JS_2_0,
            comment="Which pages there are",
        )

    def behavior(self, headers: cloudfront.IResponseHeadersPolicy) -> cloudfront.BehaviorOptions:
        """Return how CloudFront serves the pages: nothing is cached, so that a new one is seen at once."""
        return cloudfront.BehaviorOptions(
            origin=origins.S3BucketOrigin.with_origin_access_control(self.bucket),
            allowed_methods=cloudfront.AllowedMethods.ALLOW_GET_HEAD,
            cache_policy=cloudfront.CachePolicy.CACHING_DISABLED,
            viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.HTTPS_ONLY,
            response_headers_policy=headers,
            function_associations=[
                cloudfront.FunctionAssociation(
                    function=self._route, event_type=cloudfront.FunctionEventType.VIEWER_REQUEST
                )
            ],
        )


def route_code() -> str:
    """Return the code that CloudFront runs, with the pages there are and what to say where there is none."""
    code = (PAGES / "route.js").read_text(encoding="utf-8")
    missing = (PAGES / NOT_FOUND).read_text(encoding="utf-8")
    return code.replace("__PAGES__", json.dumps(list(addresses()))).replace("__NOT_FOUND__", json.dumps(missing))
