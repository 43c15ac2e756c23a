"""What each function may do in the stores, as narrow as its work; nobody may scan or change the table itself.

Only the jobs may erase: calls and what belongs to them, and objects below some prefixes.

Nobody may delete either, but the pipeline may delete what calls are found by. The grants that the construct library has
are wider: reading alone gives Scan there, writing gives DeleteItem.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from aws_cdk import Stack, aws_dynamodb, aws_iam, aws_s3, aws_secretsmanager, aws_sns

from infra.acceptance import accept
from telephony.aws import table

ANSWER = ("dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:ConditionCheckItem")
"""To take a call and write down what Twilio reports of it; without Query, what callers said can't be found."""

FOLLOW = ("dynamodb:Query", *ANSWER)
"""To decide on a call and write down what was done."""

READ = ("dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query")

RECORDING_KEYS = "recordings/*"
"""The keys under which the pipeline stores audio."""

EXPORT_KEYS = "exports/*"
"""The keys under which the jobs write what somebody wants to take away."""

IMPORT_KEYS = "imports/*"
"""The keys under which somebody puts audio that is to become a call."""

OBJECT_KEYS = (RECORDING_KEYS, EXPORT_KEYS, IMPORT_KEYS)
PHRASE_KEYS = "greetings/*"
"""The keys under which the pipeline stores the sound of what callers are told."""


def on_table(calls: aws_dynamodb.ITable, actions: Sequence[str]) -> aws_iam.PolicyStatement:
    """Allow *actions* on the table's items, and on no index."""
    return _allow(actions, [calls.table_arn])


def read_archive(calls: aws_dynamodb.ITable) -> aws_iam.PolicyStatement:
    """Allow to list a mailbox's calls."""
    return _allow(["dynamodb:Query"], [f"{calls.table_arn}/index/{table.ARCHIVE_INDEX}"])


