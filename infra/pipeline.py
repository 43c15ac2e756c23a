"""What follows a call: the functions that the table's stream, the follow-up queue and the clock wake.

Each must end by itself before its time is up, or what it was at is done again from the start. The worst that following
one call can take, when all that it asks answers at the last moment, or not:

    24 s  what is known of the call: 2 requests to AWS, each 3 attempts of 1 s to connect and 3 s to read
    36 s  an alarm for later, a place on the list of a digest, and a mailbox to be prepared for its next caller
   255 s  telling: 60 s until the last delivery is begun, 36 s for its link, 24 s for its claim, 37 s for 4 pages of SMS
          and 3 attempts to send, 48 s to ask each time who has opted out and to write down that somebody has, 38 s for
          its outcome, 12 s to ask for more time
   145 s  the recording: 60 s and a last read of 10 s, 63 s to store it in 3 attempts, 12 s to write down where it is
   120 s  the repair: its lease
   120 s  the index: its lease, of which it takes a second
   -----
   700 s

A program that is told takes less: 12 s for its secret, and 3 attempts of 5 s. So does a digest, which begins no claim
after 60 s, and goes out in a run that tells nobody else.

A follow-up is one call, or a mailbox whose phrases are to be spoken: each that is kept is not spoken again, should its
time be up. A batch of changes begins none after 180 s, and a sweep none after 120 s; a sweep asks Twilio
first, for 10 s, and writes down what it says: 70 s.
"""

from aws_cdk import Duration, aws_events, aws_events_targets, aws_kms, aws_lambda, aws_lambda_event_sources
from constructs import Construct

from infra import permissions
from infra.acceptance import accept
from infra.messages import Messages
from infra.origin import PublicOrigin
from infra.python_function import PythonFunction
from infra.secrets import Credentials
from infra.storage import Storage
from telephony.aws import events, table


class Pipeline(Construct):
    """Three ways to wake one piece of code: a change of a call, the end of a wait, and a call that is open for long."""

    CHANGES_LIMIT = Duration.seconds(900)
    SWEEP_LIMIT = Duration.seconds(900)
    """As long as Lambda allows, both."""

    SWEEP_EVERY = Duration.minutes(5)

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        code: aws_lambda.Code,
        key: aws_kms.IKey,
        storage: Storage,
        messages: Messages,
        credentials: Credentials,
        origin: PublicOrigin,
    ) -> None:
        super().__init__(scope, construct_id)
        self._code, self._key, self._storage, self._messages = code, key, storage, messages
        self._environment = {
            "TABLE_NAME": storage.table.table_name,
            "PUBLIC_ORIGIN": origin.url,
            "RECORDINGS_BUCKET": storage.recordings.bucket_name,
            "TOPIC_ARN": messages.topic.topic_arn,
            "FOLLOWUPS_QUEUE_URL": messages.follow_ups.queue_url,
            "TWILIO_SECRET_ARN": credentials.twilio.secret_arn,
            "DEEPGRAM_SECRET_ARN": credentials.deepgram.secret_arn,
        }
        self._may = [
            permissions.on_table(storage.table, permissions.FOLLOW),
            permissions.index_words(storage.table),
            permissions.store_recordings(storage.recordings),
            permissions.read_recordings(storage.recordings),
            permissions.store_phrases(storage.recordings),
            permissions.read_phrases(storage.recordings),
            permissions.read_secret(credentials.twilio),
            permissions.read_secret(credentials.deepgram),
        ]
        self.on_table_change = self._follower("OnTableChange", "on_table_change", self.CHANGES_LIMIT)
        self.on_table_change.add_event_source(_changes(storage, messages))
        self.on_follow_up = self._follower("OnFollowUp", "on_follow_up", Messages.FOLLOW_UP_LIMIT)
        self.on_follow_up.add_event_source(_follow_ups(messages))
        self.on_schedule = self._follower("OnSchedule", "on_schedule", self.SWEEP_LIMIT)
        self.on_schedule.add_to_role_policy(permissions.list_open_calls(storage.table))
        self._schedule()
        self._accept_findings()

    def _follower(self, construct_id: str, entry: str, limit: Duration) -> PythonFunction:
        function = PythonFunction(
            self,
            construct_id,
            code=self._code,
            handler=f"functions.pipeline.handler.{entry}",
            key=self._key,
            timeout=limit,
            environment=self._environment,
            may=self._may,
        )
        self._messages.topic.grant_publish(function)
        self._messages.follow_ups.grant_send_messages(function)
        permissions.accept_recordings(function.rights, self._storage.recordings)
        permissions.accept_phrases(function.rights, self._storage.recordings)
        return function

    def _accept_findings(self) -> None:
        names = "Lambda's poller lists the names of streams, which knows no resources"
        accept(self.on_table_change.rights, {"AwsSolutions::AwsSolutions-IAM5[Resource::*]": names})
        own = "the queue itself moves what failed too often to a queue of its own"
        accept(self.on_follow_up, {"Serverless::Serverless-LambdaEventSourceMappingDestination": own})

    def _schedule(self) -> None:
        # A run that failed is not repeated: the next one is never far. The rule's own retries are for what Lambda
        # does not take; without a word Lambda would repeat what it took, twice.
        self.on_schedule.run_once(self.SWEEP_EVERY)
        target = aws_events_targets.LambdaFunction(self.on_schedule, retry_attempts=0)
        rule = aws_events.Rule(self, "Sweep", schedule=aws_events.Schedule.rate(self.SWEEP_EVERY), targets=[target])
        accept(rule, {"Serverless::Serverless-EventBusDLQ": "a run that was missed is made up by the next one"})


def _changes(storage: Storage, messages: Messages) -> aws_lambda_event_sources.DynamoEventSource:
    wakes = [
        {name: {"S": aws_lambda.FilterRule.or_(*texts)} for name, texts in pattern.items()}
        for pattern in table.WAKES_PIPELINE
    ]
    return aws_lambda_event_sources.DynamoEventSource(
        storage.table,
        # From the oldest: what a call wrote while the first deployment was still going on must not be missed.
        starting_position=aws_lambda.StartingPosition.TRIM_HORIZON,
        # What is removed has no new image, so it wakes nobody.
        filters=[aws_lambda.FilterCriteria.filter({"dynamodb": {"NewImage": image}}) for image in wakes],
        batch_size=events.CHANGES_BATCH,
        parallelization_factor=10,  # one slow recording holds up a tenth of the calls, not all
        report_batch_item_failures=True,
        bisect_batch_on_error=True,
        retry_attempts=events.CHANGE_RETRIES,
        # An hour: after that a message would be no news, and the calls behind it would wait as long.
        max_record_age=Duration.hours(1),
        on_failure=aws_lambda_event_sources.SqsDlq(messages.failed_changes),
    )


def _follow_ups(messages: Messages) -> aws_lambda_event_sources.SqsEventSource:
    return aws_lambda_event_sources.SqsEventSource(
        messages.follow_ups,
        batch_size=events.FOLLOW_UPS_BATCH,
        max_concurrency=10,  # a burst must not take the account's Lambda capacity from the webhooks
        report_batch_item_failures=True,
    )
