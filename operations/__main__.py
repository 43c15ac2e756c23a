"""`python -m operations COMMAND`; its `--help` lists the commands. The Makefile calls it."""

import argparse
import sys
import webbrowser
from datetime import UTC, datetime
from pathlib import Path

import boto3
import httpx
import msgspec
from botocore.exceptions import BotoCoreError

from operations.capacity import concurrent_executions
from operations.cdk import Cdk
from operations.checks.instruments import WAIT_S, Instruments
from operations.choices import Choices, parse_flags, parse_numbers
from operations.configure import Configure
from operations.deploy import Deploy
from operations.deployment import Deployment, deployment
from operations.destroy import Destroy
from operations.doctor import examine, tell
from operations.errors import OperationError
from operations.load import LoadTest, TableEraser
from operations.mailbox import put_mailbox
from operations.numbers import Deed, manage_numbers
from operations.stack import NO_CREDENTIALS, Cloud
from operations.subscriptions import subscriptions
from operations.terminal import Console, Terminal
from operations.token import SignIn
from operations.vendors import Origins
from telephony.aws.bulletin import SnsBulletin
from telephony.aws.directory import DynamoDirectory
from telephony.aws.dynamodb import Table
from telephony.aws.hook_secrets import DynamoHookSecrets
from telephony.aws.number_memory import DynamoNumberMemory
from telephony.aws.secrets import SecretsManagerSecrets
from telephony.aws.tickets import DynamoTickets
from telephony.errors import TelephonyError
from telephony.pointing import Pointer
from telephony.rest.numbers import TwilioNumbers
from telephony.settings import Origin, read


class OperationSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What the environment may say, beside what boto3 reads of it."""

    twilio_api_origin: Origin = Origin("https://api.twilio.com")
    deepgram_api_origin: Origin = Origin("https://api.deepgram.com")
    aws_region: str | None = None
    """Which region, for boto3, which by itself reads another variable than the CDK does."""
    cdk_docker: str | None = None
    """Which container engine builds the image."""


class Operations:
    """The commands, on one account and one terminal. Each raises OperationError or TelephonyError."""

    def __init__(self, cloud: Cloud, terminal: Terminal, settings: OperationSettings, choices: Choices) -> None:
        self._cloud, self._terminal, self._settings, self._choices = cloud, terminal, settings, choices
        self._origins = Origins(settings.twilio_api_origin, settings.deepgram_api_origin)

    def configure(self) -> None:
        """Ask for credentials and numbers, check them, store them."""
        Configure(self._cloud, self._terminal, self._choices, self._origins).run()

    def deploy(self, flags: list[str]) -> None:
        """Build, show the difference, deploy."""
        cdk = Cdk(region=self._cloud.session.region_name)
        Deploy(self._cloud, self._terminal, self._choices, cdk, self._settings.cdk_docker).run(parse_flags(flags))

    def destroy(self) -> None:
        """Take it down."""
        Destroy(self._cloud, self._terminal).run()

    def mailbox(self, path: Path) -> None:
        """Store a mailbox."""
        found = deployment(self._cloud, self._choices)
        bulletin = SnsBulletin(self._cloud.client("sns"), found.topic_arn)
        table = self._table(found)
        put_mailbox(
            path,
            DynamoDirectory(table),
            bulletin,
            DynamoHookSecrets(table),
            pointed=found.numbers,
            terminal=self._terminal,
        )

    def numbers(self, deed: Deed, numbers: str) -> None:
        """See whom numbers ask, point them, or give them back."""
        found = deployment(self._cloud, self._choices)
        manage_numbers(deed, parse_numbers(numbers) or found.numbers, self._pointer(found), self._terminal)

    def doctor(self) -> None:
        """Look at everything, and say what is wrong."""
        found = deployment(self._cloud, self._choices)
        with httpx.Client(timeout=WAIT_S) as http:
            tell(examine(self._instruments(found, http)), self._terminal)

    def load(self, url: str, streams: int, seconds: int) -> None:
        """Open media streams, and say how they fared."""
        found = deployment(self._cloud, self._choices)
        where = url or found.media_url
        if where is None:
            raise OperationError("this stack has no streamer: say where to open the streams, URL=wss://...")
        table = self._table(found)
        eraser = TableEraser(self._cloud.client("dynamodb"), found.table_name)
        token = self._secrets(found).twilio().auth_tokens[0]
        if not LoadTest(where, token, DynamoTickets(table), eraser, self._terminal).run(streams, seconds):
            raise OperationError("the streamer did not carry all of it")

    def token(self) -> None:
        """Have a person sign in, and show their token."""
        stack = self._cloud.deployed()
        url, client_id = stack.output("SignInUrl"), stack.output("PeopleClientId")
        with httpx.Client(timeout=WAIT_S) as http:
            token = SignIn(url, client_id, self._terminal, http, webbrowser.open).run()
        self._terminal.say(token)

    def _instruments(self, found: Deployment, http: httpx.Client) -> Instruments:
        secrets = self._secrets(found)
        return Instruments(
            deployment=found,
            twilio=secrets.twilio(),
            deepgram=secrets.deepgram(),
            directory=DynamoDirectory(self._table(found)),
            tickets=DynamoTickets(self._table(found)),
            pointer=self._pointer(found),
            subscriptions=lambda: subscriptions(self._cloud, found.topic_arn),
            concurrent_executions=lambda: concurrent_executions(self._cloud),
            alarm_subscriptions=lambda: self._told_of_alarms(found),
            now=lambda: datetime.now(UTC),
            http=http,
            origins=self._origins,
        )

    def _told_of_alarms(self, found: Deployment) -> dict[str, bool]:
        return subscriptions(self._cloud, found.alarm_topic_arn) if found.alarm_topic_arn else {}

    def _secrets(self, found: Deployment) -> SecretsManagerSecrets:
        client = self._cloud.client("secretsmanager")
        return SecretsManagerSecrets(client, twilio_arn=found.twilio_secret_arn, deepgram_arn=found.deepgram_secret_arn)

    def _table(self, found: Deployment) -> Table:
        return Table(self._cloud.client("dynamodb"), found.table_name)

    def _pointer(self, found: Deployment) -> Pointer:
        numbers = TwilioNumbers(self._secrets(found), self._origins.twilio)
        return Pointer(numbers, DynamoNumberMemory(self._table(found)), found.public_origin, found.takes_sms)


def _arguments(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m operations", description=__doc__)
    what = parser.add_subparsers(dest="what", required=True)
    what.add_parser("configure", help="ask for credentials and numbers, check them, store them")
    deploy = what.add_parser("deploy", help="build, show the difference, deploy")
    deploy.add_argument(
        "--context", action="append", default=[], metavar="NAME=VALUE", help="a flag, kept from then on"
    )
    deploy.add_argument("--yes", action="store_true", help="do not ask")
    what.add_parser("doctor", help="look at what runs, and say what is wrong")
    what.add_parser("destroy", help="take it down")
    what.add_parser("mailbox", help="store a mailbox").add_argument("file", type=Path)
    load = what.add_parser("load", help="open media streams on what runs, and say how they fared")
    load.add_argument("--url", default="", help="where; else the stack's own streamer")
    load.add_argument("--streams", type=int, default=20)
    load.add_argument("--seconds", type=int, default=60)
    load.add_argument("--yes", action="store_true", help="do not ask")
    what.add_parser("token", help="sign in in a browser, and show the token that opens the API for an hour")
    numbers = what.add_parser("numbers", help="see whom numbers ask, point them at us, give them back")
    numbers.add_argument("deed", type=Deed, choices=list(Deed))
    numbers.add_argument("numbers", nargs="*", help="others than those that were configured")
    return parser.parse_args(arguments)


def _do(given: argparse.Namespace, operations: Operations) -> None:
    match given.what:
        case "configure":
            operations.configure()
        case "deploy":
            operations.deploy(given.context)
        case "doctor":
            operations.doctor()
        case "destroy":
            operations.destroy()
        case "mailbox":
            operations.mailbox(given.file)
        case "load":
            operations.load(given.url, given.streams, given.seconds)
        case "token":
            operations.token()
        case _:
            operations.numbers(given.deed, " ".join(given.numbers))


def main(arguments: list[str] | None = None) -> int:
    """Return 0 when all went well; else 1, with a plain reason on standard error."""
    given = _arguments(arguments)
    terminal = Console(says_yes=getattr(given, "yes", False))
    try:
        settings = read(OperationSettings)
        cloud = Cloud(boto3.Session(region_name=settings.aws_region))
        _do(given, Operations(cloud, terminal, settings, Choices()))
    except (OperationError, TelephonyError) as exc:
        sys.stderr.write(f"{given.what}: {exc}\n")
        return 1
    except BotoCoreError as exc:  # a profile that is named and not there
        sys.stderr.write(f"{given.what}: {exc}; {NO_CREDENTIALS}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("\nstopped; what AWS has begun goes on\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
