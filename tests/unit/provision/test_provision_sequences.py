"""What CloudFormation asks in the life of a stack, and what becomes of the numbers and the answers."""

from collections.abc import Mapping
from typing import Any

import pytest

from functions.provision.event import Wanted
from functions.provision.handler import serve
from functions.provision.resource import LEFT_FOR_ANSWER_MS, NO_WARNINGS
from telephony.errors import ConfigurationError, UpstreamError
from telephony.number_addresses import NumberAddresses
from telephony.numbers import E164
from telephony.pointing import Pointer, our_addresses
from tests.fakes.numbers import MemoryNumberMemory, MemoryNumbers
from tests.unit.provision.cloudformation import CloudFormation, properties

ONE, TWO, THREE = E164("+15005550001"), E164("+15005550002"), E164("+15005550003")
ORIGIN, MOVED = "https://d1.example.com", "https://d2.example.com"
BEFORE = {number: NumberAddresses(f"https://old.example.com/{number[-1]}") for number in (ONE, TWO, THREE)}


class Account:
    """Three numbers, each of which asks somebody of its own."""

    def __init__(self, cloud: CloudFormation) -> None:
        self.cloud, self.numbers, self.memory = cloud, MemoryNumbers(), MemoryNumberMemory()
        for number, addresses in BEFORE.items():
            self.numbers.own(number, addresses)
        self.left_ms = [300_000]

    def ask(self, kind: str, wanted: Mapping[str, Any], **more: object) -> dict[str, Any]:
        """Let the resource be asked, and return its answer."""
        serve(self.cloud.event(kind, ResourceProperties=wanted, **more), self._connect, self._remaining_ms)
        return self.cloud.answers[-1]

    def at(self, number: E164) -> NumberAddresses:
        return self.numbers.owned[number].addresses

    def _connect(self, wanted: Wanted) -> Pointer:
        return Pointer(self.numbers, self.memory, wanted.public_origin, wanted.takes_sms)

    def _remaining_ms(self) -> int:
        return self.left_ms.pop(0) if len(self.left_ms) > 1 else self.left_ms[0]


@pytest.fixture
def account(cloud: CloudFormation) -> Account:
    return Account(cloud)


def test_a_created_resource_has_its_numbers_point_at_us_and_the_others_left_alone(account: Account) -> None:
    answer = account.ask("Create", properties(ONE, TWO))
    assert (answer["Status"], answer["Data"]) == ("SUCCESS", {"Warnings": NO_WARNINGS})
    assert account.at(ONE) == account.at(TWO) == our_addresses(ORIGIN)
    assert account.at(THREE) == BEFORE[THREE]


def test_each_answer_is_about_its_request_and_the_identity_never_changes(account: Account) -> None:
    created = account.ask("Create", properties(ONE))
    identity = created["PhysicalResourceId"]
    updated = account.ask(
        "Update",
        properties(TWO, origin=MOVED),
        OldResourceProperties=properties(ONE),
        PhysicalResourceId=identity,
    )
    deleted = account.ask("Delete", properties(TWO, origin=MOVED), PhysicalResourceId=identity)
    assert [each["RequestId"] for each in (created, updated, deleted)] == ["request-0", "request-1", "request-2"]
    assert {each["PhysicalResourceId"] for each in (created, updated, deleted)} == {identity}
    assert {each["LogicalResourceId"] for each in (created, updated, deleted)} == {"ProvisionNumbers"}


def test_a_deleted_resource_gives_its_numbers_back(account: Account) -> None:
    account.ask("Create", properties(ONE, TWO))
    assert account.ask("Delete", properties(ONE, TWO))["Status"] == "SUCCESS"
    assert {number: account.at(number) for number in BEFORE} == BEFORE


def test_texts_of_somebody_elses_are_taken_and_given_back_as_the_flag_says(account: Account) -> None:
    before = NumberAddresses("https://old.example.com/1", sms_url="https://shop.example.com/sms")
    account.numbers.own(ONE, before)
    left = properties(ONE)
    account.ask("Create", left)
    assert account.at(ONE) == our_addresses(ORIGIN).with_sms_of(before)
    account.ask("Update", {**left, "TakeSms": "on"}, OldResourceProperties=left)
    assert account.at(ONE) == our_addresses(ORIGIN)
    account.ask("Update", {**left, "TakeSms": "off"}, OldResourceProperties={**left, "TakeSms": "on"})
    assert account.at(ONE) == our_addresses(ORIGIN).with_sms_of(before)
    account.ask("Delete", {**left, "TakeSms": "off"})
    assert account.at(ONE) == before


def test_an_update_points_new_numbers_and_gives_back_those_left_out(account: Account) -> None:
    account.ask("Create", properties(ONE, TWO))
    answer = account.ask("Update", properties(TWO, THREE), OldResourceProperties=properties(ONE, TWO))
    assert answer["Status"] == "SUCCESS"
    assert account.at(ONE) == BEFORE[ONE]
    assert account.at(TWO) == account.at(THREE) == our_addresses(ORIGIN)


