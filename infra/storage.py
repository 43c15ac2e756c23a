"""Where calls and recordings are kept."""

from aws_cdk import Duration, RemovalPolicy, aws_dynamodb, aws_kms, aws_s3
from constructs import Construct

from infra import context
from telephony.aws import table


class Storage(Construct):
    """The table and the recordings bucket: encrypted, recoverable, and kept when the stack goes."""

    def __init__(self, scope: Construct, construct_id: str, *, key: aws_kms.IKey) -> None:
        super().__init__(scope, construct_id)
        self.table = CallsTable(self, "Table", key=key)
        self.access_logs = AccessLogBucket(self, "AccessLogs")
        self.recordings = RecordingsBucket(self, "Recordings", key=key, access_logs=self.access_logs)


class CallsTable(aws_dynamodb.Table):
    """The one table, with the keys, index and stream of `telephony.aws.table`.

    Not TableV2: that one can't take a key of ours while the region is left open.
    """

    def __init__(self, scope: Construct, construct_id: str, *, key: aws_kms.IKey) -> None:
        super().__init__(
            scope,
            construct_id,
            partition_key=_text(table.PARTITION_KEY),
            sort_key=_text(table.SORT_KEY),
            billing_mode=aws_dynamodb.BillingMode.PAY_PER_REQUEST,
            time_to_live_attribute=table.TTL,
            stream=aws_dynamodb.StreamViewType[table.STREAM_VIEW],
            encryption=aws_dynamodb.TableEncryption.CUSTOMER_MANAGED,
            encryption_key=key,
            point_in_time_recovery_specification=aws_dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            deletion_protection=True,
            removal_policy=RemovalPolicy.RETAIN,
        )
        self.add_global_secondary_index(
            index_name=table.ARCHIVE_INDEX,
            partition_key=_text(table.ARCHIVE_PARTITION_KEY),
            sort_key=_text(table.ARCHIVE_SORT_KEY),
        )


class RecordingsBucket(aws_s3.Bucket):
    """Callers' voices. They stay until someone erases them, or for as long as was chosen for all of them.

    An erased recording is gone for good after KEPT_AFTER_ERASURE.
    """

    KEPT_AFTER_ERASURE = Duration.days(7)
    """For what S3 itself ends, or a person deletes; the jobs remove every version at once."""
    EXPORTS_KEPT = Duration.days(7)
    IMPORTS_KEPT = Duration.days(1)

    def __init__(self, scope: Construct, construct_id: str, *, key: aws_kms.IKey, access_logs: aws_s3.IBucket) -> None:
        days = context.recording_days(scope.node)
        super().__init__(
            scope,
            construct_id,
            encryption=aws_s3.BucketEncryption.KMS,
            encryption_key=key,
            bucket_key_enabled=True,
            block_public_access=aws_s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=aws_s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            versioned=True,
            lifecycle_rules=[
                aws_s3.LifecycleRule(
                    noncurrent_version_expiration=self.KEPT_AFTER_ERASURE,
                    abort_incomplete_multipart_upload_after=Duration.days(1),
                ),
                # S3 takes this rule only apart from one that expires objects by age.
                aws_s3.LifecycleRule(expired_object_delete_marker=True),
                # What was taken away, or brought, lies about for a while only.
                aws_s3.LifecycleRule(prefix="exports/", expiration=self.EXPORTS_KEPT),
                aws_s3.LifecycleRule(prefix="imports/", expiration=self.IMPORTS_KEPT),
                *([aws_s3.LifecycleRule(expiration=Duration.days(days))] if days else []),
            ],
            server_access_logs_bucket=access_logs,
            server_access_logs_prefix="recordings/",
            # Nobody calls before the stack stands: one that could not be made leaves no empty bucket behind.
            removal_policy=RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
        )


class AccessLogBucket(aws_s3.Bucket):
    """Who read which recording, and who came to the edge, for a year.

    Under S3's own key: the log delivery cannot use one of ours.
    Source: Amazon S3 user guide, "Enabling Amazon S3 server access logging".
    """

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(
            scope,
            construct_id,
            encryption=aws_s3.BucketEncryption.S3_MANAGED,
            block_public_access=aws_s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=aws_s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            lifecycle_rules=[aws_s3.LifecycleRule(expiration=Duration.days(365))],
            removal_policy=RemovalPolicy.RETAIN,
        )


def _text(name: str) -> aws_dynamodb.Attribute:
    return aws_dynamodb.Attribute(name=name, type=aws_dynamodb.AttributeType.STRING)