def list_open_calls(calls: aws_dynamodb.ITable) -> aws_iam.PolicyStatement:
    """Allow to list the calls of which more is expected, and no mailbox's."""
    own = {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": [table.OPEN]}}
    return _allow(["dynamodb:Query"], [f"{calls.table_arn}/index/{table.ARCHIVE_INDEX}"], own)


def list_what_is_due(calls: aws_dynamodb.ITable) -> aws_iam.PolicyStatement:
    """Allow to list a mailbox's calls, mailboxes with a term, erased calls to look at again, and jobs to go on with."""
    lists = [table.key(table.MAILBOX, "*"), table.KEEPING, table.ERASED, table.OPEN_JOBS]
    own = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": lists}}
    return _allow(["dynamodb:Query"], [f"{calls.table_arn}/index/{table.ARCHIVE_INDEX}"], own)


def erase_calls(calls: aws_dynamodb.ITable) -> aws_iam.PolicyStatement:
    """Allow to remove what belongs to calls, and links to them; no mailbox, no number."""
    nouns = [table.key(table.CALL, "*"), table.key(table.LINK, "*")]
    own = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": nouns}}
    return _allow(["dynamodb:DeleteItem", "dynamodb:BatchWriteItem"], [calls.table_arn], own)


def ask_for_jobs(calls: aws_dynamodb.ITable) -> aws_iam.PolicyStatement:
    """Allow to store jobs, and nothing else."""
    nouns = [table.key(table.JOB, "*"), table.key(table.JOBS, "*")]
    return _allow(["dynamodb:PutItem"], [calls.table_arn], {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": nouns}})


def issue_tickets(calls: aws_dynamodb.ITable) -> aws_iam.PolicyStatement:
    """Allow to store tickets, and nothing else.

    Source: DynamoDB developer guide, "Using IAM policy conditions for fine-grained access control".
    """
    return _allow(["dynamodb:PutItem"], [calls.table_arn], _of(table.TICKET))


def change_mailboxes(calls: aws_dynamodb.ITable) -> Sequence[aws_iam.PolicyStatement]:
    """Allow to store mailboxes and numbers, and to take numbers and readers away: nothing of a call."""
    directory = _of(table.MAILBOX, table.NUMBER, table.READER)
    return (
        _allow(["dynamodb:PutItem"], [calls.table_arn], directory),
        _allow(["dynamodb:DeleteItem"], [calls.table_arn], _of(table.NUMBER, table.READER)),
    )


def issue_hook_secrets(calls: aws_dynamodb.ITable) -> aws_iam.PolicyStatement:
    """Allow to store the secrets with which programs are told, and nothing else."""
    return _allow(["dynamodb:PutItem"], [calls.table_arn], _of(table.HOOK))


def invite_recipients(topic: aws_sns.ITopic) -> Sequence[aws_iam.PolicyStatement]:
    """Allow to see who is told by e-mail, and to ask others to agree to it: by e-mail alone, and of this topic."""
    by_email = {"StringEquals": {"sns:Protocol": "email"}}
    return (
        _allow(["sns:ListSubscriptionsByTopic"], [topic.topic_arn]),
        _allow(["sns:Subscribe"], [topic.topic_arn], by_email),
    )


def remember_requests(calls: aws_dynamodb.ITable) -> aws_iam.PolicyStatement:
    """Allow to remember what was answered, and nothing else."""
    return _allow(["dynamodb:PutItem", "dynamodb:UpdateItem"], [calls.table_arn], _of(table.IDEMPOTENCY))


def count_outgoing(calls: aws_dynamodb.ITable) -> aws_iam.PolicyStatement:
    """Allow to count the calls that mailboxes make, and nothing else."""
    return _allow(["dynamodb:PutItem", "dynamodb:UpdateItem"], [calls.table_arn], _of(table.DIALS))


def change_calls(calls: aws_dynamodb.ITable) -> aws_iam.PolicyStatement:
    """Allow to mark calls, and to ask that a message be sent again: to set these attributes of calls' items alone.

    Source: DynamoDB developer guide, "Using IAM policy conditions for fine-grained access control".
    """
    attributes = {"ForAllValues:StringEquals": {"dynamodb:Attributes": list(table.CHANGED_BY_API)}}
    return _allow(["dynamodb:UpdateItem"], [calls.table_arn], {**_of(table.CALL), **attributes})


def begin_and_pause_calls(calls: aws_dynamodb.ITable) -> aws_iam.PolicyStatement:
    """Allow to write down that a call begins or is paused: these attributes of calls' items alone, and so no words."""
    attributes = {"ForAllValues:StringEquals": {"dynamodb:Attributes": list(table.WRITTEN_BY_API)}}
    # A call that was erased is not begun again: its tombstone is looked at in the same write.
    actions = ["dynamodb:ConditionCheckItem", "dynamodb:PutItem", "dynamodb:UpdateItem"]
    return _allow(actions, [calls.table_arn], {**_of(table.CALL), **attributes})


def claim_tickets(calls: aws_dynamodb.ITable) -> aws_iam.PolicyStatement:
    """Allow to use up tickets, and nothing else."""
    return _allow(["dynamodb:UpdateItem"], [calls.table_arn], _of(table.TICKET))


def write_calls(calls: aws_dynamodb.ITable) -> aws_iam.PolicyStatement:
    """Allow to store what belongs to calls, blindly: without a right to read, what callers said can't be found."""
    return _allow(["dynamodb:PutItem", "dynamodb:BatchWriteItem"], [calls.table_arn], _of(table.CALL))


def index_words(calls: aws_dynamodb.ITable) -> aws_iam.PolicyStatement:
    """Allow to have calls found by their words, and by them no more: what else there is of a call can't be erased."""
    actions = ["dynamodb:BatchGetItem", "dynamodb:BatchWriteItem"]
    return _allow(actions, [calls.table_arn], _of(table.POSTING, table.SPELLING))


def read_recordings(bucket: aws_s3.IBucket) -> aws_iam.PolicyStatement:
    """Allow to fetch recordings, and so to sign addresses for them."""
    return _allow(["s3:GetObject"], [bucket.arn_for_objects(RECORDING_KEYS)])


def accept_recordings(role: aws_iam.Role, bucket: aws_s3.Bucket) -> None:
    """Accept that *role* may touch every recording."""
    _accept_keys(role, bucket, [RECORDING_KEYS], "a recording's key holds its SID, which nobody knows beforehand")


def keep_and_erase_objects(bucket: aws_s3.IBucket) -> Sequence[aws_iam.PolicyStatement]:
    """Allow to read, write and erase recordings, exports and imports, with their versions, and to list those."""
    objects = [bucket.arn_for_objects(keys) for keys in OBJECT_KEYS]
    prefixes = {"StringLike": {"s3:prefix": list(OBJECT_KEYS)}}
    return (
        _allow(["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:DeleteObjectVersion"], objects),
        _allow(["s3:ListBucketVersions"], [bucket.bucket_arn], prefixes),
    )


def accept_objects(role: aws_iam.Role, bucket: aws_s3.Bucket) -> None:
    """Accept that *role* may touch every recording, export and import."""
    _accept_keys(role, bucket, OBJECT_KEYS, "a key holds a SID or a job's id, which nobody knows beforehand")


def exchange_files(bucket: aws_s3.IBucket) -> Sequence[aws_iam.PolicyStatement]:
    """Allow to sign addresses from which exports are fetched, and to which imports are put."""
    return (
        _allow(["s3:GetObject"], [bucket.arn_for_objects(EXPORT_KEYS)]),
        _allow(["s3:PutObject"], [bucket.arn_for_objects(IMPORT_KEYS)]),
    )


def store_recordings(bucket: aws_s3.IBucket) -> aws_iam.PolicyStatement:
    """Allow to store recordings, not to erase them."""
    return _allow(["s3:PutObject"], [bucket.arn_for_objects(RECORDING_KEYS)])


def read_phrases(bucket: aws_s3.IBucket) -> aws_iam.PolicyStatement:
    """Allow to fetch the sound of what callers are told, and no caller's."""
    return _allow(["s3:GetObject"], [bucket.arn_for_objects(PHRASE_KEYS)])


def store_phrases(bucket: aws_s3.IBucket) -> aws_iam.PolicyStatement:
    """Allow to store the sound of what callers are told."""
    return _allow(["s3:PutObject"], [bucket.arn_for_objects(PHRASE_KEYS)])


def accept_phrases(role: aws_iam.Role, bucket: aws_s3.Bucket) -> None:
    """Accept that *role* may touch every phrase."""
    reason = "a phrase's key is the hash of its text and voice, which the owner may change at any time"
    _accept_keys(role, bucket, [PHRASE_KEYS], reason)


def read_secret(secret: aws_secretsmanager.ISecret) -> aws_iam.PolicyStatement:
    """Allow to read one secret; every function may use the key already."""
    return _allow(["secretsmanager:GetSecretValue"], [secret.secret_arn])


def _of(*nouns: str) -> Mapping[str, Any]:
    """Return the condition that only items of *nouns* are touched."""
    return {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": [table.key(noun, "*") for noun in nouns]}}


def _accept_keys(role: aws_iam.Role, bucket: aws_s3.Bucket, all_keys: Sequence[str], reason: str) -> None:
    name = Stack.of(bucket).resolve(bucket.bucket_arn)["Fn::GetAtt"][0]
    accept(role, {f"AwsSolutions::AwsSolutions-IAM5[Resource::<{name}.Arn>/{keys}]": reason for keys in all_keys})


def _allow(
    actions: Sequence[str], resources: Sequence[str], conditions: Mapping[str, Any] | None = None
) -> aws_iam.PolicyStatement:
    return aws_iam.PolicyStatement(actions=list(actions), resources=list(resources), conditions=conditions)