def test_a_changed_origin_moves_all_numbers_and_still_gives_them_back(account: Account) -> None:
    account.ask("Create", properties(ONE, TWO))
    account.ask("Update", properties(ONE, TWO, origin=MOVED), OldResourceProperties=properties(ONE, TWO))
    assert account.at(ONE) == account.at(TWO) == our_addresses(MOVED)
    account.ask("Delete", properties(ONE, TWO, origin=MOVED))
    assert {number: account.at(number) for number in BEFORE} == BEFORE


def test_a_creation_that_fails_halfway_is_undone_by_the_rollback(account: Account) -> None:
    stranger = "+15005559999"
    failed = account.ask("Create", properties(ONE, stranger, TWO))
    assert failed["Status"] == "FAILED"
    assert failed["Reason"].startswith(f"{stranger} is not a number of this Twilio account")
    assert account.at(ONE) == our_addresses(ORIGIN)
    rolled_back = account.ask("Delete", properties(ONE, stranger, TWO), PhysicalResourceId=failed["PhysicalResourceId"])
    assert rolled_back["Status"] == "SUCCESS"
    assert {number: account.at(number) for number in BEFORE} == BEFORE


def test_an_update_that_fails_halfway_is_undone_by_the_rollback(account: Account) -> None:
    account.ask("Create", properties(ONE))
    wanted = properties(TWO, "+15005559999", origin=MOVED)
    assert account.ask("Update", wanted, OldResourceProperties=properties(ONE))["Status"] == "FAILED"
    assert account.ask("Update", properties(ONE), OldResourceProperties=wanted)["Status"] == "SUCCESS"
    assert account.at(ONE) == our_addresses(ORIGIN)
    assert account.at(TWO) == BEFORE[TWO]


@pytest.mark.parametrize("kind", ["Create", "Update", "Delete"])
def test_a_request_that_comes_twice_does_no_more_than_once(account: Account, kind: str) -> None:
    account.ask("Create", properties(ONE))
    first = account.ask(kind, properties(ONE, TWO), OldResourceProperties=properties(ONE))
    addresses = {number: account.at(number) for number in BEFORE}
    again = account.ask(kind, properties(ONE, TWO), OldResourceProperties=properties(ONE))
    assert (first["Status"], again["Status"]) == ("SUCCESS", "SUCCESS")
    assert {number: account.at(number) for number in BEFORE} == addresses


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        (UpstreamError("twilio", "20003", retryable=False), "make configure"),
        (UpstreamError("twilio", "20429", retryable=True), "try again"),
        (ConfigurationError("the Twilio secret lacks account_sid, auth_token"), "lacks account_sid"),
        (RuntimeError("a bug"), "the function's log"),
    ],
)
@pytest.mark.parametrize("kind", ["Create", "Update"])
def test_trouble_fails_a_creation_or_an_update_with_a_plain_reason(
    account: Account, kind: str, trouble: Exception, words: str
) -> None:
    account.numbers.refusals.append(trouble)
    answer = account.ask(kind, properties(ONE), OldResourceProperties=properties(ONE))
    assert answer["Status"] == "FAILED"
    assert words in answer["Reason"]


@pytest.mark.parametrize(
    "trouble",
    [
        UpstreamError("twilio", "20003", retryable=False),
        ConfigurationError("the Twilio secret lacks account_sid"),
        RuntimeError("a bug"),
    ],
)
def test_nothing_fails_a_deletion(account: Account, trouble: Exception) -> None:
    account.ask("Create", properties(ONE, TWO))
    account.numbers.refusals.append(trouble)
    assert account.ask("Delete", properties(ONE, TWO))["Status"] == "SUCCESS"


def test_a_number_that_cannot_be_given_back_does_not_keep_the_others(account: Account) -> None:
    account.ask("Create", properties(ONE, TWO))
    account.numbers.refusals.append(UpstreamError("twilio", "20500", retryable=True))
    account.ask("Delete", properties(ONE, TWO))
    assert account.at(ONE) == our_addresses(ORIGIN)
    assert account.at(TWO) == BEFORE[TWO]


def test_a_number_that_was_released_meanwhile_fails_no_update(account: Account) -> None:
    account.ask("Create", properties(ONE, TWO))
    del account.numbers.owned[ONE]
    assert account.ask("Update", properties(TWO), OldResourceProperties=properties(ONE, TWO))["Status"] == "SUCCESS"


def test_a_number_whose_addresses_are_ignored_is_told_in_the_output(account: Account) -> None:
    account.numbers.own(ONE, BEFORE[ONE], overruled_by="application")
    answer = account.ask("Create", properties(ONE, TWO))
    assert answer["Status"] == "SUCCESS"
    assert "TwiML application" in answer["Data"]["Warnings"]


def test_an_answer_is_given_before_the_time_is_over(account: Account) -> None:
    account.left_ms = [300_000, LEFT_FOR_ANSWER_MS - 1]
    answer = account.ask("Create", properties(ONE, TWO))
    assert (answer["Status"], answer["Reason"][:36]) == ("FAILED", "the time was over after 1 of 2 numbe")
    account.left_ms = [300_000, LEFT_FOR_ANSWER_MS - 1]
    assert account.ask("Delete", properties(ONE, TWO))["Status"] == "SUCCESS"
    assert account.at(ONE) == BEFORE[ONE]
