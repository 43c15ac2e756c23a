"""What mailboxes and answered requests do when others come between, answers are lost, or items are from before."""

from dataclasses import replace
from typing import cast

import pytest
from mypy_boto3_dynamodb import DynamoDBClient

from telephony.aws.directory import MOST_WRITES, TURNS, DynamoDirectory
from telephony.aws.dynamodb import Table
from telephony.aws.idempotency import DynamoIdempotency
from telephony.aws.table import CONFIG, MAILBOX, NUMBER, PARTITION_KEY, SORT_KEY, key
from telephony.errors import ConflictError, NotFoundError, WireError
from telephony.idempotency import LEASE, RequestKey
from telephony.mailboxes import Mailbox
from telephony.numbers import E164, Number
from telephony.ports.stores import StoredMailbox
from tests.contract.stores.backends import NOW, any_mailbox, any_number
from tests.contract.stores.test_dynamodb_faults import Answer, Faulty, Forward

REQUEST = RequestKey("ada", "k-1")


def _table(client: Faulty) -> Table:
    pauses: list[float] = []
    return Table(cast("DynamoDBClient", client), "calls", sleep=pauses.append)


def _rivals(client: DynamoDBClient, mailbox: Mailbox, count: int) -> Faulty:
    """Return a client by which others store *mailbox* whenever it was read, so often."""
    left = [replace(mailbox, name=f"rival {number}") for number in range(count)]

    def fault(real: Forward, request: Answer) -> Answer:
        read = real(**request)
        if left:
            DynamoDirectory(Table(client, "calls")).put(left.pop(), ())
        return read

    return Faulty(client, "get_item", fault)


def test_a_mailbox_is_stored_over_what_others_store_meanwhile(moto_client: DynamoDBClient) -> None:
    mailbox = any_mailbox()
    directory = DynamoDirectory(_table(_rivals(moto_client, mailbox, TURNS - 1)))
    assert directory.put(mailbox, ()) == TURNS
    assert directory.mailbox(mailbox.id) == mailbox


def test_it_is_not_stored_over_them_for_ever_or_over_a_revision_that_was_named(moto_client: DynamoDBClient) -> None:
    for rivals, revision in ((TURNS, None), (1, 0)):
        mailbox = any_mailbox()
        with pytest.raises(ConflictError):
            DynamoDirectory(_table(_rivals(moto_client, mailbox, rivals))).put(mailbox, (), revision)


def test_a_mailbox_from_before_revisions_is_read_and_changed(moto_client: DynamoDBClient) -> None:
    directory = DynamoDirectory(Table(moto_client, "calls"))
    mailbox = any_mailbox(readers=("old-reader",))
    numbers = (Number(any_number(), mailbox.id), Number(any_number(), mailbox.id))
    directory.put(mailbox, numbers)
    moto_client.update_item(
        TableName="calls",
        Key={PARTITION_KEY: {"S": key(MAILBOX, mailbox.id)}, SORT_KEY: {"S": CONFIG}},
        UpdateExpression="REMOVE revision, readers_listed, number_values",
    )
    moto_client.delete_item(
        TableName="calls", Key={PARTITION_KEY: {"S": key(NUMBER, numbers[1].number)}, SORT_KEY: {"S": CONFIG}}
    )
    assert directory.stored(mailbox.id) == StoredMailbox(mailbox, numbers[:1], 0)
    assert directory.put(mailbox, numbers[:1], 0) == 1
    assert mailbox in directory.readable_by("old-reader", 10, None).mailboxes


def test_a_list_that_names_a_mailbox_that_is_gone_leaves_it_out(moto_client: DynamoDBClient) -> None:
    directory = DynamoDirectory(Table(moto_client, "calls"))
    mailbox = any_mailbox(readers=("reader-of-one",))
    directory.put(mailbox, ())
    moto_client.delete_item(
        TableName="calls", Key={PARTITION_KEY: {"S": key(MAILBOX, mailbox.id)}, SORT_KEY: {"S": CONFIG}}
    )
    assert directory.readable_by("reader-of-one", 10, None).mailboxes == ()


def test_more_changes_than_a_transaction_holds_are_refused(moto_client: DynamoDBClient) -> None:
    directory = DynamoDirectory(Table(moto_client, "calls"))
    mailbox = any_mailbox()
    numbers = [Number(E164(f"+1415666{number:04}"), mailbox.id) for number in range(MOST_WRITES)]
    with pytest.raises(WireError, match="too many"):
        directory.put(mailbox, numbers)
    with pytest.raises(NotFoundError):
        directory.mailbox(mailbox.id)


def _answers_the_second_time(real: Forward, request: Answer) -> Answer:
    real(**request)  # it was done, and the answer was lost; boto3 asks again
    return real(**request)


@pytest.mark.parametrize("was_claimed", [False, True])
def test_a_request_whose_claims_answer_was_lost_is_still_ours(
    moto_client: DynamoDBClient, *, was_claimed: bool
) -> None:
    request = replace(REQUEST, key=f"lost-{was_claimed}")
    if was_claimed:
        DynamoIdempotency(Table(moto_client, "calls")).claim(request, "f", NOW - LEASE)
    client = Faulty(moto_client, "put_item", _answers_the_second_time)
    assert DynamoIdempotency(_table(client)).claim(request, "f", NOW) is None
    with pytest.raises(ConflictError):
        DynamoIdempotency(_table(client)).claim(request, "f", NOW)


def test_a_request_that_another_takes_over_at_the_same_moment_is_theirs(moto_client: DynamoDBClient) -> None:
    idempotency = DynamoIdempotency(Table(moto_client, "calls"))
    idempotency.claim(REQUEST, "f", NOW - LEASE)
    turns: list[Answer] = []

    def fault(real: Forward, request: Answer) -> Answer:
        turns.append(request)
        if len(turns) == 2:  # ours was refused, and we are about to take over
            idempotency.claim(REQUEST, "f", NOW)
        return real(**request)

    with pytest.raises(ConflictError):
        DynamoIdempotency(_table(Faulty(moto_client, "put_item", fault))).claim(REQUEST, "f", NOW)


def test_a_request_that_was_there_a_moment_ago_is_being_answered(moto_client: DynamoDBClient) -> None:
    request = replace(REQUEST, key="cleared")

    def fault(real: Forward, wanted: Answer) -> Answer:
        wanted.pop("ReturnValuesOnConditionCheckFailure")  # it was cleared away before it could be shown
        return real(**wanted)

    DynamoIdempotency(Table(moto_client, "calls")).claim(request, "f", NOW)
    with pytest.raises(ConflictError):
        DynamoIdempotency(_table(Faulty(moto_client, "put_item", fault))).claim(request, "f", NOW)
