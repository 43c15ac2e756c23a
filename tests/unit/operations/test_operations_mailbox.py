"""A mailbox is stored from a file that says clearly what is wrong with it."""

import json
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from operations.choices import ROOT
from operations.errors import OperationError
from operations.mailbox import put_mailbox
from operations.mailbox_file import read_mailbox
from telephony.errors import UpstreamError
from telephony.hooks import HookId
from telephony.mailboxes import Listening, Mailbox
from telephony.notifications import Email
from telephony.numbers import E164, MailboxId, Number, NumberMode
from tests.examples import NOON
from tests.fakes.directory import MemoryDirectory
from tests.fakes.state import State
from tests.fakes.telling import MemoryHookSecrets
from tests.fakes.terminal import ScriptedTerminal

SMALL = {"id": "front", "name": "Front desk", "numbers": [{"number": "+15005550006"}]}


@dataclass
class Subscriber:
    """Remembers who was subscribed; see `telephony.ports.Bulletin`."""

    subscribed: list[tuple[str, str]] = field(default_factory=list)
    pending: tuple[str, ...] = ()

    def publish(self, mailbox_id: MailboxId, email: Email) -> str:
        raise AssertionError((mailbox_id, email))

    def subscribe(self, mailbox_id: MailboxId, address: str) -> None:
        if address in self.pending:
            raise UpstreamError("sns", "InvalidParameter", retryable=False)
        self.subscribed.append((mailbox_id, address))


@dataclass
class Scene:
    folder: Path
    directory: MemoryDirectory = field(default_factory=MemoryDirectory)
    subscriber: Subscriber = field(default_factory=Subscriber)
    hook_secrets: MemoryHookSecrets = field(default_factory=MemoryHookSecrets)
    terminal: ScriptedTerminal = field(default_factory=ScriptedTerminal)

    def put(self, **changes: object) -> None:
        file = self.folder / "mailbox.json"
        file.write_text(json.dumps({**SMALL, **changes}), encoding="utf-8")
        pointed = (E164("+15005550006"),)
        put_mailbox(file, self.directory, self.subscriber, self.hook_secrets, pointed=pointed, terminal=self.terminal)


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


def test_the_example_in_the_documentation_is_a_mailbox() -> None:
    example = read_mailbox(ROOT / "docs" / "mailbox.example.json")
    assert [each.mode for each in example.all_numbers()] == [NumberMode.VOICEMAIL, NumberMode.RING_FIRST]
    assert example.mailbox().listening == Listening("en-US", "nova-3", ("Ringscribe", "Dr. Okonkwo"))


def test_a_mailbox_is_stored_with_all_that_its_file_says(scene: Scene) -> None:
    ringing = {"number": "+15005550007", "ring": "+15005550008", "ring_seconds": 30}
    scene.put(
        numbers=[*SMALL["numbers"], ringing],
        greeting="Grüß Gott!",
        language="de-AT",
        sms_recipients=["+15005550008"],
        email_recipients=["a@example.com"],
        timezone="Europe/Vienna",
    )
    number, mailbox = scene.directory.answering(E164("+15005550007"))
    assert number == Number(number.number, MailboxId("front"), NumberMode.RING_FIRST, E164("+15005550008"), 30)
    assert mailbox == Mailbox(
        id=MailboxId("front"),
        name="Front desk",
        greeting="Grüß Gott!",
        listening=Listening("de-AT"),
        sms_recipients=(E164("+15005550008"),),
        email_recipients=("a@example.com",),
        timezone="Europe/Vienna",
    )


def test_each_address_is_subscribed_and_its_owner_told_to_confirm(scene: Scene) -> None:
    scene.subscriber.pending = ("b@example.com",)
    scene.put(email_recipients=["a@example.com", "b@example.com"])
    assert scene.subscriber.subscribed == [("front", "a@example.com")]
    assert "a@example.com is subscribed once its owner clicks" in scene.terminal.text
    assert "b@example.com could not be subscribed (InvalidParameter)" in scene.terminal.text


