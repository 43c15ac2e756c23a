"""CloudFormation's requests are read with care, and it is answered whatever it sends."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.provision.answer import ATTEMPTS, MAX_REASON_CHARS, Answer, body, deliver
from functions.provision.event import (
    MAX_NUMBERS,
    Wanted,
    parse_envelope,
    parse_old_numbers,
    parse_wanted,
)
from functions.provision.handler import connect, serve
from telephony.errors import UpstreamError, WireError
from telephony.numbers import E164
from telephony.pointing import Pointer
from tests.unit.provision.cloudformation import SECRET_ARN, CloudFormation, properties

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
NAMES = ("ResourceProperties", "OldResourceProperties", "RequestType", "ResponseURL")


def nobody(_: Wanted) -> Pointer:
    raise AssertionError("nothing was to be pointed")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"Numbers": "+15005550001"}, "Numbers"),
        ({"Numbers": [1]}, "Numbers"),
        ({"Numbers": ["5550001"]}, "Numbers: a phone number is"),
        ({"Numbers": [f"+1500555{n:04}" for n in range(MAX_NUMBERS + 1)]}, str(MAX_NUMBERS)),
        ({"TwilioSecretArn": ""}, "TwilioSecretArn"),
        ({"PublicOrigin": None}, "PublicOrigin"),
        ({"TableName": ["calls"]}, "TableName"),
    ],
)
def test_properties_that_are_wrong_fail_a_creation_by_name_and_no_deletion(
    cloud: CloudFormation, changes: dict[str, object], words: str
) -> None:
    wanted = {**properties("+15005550001"), **changes}
    serve(cloud.event("Create", ResourceProperties=wanted), nobody, lambda: 300_000)
    serve(cloud.event("Delete", ResourceProperties=wanted), nobody, lambda: 300_000)
    serve(cloud.event("Create"), nobody, lambda: 300_000)
    assert [each["Status"] for each in cloud.answers] == ["FAILED", "SUCCESS", "FAILED"]
    assert words in cloud.answers[0]["Reason"]


def test_the_origin_is_read_without_its_last_slash_and_each_number_once() -> None:
    event = {"ResourceProperties": properties("+15005550001", "+15005550001", origin="https://d1.example.com/")}
    assert parse_wanted(event) == Wanted(SECRET_ARN, parse_old(), "https://d1.example.com", "calls")


def parse_old() -> tuple[E164, ...]:
    return parse_old_numbers({"OldResourceProperties": properties("+15005550001")})


def test_old_numbers_that_cannot_be_read_are_none() -> None:
    assert parse_old_numbers({}) == parse_old_numbers({"OldResourceProperties": {"Numbers": 5}}) == ()


@given(JSON | st.dictionaries(st.sampled_from(NAMES), JSON))
def test_whatever_is_asked_only_a_wire_error_escapes(event: object) -> None:
    for parse in (parse_envelope, parse_wanted, parse_old_numbers):
        try:
            parse(event)
        except WireError:
            continue


def test_an_answer_that_is_not_taken_is_given_again_without_a_content_type(cloud: CloudFormation) -> None:
    cloud.refusals = ATTEMPTS - 1
    pauses: list[float] = []
    deliver(parse_envelope(cloud.event("Create")), Answer(), pauses.append)
    assert (len(cloud.answers), pauses) == (1, [1.0, 2.0])
    assert set(cloud.content_types) <= {None, ""}


def test_an_answer_that_is_never_taken_is_an_error_after_a_bounded_number_of_tries(cloud: CloudFormation) -> None:
    cloud.refusals = ATTEMPTS
    envelope = parse_envelope(cloud.event("Create"))
    with pytest.raises(UpstreamError):
        deliver(envelope, Answer(), lambda _: None)
    assert cloud.tries == ATTEMPTS
    unreachable = parse_envelope({**cloud.event("Create"), "ResponseURL": "http://127.0.0.1:1/"})
    with pytest.raises(UpstreamError):
        deliver(unreachable, Answer(), lambda _: None)


def test_an_answer_fits_what_cloudformation_takes(cloud: CloudFormation) -> None:
    envelope = parse_envelope(cloud.event("Create"))
    assert len(body(envelope, Answer("x" * 10 * MAX_REASON_CHARS))) < 4_096


def test_the_handler_points_by_the_properties_and_asks_nothing_of_the_network_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    pointer = connect(parse_wanted({"ResourceProperties": properties("+15005550001")}))
    assert pointer.public_origin == "https://d1.example.com"
