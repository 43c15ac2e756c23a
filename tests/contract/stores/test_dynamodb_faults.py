"""What the DynamoDB stores do when the table answers half, twice, late or not at all."""

from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from typing import Any, cast

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, NoCredentialsError, ParamValidationError
from mypy_boto3_dynamodb import DynamoDBClient

from local.aws.resources import aws_session
from telephony.aws import table as schema
from telephony.aws.calls import DynamoCalls
from telephony.aws.clients import CONFIG, translated
from telephony.aws.deliveries import DynamoDeliveries
from telephony.aws.digests import DynamoDigests
from telephony.aws.dynamodb import TURNS, Table
from telephony.aws.hook_secrets import DynamoHookSecrets
from telephony.aws.links import DynamoLinks
from telephony.aws.repairs import DynamoRepairs
from telephony.aws.stores import Stores
from telephony.aws.tickets import DynamoTickets
from telephony.aws.transcripts import DynamoTranscripts
from telephony.deliveries import LEASE, Channel, Claim, DeliveryId
from telephony.errors import ConflictError, UpstreamError
from telephony.hooks import HookId
from telephony.numbers import MailboxId
from telephony.recordings import RecordingSid
from telephony.repairs import next_attempt
from telephony.streams import TicketPurpose
from tests.contract.stores.backends import NOW, any_call, any_call_sid, any_stream, any_ticket, any_utterance

Answer = dict[str, Any]
Forward = Callable[..., Answer]


class Faulty:
    """A client that answers *operation* as *fault* says, which is given the real one."""

    def __init__(self, client: DynamoDBClient, operation: str, fault: Callable[[Forward, Answer], Answer]) -> None:
        self._client = client
        self._operation = operation
        self._fault = fault
        self.asked: list[Answer] = []

    def __getattr__(self, operation: str) -> object:
        real = getattr(self._client, operation)
        if operation != self._operation:
            return real

        def answer(**request: Any) -> Answer:  # noqa: ANN401 - any of boto3's requests
            self.asked.append(request)
            return self._fault(real, request)

        return answer


def _table(client: Faulty, pauses: list[float] | None = None) -> Table:
    return Table(cast("DynamoDBClient", client), "calls", sleep=(pauses if pauses is not None else []).append)


def _takes_ten(real: Forward, request: Answer) -> Answer:
    ((name, writes),) = request["RequestItems"].items()
    real(RequestItems={name: writes[:10]})
    return {"UnprocessedItems": {name: writes[10:]} if writes[10:] else {}}


def test_what_a_batch_left_undone_is_written_after_a_pause(moto_client: DynamoDBClient) -> None:
    sid = any_call_sid()
    client = Faulty(moto_client, "batch_write_item", _takes_ten)
    pauses: list[float] = []
    said = [any_utterance(sid, start_ms) for start_ms in range(0, 60_000, 1_000)]
    DynamoTranscripts(_table(client, pauses)).save([], said)
    assert DynamoTranscripts(Table(moto_client, "calls")).transcript(sid).utterances == tuple(said)
    sizes = [len(request["RequestItems"]["calls"]) for request in client.asked]
    assert sizes == [25, 15, 5, 25, 15, 5, 10]
    assert len(pauses) == 4


def test_a_batch_that_is_never_taken_fails_after_a_bounded_time_and_no_stream_ends(moto_client: DynamoDBClient) -> None:
    client = Faulty(moto_client, "batch_write_item", lambda _, request: {"UnprocessedItems": request["RequestItems"]})
    pauses: list[float] = []
    sid = any_call_sid()
    with pytest.raises(UpstreamError, match="UnprocessedItems") as failure:
        DynamoTranscripts(_table(client, pauses)).save([any_stream(sid)], [any_utterance(sid, 0)])
    assert failure.value.retryable
    assert len(client.asked) == TURNS
    assert sum(pauses) < 4
    assert DynamoTranscripts(Table(moto_client, "calls")).transcript(sid).coverage == ()


def _answers_the_second_time(real: Forward, request: Answer) -> Answer:
    real(**request)  # it was done, and the answer was lost; boto3 asks again
    return real(**request)


def test_a_claim_whose_answer_was_lost_is_still_ours(moto_client: DynamoDBClient) -> None:
    delivery = DeliveryId(any_call_sid(), Channel.SMS, "+14155550111")
    client = Faulty(moto_client, "put_item", _answers_the_second_time)
    DynamoDeliveries(_table(client)).claim(delivery, NOW)
    with pytest.raises(ConflictError):
        DynamoDeliveries(_table(client)).claim(delivery, NOW)