def test_a_new_webhooks_secret_is_told_once(scene: Scene) -> None:
    hooks = {"webhooks": [{"id": "crm", "url": "https://crm.example.com/"}]}
    scene.put(telling=hooks)
    [secret] = scene.hook_secrets.valid(MailboxId("front"), HookId("crm"), NOON)
    assert f"The webhook crm is signed with {secret}" in scene.terminal.text
    assert "Nobody is told of its messages" not in scene.terminal.text

    hooks["webhooks"].append({"id": "desk", "url": "https://desk.example.com/"})
    scene.put(telling=hooks)

    assert scene.terminal.text.count(secret) == 1
    assert "The webhook desk is signed with" in scene.terminal.text
    assert scene.hook_secrets.valid(MailboxId("front"), HookId("crm"), NOON) == (secret,)


def test_a_secret_that_cannot_be_made_can_be_asked_for(scene: Scene) -> None:
    scene.hook_secrets = MemoryHookSecrets(State(is_down=True))
    scene.put(telling={"webhooks": [{"id": "crm", "url": "https://crm.example.com/"}]})
    assert "secret of the webhook crm could not be made (EndpointConnectionError)" in scene.terminal.text


def test_what_is_still_to_be_done_is_said(scene: Scene) -> None:
    scene.put(numbers=[{"number": "+15005550006"}, {"number": "+15005550009"}])
    assert "Nobody is told of its messages" in scene.terminal.text
    assert "+15005550009 does not ask us yet" in scene.terminal.text
    assert "+15005550006 does not ask us yet" not in scene.terminal.text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"id": "Front Desk"}, "id: .*small letters"),
        ({"name": ""}, "name: "),
        ({"numbers": []}, "numbers: "),
        ({"numbers": [{"number": "5550006"}]}, r"numbers\.0\.number: .*'\+'"),
        ({"numbers": [{"number": "+15005550006"}] * 2}, "listed twice"),
        ({"numbers": [{"number": "+15005550006", "ring_seconds": 3}]}, "ring_seconds"),
        ({"email_recipients": ["owner"]}, r"email_recipients\.0: .*e-mail"),
        ({"sms_recipients": ["owner"]}, r"sms_recipients\.0"),
        ({"language": "en_US"}, "with a hyphen"),
        ({"timezone": "Vienna"}, "IANA name"),
        ({"timezone": "../../etc/passwd"}, "IANA name"),
        ({"recipients": []}, "recipients: Extra"),
        ({"max_message_seconds": 1}, "max_message_seconds"),
        ({"telling": {"sms_template": "Hi $name"}}, r"telling\.sms_template: .*\$name is no placeholder"),
        ({"sms_recipients": ["+266696687"]}, r"sms_recipients\.0: .*no SMS can reach"),
    ],
)
def test_each_wrong_field_is_named_and_nothing_is_stored(scene: Scene, changes: dict[str, object], words: str) -> None:
    with pytest.raises(OperationError, match=words):
        scene.put(**changes)
    assert scene.terminal.said == []


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OperationError, match="cannot be read"):
        read_mailbox(tmp_path / "missing.json")
    (tmp_path / "text").write_bytes(b"\xff")
    with pytest.raises(OperationError, match="cannot be read"):
        read_mailbox(tmp_path / "text")
    (tmp_path / "text").write_text("[")
    with pytest.raises(OperationError, match="is not a mailbox"):
        read_mailbox(tmp_path / "text")


def test_a_number_of_another_mailbox_is_refused(scene: Scene) -> None:
    scene.put()
    with pytest.raises(OperationError, match="another mailbox"):
        scene.put(id="back")


def test_a_table_that_fails_is_told(scene: Scene) -> None:
    class Down(MemoryDirectory):
        def put(self, mailbox: Mailbox, numbers: object, revision: int | None = None) -> int:
            raise UpstreamError("dynamodb", "ResourceNotFoundException", retryable=False)

    scene.directory = Down()
    with pytest.raises(OperationError, match="nothing was stored: dynamodb failed"):
        scene.put()
