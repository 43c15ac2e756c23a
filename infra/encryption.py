"""The one key under which everything about callers is stored."""

from aws_cdk import ArnFormat, RemovalPolicy, Stack, aws_iam, aws_kms
from constructs import Construct


class Encryption(Construct):
    """A customer-managed key: rotated yearly, and kept when the stack goes, since what it locks is kept too.

    One key, not one per store: it is the account's wall that it makes, and each function's own policy says which
    stores it may open.
    """

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        self.key = aws_kms.Key(
            self,
            "Key",
            description="Ringscribe: calls, words, recordings, credentials, logs",
            enable_key_rotation=True,
            removal_policy=RemovalPolicy.RETAIN,
        )
        self.key.add_to_resource_policy(self._logs_statement())
        self.key.add_to_resource_policy(self._alarms_statement())

    def _logs_statement(self) -> aws_iam.PolicyStatement:
        """CloudWatch Logs acts for itself, not for the role that writes: the key has to name it.

        Source: CloudWatch Logs user guide, "Encrypt log data using AWS KMS".
        """
        stack = Stack.of(self)
        groups = stack.format_arn(
            service="logs", resource="log-group", resource_name="*", arn_format=ArnFormat.COLON_RESOURCE_NAME
        )
        return aws_iam.PolicyStatement(
            principals=[aws_iam.ServicePrincipal(f"logs.{stack.region}.{stack.url_suffix}")],
            actions=["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
            resources=["*"],
            conditions={"ArnLike": {"kms:EncryptionContext:aws:logs:arn": groups}},
        )

    def _alarms_statement(self) -> aws_iam.PolicyStatement:
        """Alarms and the budget publish to an encrypted topic for themselves too.

        Source: Amazon SNS developer guide, "Enable compatibility between event sources and encrypted topics".
        """
        return aws_iam.PolicyStatement(
            principals=[
                aws_iam.ServicePrincipal("cloudwatch.amazonaws.com"),
                aws_iam.ServicePrincipal("budgets.amazonaws.com"),
            ],
            actions=["kms:Decrypt", "kms:GenerateDataKey*"],
            resources=["*"],
            conditions={"StringEquals": {"aws:SourceAccount": Stack.of(self).account}},
        )
