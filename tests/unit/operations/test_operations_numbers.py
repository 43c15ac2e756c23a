"""Numbers can be looked at, pointed and given back by hand, and each flag is kept as it was meant."""

from pathlib import Path

import pytest

from operations.choices import Choices, parse_flags, parse_numbers
from operations.deployment import deployment
from operations.errors import OperationError
from operations.numbers import Deed, manage_numbers
from operations.stack import Cloud
from telephony.number_addresses import NumberAddresses
from telephony.numbers import E164
from telephony.pointing import Pointer
from tests.fakes.numbers import MemoryNumberMemory, MemoryNumbers
from tests.fakes.terminal import ScriptedTerminal
from tests.unit.operations.conftest import MakeStack

ONE, TWO = E164("+15005550001"), E164("+15005550002")
OUTPUTS = {
    "VoiceUrl": "https://d1.example.com/twilio/voice",
    "TableName": "calls",
    "TopicArn": "arn:topic",
    "TwilioSecret": "arn:twilio",
    "DeepgramSecret": "arn:deepgram",
}


@pytest.fixture
def pointer() -> Pointer:
    numbers = MemoryNumbers()
    numbers.own(ONE, NumberAddresses("https://old.example.com/voice"))
    numbers.own(TWO, NumberAddresses(), overruled_by="trunk")
    return Pointer(numbers, MemoryNumberMemory(), "https://d1.example.com")


def test_each_number_is_told_of_before_and_after(pointer: Pointer) -> None:
    terminal = ScriptedTerminal()
    for deed in (Deed.STATUS, Deed.POINT, Deed.STATUS, Deed.RESTORE, Deed.RESTORE):
        manage_numbers(deed, [ONE], pointer, terminal)
    assert terminal.said == [
        f"{ONE} asks https://old.example.com/voice",
        f"{ONE} asks us",
        f"{ONE} asks us",
        f"{ONE} asks again whom it asked before",
        f"{ONE} did not ask us, and was left as it is",
    ]


def test_a_number_that_is_overruled_comes_with_a_warning(pointer: Pointer) -> None:
    terminal = ScriptedTerminal()
    manage_numbers(Deed.POINT, [TWO], pointer, terminal)
    assert "SIP trunk" in terminal.text


def test_texts_that_go_to_somebody_else_are_said(pointer: Pointer) -> None:
    assert isinstance(pointer.numbers, MemoryNumbers)
    pointer.numbers.own(ONE, NumberAddresses(sms_url="https://shop.example.com/sms"))
    terminal = ScriptedTerminal()
    manage_numbers(Deed.POINT, [ONE], pointer, terminal)
    [said] = terminal.said
    assert said.startswith(f"{ONE} asks us. Texts to it go to https://shop.example.com/sms, so that")


@pytest.mark.parametrize(("flag", "is_taken"), [("on", True), ("off", False), ("", False)])
def test_the_flag_for_texts_holds_by_hand_too(
    cloud: Cloud, make_stack: MakeStack, choices: Choices, flag: str, is_taken: bool
) -> None:
    make_stack(**OUTPUTS)
    choices.add({"takeSms": flag})
    assert deployment(cloud, choices).takes_sms is is_taken


def test_a_number_that_fails_does_not_keep_the_others_and_fails_the_command(pointer: Pointer) -> None:
    terminal = ScriptedTerminal()
    with pytest.raises(OperationError, match="is not a number of this Twilio account"):
        manage_numbers(Deed.POINT, [E164("+15005559999"), ONE], pointer, terminal)
    assert terminal.said == [f"{ONE} asks us"]
    with pytest.raises(OperationError, match="which numbers"):
        manage_numbers(Deed.POINT, [], pointer, terminal)


def test_the_deployment_is_read_from_the_stacks_outputs(cloud: Cloud, make_stack: MakeStack, choices: Choices) -> None:
    make_stack(**OUTPUTS, Numbers=f"{ONE},{TWO}")
    found = deployment(cloud, choices)
    assert (found.public_origin, found.media_url, found.numbers) == ("https://d1.example.com", None, (ONE, TWO))


def test_a_stack_with_a_service_has_a_streamer(cloud: Cloud, make_stack: MakeStack, choices: Choices) -> None:
    cluster = {"Type": "AWS::ECS::Cluster", "Properties": {"ClusterName": "c"}}
    task = {
        "Type": "AWS::ECS::TaskDefinition",
        "Properties": {"ContainerDefinitions": [{"Name": "streamer", "Image": "i", "Memory": 512}]},
    }
    properties = {"Cluster": {"Ref": "Cluster"}, "TaskDefinition": {"Ref": "Task"}, "DesiredCount": 0}
    service = {"Type": "AWS::ECS::Service", "Properties": properties}
    choices.add({"numbers": str(ONE)})
    make_stack(resources={"Cluster": cluster, "Task": task, "Service": service}, **OUTPUTS)
    found = deployment(cloud, choices)
    assert (found.media_url, found.numbers) == ("wss://d1.example.com/media", (ONE,))


def test_without_a_stack_or_with_half_of_one_the_next_step_is_named(
    cloud: Cloud, make_stack: MakeStack, choices: Choices
) -> None:
    with pytest.raises(OperationError, match="run `make deploy` first"):
        deployment(cloud, choices)
    make_stack(VoiceUrl="https://d1.example.com/twilio/voice")
    with pytest.raises(OperationError, match="has no output TableName"):
        deployment(cloud, choices)


def test_flags_and_numbers_that_are_none_are_refused() -> None:
    assert parse_flags(["streamer=off", "domain=a=b"]) == {"streamer": "off", "domain": "a=b"}
    assert parse_numbers(f"{ONE}, {TWO} {ONE}") == (ONE, TWO)
    for text in ("streamer", "=off"):
        with pytest.raises(OperationError, match="name=value"):
            parse_flags([text])
    with pytest.raises(OperationError, match="as in"):
        parse_numbers("none")


@pytest.mark.parametrize("content", ["[", "[]"])
def test_a_file_of_choices_that_is_none_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "cdk.context.json").write_text(content)
    with pytest.raises(OperationError, match=r"cdk\.context\.json"):
        Choices(tmp_path / "cdk.context.json").read()
