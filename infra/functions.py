"""The two Lambda functions behind the HTTP API."""

from aws_cdk import Duration, aws_kms, aws_lambda
from constructs import Construct

from infra import permissions
from infra.context import SignIn
from infra.jobs import JobQueue
from infra.messages import Messages
from infra.origin import PublicOrigin
from infra.python_function import PythonFunction
from infra.secrets import Credentials
from infra.storage import Storage


class Webhooks(PythonFunction):
    """Answers Twilio. It can write down what happens to calls; it can neither hear a recording nor tell anybody."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        code: aws_lambda.Code,
        key: aws_kms.IKey,
        storage: Storage,
        credentials: Credentials,
        origin: PublicOrigin,
        has_streamer: bool,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            code=code,
            handler="functions.webhooks.handler.handler",
            key=key,
            timeout=Duration.seconds(10),  # Twilio hangs up on us after 15 s: time for its fallback must be left
            environment={
                "TABLE_NAME": storage.table.table_name,
                "PUBLIC_ORIGIN": origin.url,
                "MEDIA_URL": origin.media_url,
                "TWILIO_SECRET_ARN": credentials.twilio.secret_arn,
                "RECORDINGS_BUCKET": storage.recordings.bucket_name,
                "HAS_STREAMER": str(has_streamer).lower(),
            },
            may=[
                permissions.on_table(storage.table, permissions.ANSWER),
                permissions.read_secret(credentials.twilio),
                permissions.read_phrases(storage.recordings),
            ],
        )
        permissions.accept_phrases(self.rights, storage.recordings)


class Api(PythonFunction):
    """Lets people and programs read and change what is theirs, ask for jobs, pause calls and ring somebody.

    It writes no words, and erases nothing of a call.
    """

    def __init__(  # noqa: PLR0913 - what it stands on, each by its name
        self,
        scope: Construct,
        construct_id: str,
        *,
        code: aws_lambda.Code,
        key: aws_kms.IKey,
        storage: Storage,
        messages: Messages,
        jobs: JobQueue,
        credentials: Credentials,
        origin: PublicOrigin,
        sign_in: SignIn,
        has_streamer: bool,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            code=code,
            handler="functions.api.handler.handler",
            key=key,
            timeout=Duration.seconds(15),
            environment={
                "TABLE_NAME": storage.table.table_name,
                "RECORDINGS_BUCKET": storage.recordings.bucket_name,
                "TOPIC_ARN": messages.topic.topic_arn,
                "JOBS_QUEUE_URL": jobs.queue.queue_url,
                "CAPTIONS_URL": origin.captions_url,
                "PUBLIC_ORIGIN": origin.url,
                "MEDIA_URL": origin.media_url,
                "TWILIO_SECRET_ARN": credentials.twilio.secret_arn,
                "HAS_STREAMER": str(has_streamer).lower(),
                "JWT_ISSUER": sign_in.issuer,
                "JWT_AUDIENCE": " ".join(sign_in.audiences),
                "JWKS_URL": sign_in.jwks_url,
            },
            may=[
                permissions.on_table(storage.table, permissions.READ),
                permissions.read_archive(storage.table),
                permissions.issue_tickets(storage.table),
                permissions.change_calls(storage.table),
                permissions.remember_requests(storage.table),
                *permissions.change_mailboxes(storage.table),
                permissions.issue_hook_secrets(storage.table),
                *permissions.invite_recipients(messages.topic),
                permissions.ask_for_jobs(storage.table),
                permissions.begin_and_pause_calls(storage.table),
                permissions.count_outgoing(storage.table),
                permissions.read_secret(credentials.twilio),
                permissions.read_recordings(storage.recordings),
                *permissions.exchange_files(storage.recordings),
            ],
        )
        jobs.queue.grant_send_messages(self)
        permissions.accept_objects(self.rights, storage.recordings)
