"""CloudFront's access log, without what must not be written down."""

from aws_cdk import Aws, CfnCondition, Fn, Stack, aws_cloudfront, aws_iam, aws_logs, aws_s3
from constructs import Construct

from infra.context import FIREWALL_REGION

FIELDS = (
    "timestamp(ms)",
    "x-edge-location",
    "x-edge-request-id",
    "x-edge-result-type",
    "x-edge-detailed-result-type",
    "c-ip",
    "cs-method",
    "cs-protocol",
    "sc-status",
    "sc-bytes",
    "cs-bytes",
    "time-taken",
    "time-to-first-byte",
    "ssl-protocol",
    "ssl-cipher",
)
"""Neither path, query, referrer nor cookies: a path may hold the token that opens a message, a query a number."""


class EdgeLog(Construct):
    """Log lines to the bucket *bucket*, if the stack is in the one region where CloudFront's log can be set up.

    Elsewhere the HTTP API's access log and the streamer's log are what there is.
    Source: CloudFront developer guide, "Configure standard logging (v2)".
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        distribution: aws_cloudfront.Distribution,
        bucket: aws_s3.Bucket,
    ) -> None:
        super().__init__(scope, construct_id)
        stack = Stack.of(self)
        name = f"{stack.stack_name}-edge"
        source = aws_logs.CfnDeliverySource(
            self, "Source", name=name, log_type="ACCESS_LOGS", resource_arn=distribution.distribution_arn
        )
        destination = aws_logs.CfnDeliveryDestination(
            self, "Destination", name=name, destination_resource_arn=bucket.bucket_arn, output_format="json"
        )
        delivery = aws_logs.CfnDelivery(
            self,
            "Delivery",
            delivery_source_name=source.name,
            delivery_destination_arn=destination.attr_arn,
            record_fields=list(FIELDS),
        )
        delivery.add_resource_dependency(source)
        here = CfnCondition(self, "Here", expression=Fn.condition_equals(Aws.REGION, FIREWALL_REGION))
        for each in (source, destination, delivery):
            each.cfn_options.condition = here
        sources = f"arn:{stack.partition}:logs:{FIREWALL_REGION}:{stack.account}:delivery-source:*"
        bucket.add_to_resource_policy(
            aws_iam.PolicyStatement(
                principals=[aws_iam.ServicePrincipal("delivery.logs.amazonaws.com")],
                actions=["s3:PutObject"],
                resources=[bucket.arn_for_objects(f"AWSLogs/{stack.account}/CloudFront/*")],
                conditions={
                    "StringEquals": {
                        "aws:SourceAccount": stack.account,
                        "s3:x-amz-acl": "bucket-owner-full-control",
                    },
                    "ArnLike": {"aws:SourceArn": sources},
                },
            )
        )