def test_a_delivery_whose_taking_overs_answer_was_lost_is_still_ours(moto_client: DynamoDBClient) -> None:
    delivery = DeliveryId(any_call_sid(), Channel.SMS, "+14155550111")
    DynamoDeliveries(Table(moto_client, "calls")).claim(delivery, NOW - LEASE)
    deliveries = DynamoDeliveries(_table(Faulty(moto_client, "update_item", _answers_the_second_time)))
    assert deliveries.claim(delivery, NOW) is Claim.TAKEN_OVER
    with pytest.raises(ConflictError):
        deliveries.claim(delivery, NOW)


def test_a_digest_whose_claims_answer_was_lost_is_still_ours(moto_client: DynamoDBClient) -> None:
    mailbox, slot = MailboxId("lost"), NOW + timedelta(hours=1)
    digests = DynamoDigests(_table(Faulty(moto_client, "put_item", _answers_the_second_time)))
    digests.claim(mailbox, slot, NOW)
    with pytest.raises(ConflictError):
        digests.claim(mailbox, slot, NOW)


def test_a_secret_whose_answer_was_lost_is_the_one_that_was_kept(moto_client: DynamoDBClient) -> None:
    secrets = DynamoHookSecrets(_table(Faulty(moto_client, "put_item", _answers_the_second_time)))
    made = secrets.valid(MailboxId("lost"), HookId("crm"), NOW)
    assert DynamoHookSecrets(Table(moto_client, "calls")).valid(MailboxId("lost"), HookId("crm"), NOW) == made


def test_a_rotation_whose_answer_was_lost_is_done_once(moto_client: DynamoDBClient) -> None:
    steady = DynamoHookSecrets(Table(moto_client, "calls"))
    old = steady.issue(MailboxId("turned"), HookId("crm"))
    secrets = DynamoHookSecrets(_table(Faulty(moto_client, "put_item", _answers_the_second_time)))
    new = secrets.rotate(MailboxId("turned"), HookId("crm"), now=NOW, keep=timedelta(hours=1))
    assert steady.valid(MailboxId("turned"), HookId("crm"), NOW) == (new, old)


def test_an_attempt_to_repair_whose_answer_was_lost_is_still_ours(moto_client: DynamoDBClient) -> None:
    attempt = next_attempt(any_call_sid(), RecordingSid("RE" + "3" * 32), None, NOW)
    repairs = DynamoRepairs(_table(Faulty(moto_client, "put_item", _answers_the_second_time)))
    repairs.begin(attempt)
    with pytest.raises(ConflictError):
        repairs.begin(attempt)


def test_a_ticket_whose_claims_answer_was_lost_still_admits(moto_client: DynamoDBClient) -> None:
    ticket = any_ticket(any_call_sid())
    DynamoTickets(Table(moto_client, "calls")).issue(ticket)
    tickets = DynamoTickets(_table(Faulty(moto_client, "update_item", _answers_the_second_time)))
    assert tickets.claim(ticket.id, TicketPurpose.MEDIA, ticket.call_sid, NOW) == ticket


def _canceled(*codes: str) -> ClientError:
    error = {
        "Error": {"Code": "TransactionCanceledException", "Message": ""},
        "ResponseMetadata": {"HTTPStatusCode": 400},
        "CancellationReasons": [{"Code": code} for code in codes],
    }
    return ClientError(cast("Any", error), "TransactWriteItems")


def test_a_transaction_that_met_another_is_tried_again(moto_client: DynamoDBClient) -> None:
    conflicts = [_canceled("TransactionConflict", "None"), _canceled("None", "ThrottlingError")]

    def fault(real: Forward, request: Answer) -> Answer:
        if conflicts:
            raise conflicts.pop()
        return real(**request)

    call = any_call()
    pauses: list[float] = []
    table = _table(Faulty(moto_client, "transact_write_items", fault), pauses)
    DynamoCalls(table).begin(call, any_ticket(call.sid))
    assert DynamoCalls(table).get(call.sid) == call
    assert len(pauses) == 2


def _always(code: str) -> Callable[[Forward, Answer], Answer]:
    def fault(*_: object) -> Answer:
        raise _canceled(code, "None")

    return fault


def test_a_transaction_that_always_meets_another_fails_after_a_bounded_time(moto_client: DynamoDBClient) -> None:
    call = any_call()
    client = Faulty(moto_client, "transact_write_items", _always("TransactionConflict"))
    with pytest.raises(UpstreamError) as failure:
        DynamoCalls(_table(client)).begin(call, any_ticket(call.sid))
    assert failure.value.retryable
    assert len(client.asked) == TURNS


