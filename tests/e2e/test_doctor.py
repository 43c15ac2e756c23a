"""The doctor on the whole product: nothing is wrong with it, and each fault is found and named with its remedy."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio
from websockets.asyncio.server import ServerConnection, serve

from local.aws.resources import aws_session
from local.deepgram.faults import Faults
from local.house import OUR_NUMBER, OWNER_EMAIL, House, Plan, open_house
from operations.checks.door import check_certificate
from operations.checks.finding import Finding
from operations.checks.instruments import WAIT_S, Instruments
from operations.deployment import Deployment
from operations.doctor import examine
from operations.stack import Cloud
from operations.subscriptions import subscriptions
from operations.vendors import Origins
from telephony.aws.clients import CONFIG
from telephony.aws.directory import DynamoDirectory
from telephony.aws.dynamodb import Table
from telephony.aws.number_memory import DynamoNumberMemory
from telephony.aws.secrets import SecretsManagerSecrets
from telephony.aws.tickets import DynamoTickets
from telephony.errors import UpstreamError
from telephony.mailboxes import Mailbox
from telephony.numbers import E164, MailboxId, Number
from telephony.pointing import Pointer
from telephony.rest.numbers import TwilioNumbers
from tests.fakes.table import MemoryTable
from tests.unit.local_twilio.product import Reply, Webhooks

pytestmark = pytest.mark.asyncio(loop_scope="module")

NOT_HTTPS = Finding("certificate", "the public origin is not https", "deploy without the flag publicOrigin")
CLOSED = "127.0.0.1:1"


@dataclass(frozen=True, slots=True)
class Practice:
    """The house, and what it is looked at with."""

    house: House
    instruments: Instruments

    async def wrong(self, **changes: object) -> dict[str, Finding]:
        """Return what is found to be wrong with other instruments, but for what is wrong with any house."""
        return await self._wrong(replace(self.instruments, **changes))  # type: ignore[arg-type] # a test's own fields

    async def wrong_with(self, **changes: object) -> dict[str, Finding]:
        """The same with another deployment."""
        deployment = replace(self.instruments.deployment, **changes)  # type: ignore[arg-type] # a test's own fields
        return await self._wrong(replace(self.instruments, deployment=deployment))

    async def _wrong(self, instruments: Instruments) -> dict[str, Finding]:
        findings = await asyncio.to_thread(examine, instruments)
        assert NOT_HTTPS in findings
        found = {each.subject: each for each in findings if not each.is_ok and each != NOT_HTTPS}
        assert all(each.mend for each in found.values())
        return found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def practice() -> AsyncIterator[Practice]:
    async with open_house(Plan(recogniser="stamped", with_pipeline=False)) as house:
        session, made = aws_session(), house.resources
        at = {"endpoint_url": house.aws_endpoint, "config": CONFIG}
        secrets = SecretsManagerSecrets(
            session.client("secretsmanager", **at),  # type: ignore[call-overload] # these arguments fit any client
            twilio_arn=made.twilio_secret_arn,
            deepgram_arn=made.deepgram_secret_arn,
        )
        table = Table(session.client("dynamodb", **at), made.table_name)  # type: ignore[call-overload] # see above
        origins = Origins(house.twilio.base_url, house.deepgram.base_url)
        pointer = Pointer(TwilioNumbers(secrets, origins.twilio), DynamoNumberMemory(table), house.origin)
        await asyncio.to_thread(pointer.point, OUR_NUMBER)
        with httpx.Client(timeout=WAIT_S) as http:
            deployment = Deployment(
                public_origin=house.origin,
                media_url=house.environment["MEDIA_URL"],
                table_name=made.table_name,
                topic_arn=made.topic_arn,
                twilio_secret_arn=made.twilio_secret_arn,
                deepgram_secret_arn=made.deepgram_secret_arn,
                numbers=(OUR_NUMBER,),
            )
            yield Practice(
                house,
                Instruments(
                    deployment=deployment,
                    twilio=await asyncio.to_thread(secrets.twilio),
                    deepgram=await asyncio.to_thread(secrets.deepgram),
                    directory=DynamoDirectory(table),
                    tickets=DynamoTickets(table),
                    pointer=pointer,
                    subscriptions=lambda: subscriptions(_LocalCloud(session, house.aws_endpoint), made.topic_arn),
                    concurrent_executions=lambda: 1_000,
                    now=lambda: datetime.now(UTC),
                    http=http,
                    origins=origins,
                ),
            )
        assert house.twilio.messages == []


class _LocalCloud(Cloud):
    """AWS on this machine."""

    def __init__(self, session: object, endpoint: str) -> None:
        super().__init__(session)  # type: ignore[arg-type] # boto3's session
        self._endpoint = endpoint

    def client(self, service: str) -> object:
        make: object = self.session.client
        return make(service, endpoint_url=self._endpoint, config=CONFIG)  # type: ignore[operator] # boto3's own


async def test_nothing_is_wrong_with_the_product_but_that_it_is_not_https(practice: Practice) -> None:
    assert await practice.wrong() == {}


async def test_looking_leaves_nothing_but_a_ticket_that_was_used_and_lets_nobody_in(practice: Practice) -> None:
    before = await _items(practice)
    assert await practice.wrong() == {}
    (ticket,) = [each for each in await _items(practice) if each not in before]
    assert ticket["pk"]["S"].startswith("TICKET#")
    assert ticket["tracks"] == {"L": []}
    assert ticket["used_by"]["S"]
    assert int(ticket["ttl"]["N"]) < (datetime.now(UTC) + timedelta(days=2)).timestamp()


async def _items(practice: Practice) -> list[dict[str, Any]]:
    with closing(aws_session().client("dynamodb", endpoint_url=practice.house.aws_endpoint, config=CONFIG)) as client:
        return (await asyncio.to_thread(client.scan, TableName=practice.house.resources.table_name))["Items"]


async def test_looking_opens_no_stream_at_deepgram(practice: Practice) -> None:
    assert await practice.wrong() == {}
    assert (await practice.house.deepgram.state()).streams == 0


async def test_a_streamer_that_uses_another_table_is_found(practice: Practice) -> None:
    wrong = await practice.wrong(tickets=MemoryTable().tickets)
    assert list(wrong) == ["media stream with a good ticket"]
    assert "issued a moment ago is closed with 1008, in place of 1000" in wrong["media stream with a good ticket"].wrong


@pytest.mark.parametrize(
    ("answer", "words"),
    [(None, "issued is closed with 1000, in place of 1008"), ("welcome", "issued is not closed, in place of 1008")],
)
async def test_somebody_who_answers_for_the_streamer_is_found_and_shown_no_good_ticket(
    practice: Practice, answer: str | None, words: str
) -> None:
    async def take_all(peer: ServerConnection) -> None:
        async for message in peer:
            if answer is not None:
                await peer.send(answer)
            elif '"start"' in str(message):
                return

    async with serve(take_all, "127.0.0.1", 0) as impostor:
        port = impostor.sockets[0].getsockname()[1]
        wrong = await practice.wrong_with(media_url=f"ws://127.0.0.1:{port}/media")
    assert list(wrong) == ["media stream without a signature", "media stream"]
    assert "lets in whoever comes" in wrong["media stream without a signature"].wrong
    assert words in wrong["media stream"].wrong


async def test_a_ticket_that_could_not_be_issued_is_found(practice: Practice) -> None:
    class Closed:
        def issue(self, ticket: object) -> None:
            raise UpstreamError("dynamodb", "AccessDeniedException", retryable=False)

    wrong = await practice.wrong(tickets=Closed())
    assert list(wrong) == ["media stream with a good ticket"]
    assert "AccessDeniedException" in wrong["media stream with a good ticket"].wrong


async def test_an_origin_that_does_not_answer_is_found(practice: Practice) -> None:
    wrong = await practice.wrong_with(public_origin=f"http://{CLOSED}")
    assert "does not answer" in wrong["public origin"].wrong
    assert "does not answer" in wrong["webhooks"].wrong


async def test_an_origin_that_leads_elsewhere_is_found(practice: Practice) -> None:
    elsewhere = Webhooks()
    elsewhere.on("/api/health", Reply(status=404))
    async with elsewhere.running():
        wrong = await practice.wrong_with(public_origin=elsewhere.base_url)
    assert "/api/health answers 404" in wrong["public origin"].wrong


async def test_webhooks_that_take_what_nobody_signed_are_found(practice: Practice) -> None:
    careless = Webhooks()
    careless.on("/twilio/status", Reply("", status=204))
    async with careless.running():
        wrong = await practice.wrong_with(public_origin=careless.base_url)
    assert "strangers can report calls" in wrong["webhooks without a signature"].wrong
    assert "webhooks" not in wrong


async def test_webhooks_that_fail_are_found(practice: Practice) -> None:
    failing = Webhooks()
    failing.on("/twilio/status", Reply("", status=500))
    async with failing.running():
        wrong = await practice.wrong_with(public_origin=failing.base_url)
    assert "answers 500 to a signed request" in wrong["webhooks"].wrong


async def test_an_auth_token_that_is_not_the_products_is_found_at_every_door(practice: Practice) -> None:
    wrong = await practice.wrong(twilio=replace(practice.instruments.twilio, auth_tokens=("another",)))
    assert "refuses a request with a good signature" in wrong["webhooks"].wrong
    assert "refuses a good signature" in wrong["media stream"].wrong
    assert wrong["Twilio credentials"].wrong == "Twilio refuses the account SID with the auth token"


async def test_an_api_key_that_twilio_refuses_is_found(practice: Practice) -> None:
    wrong = await practice.wrong(twilio=replace(practice.instruments.twilio, api_secret="another"))
    assert wrong["Twilio credentials"].wrong == "Twilio refuses the API key with its secret"


async def test_a_streamer_that_is_not_there_is_found(practice: Practice) -> None:
    wrong = await practice.wrong_with(media_url=f"ws://{CLOSED}/media")
    assert "cannot be opened" in wrong["media stream"].wrong
    assert "in place of 403" in wrong["media stream without a signature"].wrong


@pytest.mark.parametrize(
    ("status", "words"), [(502, "nobody stands behind"), (503, "full, or stopping"), (404, "answers 404")]
)
async def test_what_stands_before_a_streamer_that_is_not_there_is_found(
    practice: Practice, status: int, words: str
) -> None:
    gateway = Webhooks()
    gateway.on("/media", Reply("", status=status))
    async with gateway.running():
        wrong = await practice.wrong_with(media_url=f"{gateway.base_url.replace('http', 'ws', 1)}/media")
    assert words in wrong["media stream"].wrong


async def test_without_a_streamer_none_is_looked_for(practice: Practice) -> None:
    assert await practice.wrong_with(media_url=None) == {}


@pytest.mark.parametrize(
    ("status", "words"), [(401, "refuses the API key"), (402, "no credit left"), (429, "too many streams")]
)
async def test_a_deepgram_that_would_not_transcribe_is_found(practice: Practice, status: int, words: str) -> None:
    await practice.house.deepgram.order(Faults(refuse_posts=1, refuse_status=status))
    wrong = await practice.wrong()
    assert words in wrong["Deepgram"].wrong


async def test_a_deepgram_that_cannot_be_reached_is_found(practice: Practice) -> None:
    wrong = await practice.wrong(origins=Origins(practice.house.twilio.base_url, f"http://{CLOSED}"))
    assert "cannot be reached" in wrong["Deepgram"].wrong


@pytest.mark.parametrize(
    ("addresses", "words"),
    [
        ({"voice_url": "https://elsewhere.example.com/voice"}, "go to https://elsewhere.example.com/voice"),
        ({"voice_url": ""}, "asks nobody"),
        ({"voice_fallback_url": ""}, "fallback, status or SMS address is not ours"),
    ],
)
async def test_a_number_that_asks_somebody_else_is_found_and_can_be_mended(
    practice: Practice, addresses: Mapping[str, str], words: str
) -> None:
    own = practice.house.twilio.numbers[OUR_NUMBER]
    for name, value in addresses.items():
        setattr(own, name, value)
    wrong = await practice.wrong()
    assert words in wrong[OUR_NUMBER].wrong
    await asyncio.to_thread(practice.instruments.pointer.point, OUR_NUMBER)
    assert await practice.wrong() == {}


async def test_a_number_that_is_not_the_accounts_is_found(practice: Practice) -> None:
    wrong = await practice.wrong_with(numbers=(E164("+15005550009"),))
    assert "is not a number of this Twilio account" in wrong["+15005550009"].wrong
    assert "callers hear an apology" in wrong["mailbox of +15005550009"].wrong


async def test_a_deployment_without_numbers_is_found(practice: Practice) -> None:
    assert "no number points at us" in (await practice.wrong_with(numbers=()))["numbers"].wrong


async def test_an_address_that_has_not_confirmed_or_was_never_asked_is_found(practice: Practice) -> None:
    subject = f"mailbox reception, {OWNER_EMAIL}"
    assert "has not confirmed" in (await practice.wrong(subscriptions=lambda: {OWNER_EMAIL: False}))[subject].wrong
    assert "is not subscribed" in (await practice.wrong(subscriptions=dict))[subject].wrong


async def test_a_mailbox_of_which_nobody_is_told_is_found(practice: Practice) -> None:
    silent, number = Mailbox(MailboxId("silent"), "Silent"), E164("+15005550008")
    await asyncio.to_thread(practice.instruments.directory.put, silent, [Number(number, silent.id)])
    wrong = await practice.wrong_with(numbers=(number,))
    assert "nobody is told" in wrong["mailbox silent"].wrong


@pytest.mark.parametrize(("minutes", "word"), [(10, "ahead"), (-10, "behind")])
async def test_a_clock_that_is_off_is_found(practice: Practice, minutes: int, word: str) -> None:
    wrong = await practice.wrong(now=lambda: datetime.now(UTC) + timedelta(minutes=minutes))
    assert word in wrong["clock"].wrong


async def test_what_could_not_be_looked_at_is_found_and_the_rest_still_looked_at(practice: Practice) -> None:
    def fail() -> dict[str, bool]:
        raise UpstreamError("sns", "Throttling", retryable=True)

    wrong = await practice.wrong(subscriptions=fail)
    assert list(wrong) == ["mailboxes"]
    assert "sns failed with Throttling" in wrong["mailboxes"].wrong


async def test_an_https_origin_that_takes_no_connection_is_found(practice: Practice) -> None:
    deployment = replace(practice.instruments.deployment, public_origin=f"https://{CLOSED}")
    (finding,) = await asyncio.to_thread(check_certificate, replace(practice.instruments, deployment=deployment))
    assert "takes no secured connection" in finding.wrong
