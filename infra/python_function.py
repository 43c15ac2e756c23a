"""A Lambda function as all of ours are."""

from collections.abc import Mapping, Sequence

from aws_cdk import Duration, RemovalPolicy, aws_iam, aws_kms, aws_lambda, aws_logs
from constructs import Construct

from infra import context
from infra.acceptance import accept


class PythonFunction(aws_lambda.Function):
    """Python 3.13 on arm64, with a role and an encrypted log group of its own.

    The role may write to that log group and do what *may* says; nothing comes with it. The environment names secrets
    and never holds one.
    """

    MEMORY_MB = 1024
    """Memory buys CPU: with half of it a cold start takes twice as long, and a caller waits for the first answer."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        code: aws_lambda.Code,
        handler: str,
        key: aws_kms.IKey,
        timeout: Duration,
        environment: Mapping[str, str],
        may: Sequence[aws_iam.PolicyStatement],
    ) -> None:
        logs = EncryptedLogs(scope, f"{construct_id}Logs", key=key)
        role = aws_iam.Role(scope, f"{construct_id}Role", assumed_by=aws_iam.ServicePrincipal("lambda.amazonaws.com"))
        super().__init__(
            scope,
            construct_id,
            code=code,
            handler=handler,
            role=role,
            runtime=aws_lambda.Runtime.PYTHON_3_13,
            architecture=aws_lambda.Architecture.ARM_64,
            memory_size=self.MEMORY_MB,
            timeout=timeout,
            environment=environment,
            log_group=logs,
            # The functions write JSON lines themselves; this makes the platform's own lines JSON too.
            logging_format=aws_lambda.LoggingFormat.JSON,
        )
        self.rights = role
        """The function's role, and all that it may do."""
        self._accept_findings()
        logs.grant_write(role)
        key.grant_encrypt_decrypt(role)
        for statement in may:
            role.add_to_policy(statement)

    def run_once(self, every: Duration) -> None:
        """Have a run that fails not be repeated by Lambda, nor made up later: the clock starts one again after *every*.

        Source: AWS Lambda developer guide, "How Lambda handles errors and retries with asynchronous invocation".
        """
        self.configure_async_invoke(retry_attempts=0, max_event_age=every)
        next_one = "the next run makes up for one that failed, and an alarm tells of two"
        accept(self, {"Serverless::Serverless-LambdaAsyncFailureDestination": next_one})

    def _accept_findings(self) -> None:
        older = "what the bundle is made for, and the tests run on"
        accept(
            self,
            {
                "AwsSolutions::AwsSolutions-L1": older,
                "Serverless::Serverless-LambdaLatestVersion": older,
                "Serverless::Serverless-LambdaDLQ": "who calls it waits for the answer, or comes again by itself",
                "Serverless::Serverless-LambdaTracing": "its library would double the time of a cold start; "
                "log lines and metrics say how long each step took",
            },
        )
        accept(self.rights, KEY_USE)


KEY_USE = dict.fromkeys(
    (
        "AwsSolutions::AwsSolutions-IAM5[Action::kms:GenerateDataKey*]",
        "AwsSolutions::AwsSolutions-IAM5[Action::kms:ReEncrypt*]",
    ),
    "what DynamoDB and S3 ask of a caller, on our one key alone",
)
"""Findings about the right to use the key, and their reason."""


RETENTION = {
    7: aws_logs.RetentionDays.ONE_WEEK,
    14: aws_logs.RetentionDays.TWO_WEEKS,
    30: aws_logs.RetentionDays.ONE_MONTH,
    90: aws_logs.RetentionDays.THREE_MONTHS,
    180: aws_logs.RetentionDays.SIX_MONTHS,
    365: aws_logs.RetentionDays.ONE_YEAR,
    731: aws_logs.RetentionDays.TWO_YEARS,
    2192: aws_logs.RetentionDays.SIX_YEARS,
}
"""What CloudWatch Logs calls the days of `infra.context.LOG_DAYS`."""


class EncryptedLogs(aws_logs.LogGroup):
    """Logs under our key, for as long as was chosen: an exception's text may quote what it should not."""

    def __init__(self, scope: Construct, construct_id: str, *, key: aws_kms.IKey) -> None:
        super().__init__(
            scope,
            construct_id,
            encryption_key=key,
            retention=RETENTION[context.log_days(scope.node)],
            removal_policy=RemovalPolicy.DESTROY,
        )
