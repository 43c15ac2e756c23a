"""What takes long or erases: the queue of jobs, and the two functions that work on them.

A run works on a job for two minutes, then puts it back; a step of it erases ten calls, for each of which Twilio is
asked four times and may take five seconds, or writes one part of an export, or indexes one call, for which it has two
minutes at the most. So a run ends well within its ten minutes,
which are also the lease of a job: whoever is left with one after that has died.
"""

from aws_cdk import Duration, aws_events, aws_events_targets, aws_kms, aws_lambda, aws_lambda_event_sources, aws_sqs
from constructs import Construct

from infra import permissions
from infra.acceptance import accept
from infra.messages import FailedWork
from infra.python_function import PythonFunction
from infra.secrets import Credentials
from infra.storage import Storage
from telephony.jobs import MESSAGE_ATTEMPTS


class JobQueue(Construct):
    """Which jobs are to go on; it holds their ids and nothing else."""

    RUN_LIMIT = Duration.seconds(600)

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        self.failed = FailedWork(self, "Failed")
        self.queue = aws_sqs.Queue(
            self,
            "Waiting",
            encryption=aws_sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            visibility_timeout=self.RUN_LIMIT.plus(Duration.seconds(60)),
            retention_period=Duration.days(4),
            dead_letter_queue=aws_sqs.DeadLetterQueue(queue=self.failed, max_receive_count=MESSAGE_ATTEMPTS),
        )


class Jobs(Construct):
    """The only functions that may erase: calls, recordings with all their versions, exports."""

    ROUNDS_EVERY = Duration.minutes(15)

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        code: aws_lambda.Code,
        key: aws_kms.IKey,
        storage: Storage,
        queue: JobQueue,
        credentials: Credentials,
    ) -> None:
        super().__init__(scope, construct_id)

        def function(construct_id: str, entry: str) -> PythonFunction:
            made = PythonFunction(
                self,
                construct_id,
                code=code,
                handler=f"functions.jobs.handler.{entry}",
                key=key,
                timeout=JobQueue.RUN_LIMIT,
                environment={
                    "TABLE_NAME": storage.table.table_name,
                    "RECORDINGS_BUCKET": storage.recordings.bucket_name,
                    "JOBS_QUEUE_URL": queue.queue.queue_url,
                    "TWILIO_SECRET_ARN": credentials.twilio.secret_arn,
                },
                may=[
                    permissions.on_table(storage.table, permissions.FOLLOW),
                    permissions.list_what_is_due(storage.table),
                    permissions.erase_calls(storage.table),
                    permissions.index_words(storage.table),
                    *permissions.keep_and_erase_objects(storage.recordings),
                    permissions.read_secret(credentials.twilio),
                ],
            )
            queue.queue.grant_send_messages(made)
            permissions.accept_objects(made.rights, storage.recordings)
            return made

        self.on_job = function("OnJob", "on_job")
        source = aws_lambda_event_sources.SqsEventSource(
            queue.queue,
            batch_size=1,  # each takes all the time there is
            max_concurrency=5,  # what may take long must not take the account's Lambda capacity from the webhooks
            report_batch_item_failures=True,
        )
        self.on_job.add_event_source(source)
        own = "the queue itself moves what failed too often to a queue of its own"
        accept(self.on_job, {"Serverless::Serverless-LambdaEventSourceMappingDestination": own})
        self.on_schedule = function("OnSchedule", "on_schedule")
        self._schedule()

    def _schedule(self) -> None:
        self.on_schedule.run_once(self.ROUNDS_EVERY)
        target = aws_events_targets.LambdaFunction(self.on_schedule, retry_attempts=0)
        rate = aws_events.Schedule.rate(self.ROUNDS_EVERY)
        rule = aws_events.Rule(self, "Rounds", schedule=rate, targets=[target])
        accept(rule, {"Serverless::Serverless-EventBusDLQ": "a run that was missed is made up by the next one"})
