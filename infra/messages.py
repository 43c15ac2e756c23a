"""What passes between the parts: the topic that tells people, and the queue of calls to look at again."""

from aws_cdk import Duration, aws_kms, aws_sns, aws_sqs
from constructs import Construct

from infra.acceptance import accept
from telephony.aws import events


class Messages(Construct):
    """The topic, the follow-up queue, and the queues where work ends that failed too often.

    Each failed kind of work has a queue of its own, so that one can be driven back to where it came from.
    The queues hold call SIDs, not what callers said; SQS encrypts them with its own key, because the topic's key
    would have to name every topic and queue in a circle.
    """

    FOLLOW_UP_LIMIT = Duration.seconds(720)
    """How long one attempt at a follow-up may take; see `infra.pipeline`."""

    def __init__(self, scope: Construct, construct_id: str, *, key: aws_kms.IKey) -> None:
        super().__init__(scope, construct_id)
        self.topic = aws_sns.Topic(self, "Topic", display_name="Ringscribe", master_key=key, enforce_ssl=True)
        self.failed_follow_ups = FailedWork(self, "FailedFollowUps")
        self.failed_changes = FailedWork(self, "FailedChanges")
        self.follow_ups = aws_sqs.Queue(
            self,
            "FollowUps",
            encryption=aws_sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            # Lambda's advice is six times the function's limit: else a throttled message shows up twice, which does no
            # harm here, while one that failed would have to wait for an hour.
            visibility_timeout=self.FOLLOW_UP_LIMIT.plus(Duration.seconds(60)),
            retention_period=Duration.days(4),
            dead_letter_queue=aws_sqs.DeadLetterQueue(
                queue=self.failed_follow_ups,
                max_receive_count=events.FOLLOW_UP_ATTEMPTS,
            ),
        )


class FailedWork(aws_sqs.Queue):
    """Work that was given up, kept for two weeks, as long as SQS can, for somebody to look at."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(
            scope,
            construct_id,
            encryption=aws_sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=Duration.days(14),
        )
        end = "this is where work ends that failed too often; an alarm says that it did"
        accept(self, {"AwsSolutions::AwsSolutions-SQS3": end, "Serverless::Serverless-SQSRedrivePolicy": end})