def test_a_transaction_that_is_wrong_in_itself_is_not_tried_again(moto_client: DynamoDBClient) -> None:
    call = any_call()
    client = Faulty(moto_client, "transact_write_items", _always("ValidationError"))
    with pytest.raises(UpstreamError) as failure:
        DynamoCalls(_table(client)).begin(call, any_ticket(call.sid))
    assert not failure.value.retryable
    assert len(client.asked) == 1


def test_of_two_who_make_a_calls_link_at_once_both_get_the_same(moto_client: DynamoDBClient) -> None:
    sid = any_call_sid()
    rival = DynamoLinks(Table(moto_client, "calls"))
    tokens: list[str] = []

    def fault(real: Forward, request: Answer) -> Answer:
        tokens.append(rival.link(sid, timedelta(days=1), NOW))
        return real(**request)

    links = DynamoLinks(_table(Faulty(moto_client, "transact_write_items", fault)))
    assert [links.link(sid, timedelta(days=1), NOW)] == tokens


def test_a_link_that_lost_to_one_already_gone_can_be_asked_for_again(moto_client: DynamoDBClient) -> None:
    client = Faulty(moto_client, "transact_write_items", _always("ConditionalCheckFailed"))
    with pytest.raises(UpstreamError) as failure:
        DynamoLinks(_table(client)).link(any_call_sid(), timedelta(days=1), NOW)
    assert failure.value.retryable


def test_a_transaction_on_a_table_that_does_not_exist_fails_at_once(moto_client: DynamoDBClient) -> None:
    call = any_call()
    with pytest.raises(UpstreamError, match="ResourceNotFoundException"):
        Stores.of(moto_client, "no-such-table").calls.begin(call, any_ticket(call.sid))


def test_a_table_that_does_not_answer_is_a_failure_that_may_pass() -> None:
    config = CONFIG.merge(Config(retries={"total_max_attempts": 1}))
    client = aws_session().client("dynamodb", endpoint_url="http://127.0.0.1:9", config=config)
    with closing(client), pytest.raises(UpstreamError) as failure:
        Stores.of(client, "calls").calls.get(any_call_sid())
    assert (failure.value.service, failure.value.retryable) == ("dynamodb", True)
    assert failure.value.__cause__ is not None


def test_a_table_that_does_not_exist_is_a_failure_that_does_not_pass(moto_client: DynamoDBClient) -> None:
    with pytest.raises(UpstreamError, match="ResourceNotFoundException") as failure:
        Stores.of(moto_client, "no-such-table").calls.get(any_call_sid())
    assert not failure.value.retryable


@pytest.mark.parametrize(
    ("code", "status", "retryable"),
    [
        ("ThrottlingException", 400, True),
        ("ProvisionedThroughputExceededException", 400, True),
        ("InternalServerError", 500, True),
        ("SlowDown", 503, True),
        ("Whatever", 502, True),
        ("AccessDeniedException", 400, False),
        ("ValidationException", 400, False),
    ],
)
def test_only_what_can_pass_is_called_retryable(code: str, status: int, *, retryable: bool) -> None:
    error = {"Error": {"Code": code, "Message": ""}, "ResponseMetadata": {"HTTPStatusCode": status}}
    with pytest.raises(UpstreamError) as failure, translated("sqs"):
        raise ClientError(cast("Any", error), "SendMessage")
    assert (failure.value.service, failure.value.code, failure.value.retryable) == ("sqs", code, retryable)


def test_missing_credentials_do_not_come_by_waiting() -> None:
    with pytest.raises(UpstreamError) as failure, translated("s3"):
        raise NoCredentialsError
    assert not failure.value.retryable


def test_a_request_that_is_wrong_is_a_bug_and_stays_one() -> None:
    with pytest.raises(ParamValidationError), translated("s3"):
        raise ParamValidationError(report="a field is missing")


def test_what_expires_carries_its_time_for_the_table_to_clear(moto_client: DynamoDBClient) -> None:
    call_sid = any_call_sid()
    ticket = any_ticket(call_sid)
    table = Table(moto_client, "calls")
    DynamoTickets(table).issue(ticket)
    token = DynamoLinks(table).link(call_sid, timedelta(days=7), NOW)
    stored = table.get(f"TICKET#{ticket.id}", "TICKET")
    assert stored is not None
    assert stored.count(schema.TTL) == int(ticket.expires_at.timestamp()) + 86_400
    for fields in (table.get(f"LINK#{token}", "LINK"), table.get(f"CALL#{call_sid}", "LINK")):
        assert fields is not None
        assert fields.count(schema.TTL) == int((NOW + timedelta(days=7)).timestamp())
