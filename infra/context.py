"""What whoever deploys may choose: context values, from cdk.json or `cdk deploy --context name=value`.

| name           | meaning                                                                   | without it              |
| -------------- | ------------------------------------------------------------------------- | ----------------------- |
| region         | the AWS region to deploy to                                               | the command line's own  |
| streamer       | `off` leaves out all that live text needs: recordings only                | `on`                    |
| domain         | host name of your own for the public origin; needs certificateArn         | CloudFront's own name   |
| certificateArn | certificate for that name, made in us-east-1                              | none                    |
| waf            | `on` puts a web firewall before the API; needs region=us-east-1           | `off`                   |
| alarmEmail     | who is told of alarms and of spending, after a click in the first mail    | nobody                  |
| monthlyBudget  | dollars a month for the whole AWS account, above which alarmEmail is told | 60                      |
| deepgramSlots  | how many streams Deepgram lets your project have at once                  | 150                     |
| logDays        | how many days logs are kept                                               | 30                      |
| recordingDays  | after how many days every recording is erased                             | never                   |
| publicOrigin   | https origin at which the world reaches the stack, no path                | domain, or CloudFront's |
| jwtIssuer      | `iss` of the tokens that may use the API                                  | our own user pool       |
| jwtAudience    | `aud` of these tokens                                                     | our own user pool       |
| jwksUrl        | where the issuer publishes its keys                                       | our own user pool       |
| numbers        | Twilio numbers that are to ask us about their calls, with commas, `none`  | none                    |
| takeSms        | `on` takes the numbers' SMS, too, where somebody gets them already        | `off`                   |
| zones          | the two zones of the streamer, with a comma; `make deploy` finds them     | the region's first two  |
| twilioSecret   | ARN of the secret to read; `make deploy` finds it                         | the stack's own, empty  |
| deepgramSecret | ARN of the secret to read; `make deploy` finds it                         | the stack's own, empty  |

Nothing in here needs the construct library: `operations` reads the flags with it before it keeps them.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

from telephony.errors import WireError
from telephony.numbers import E164, parse_e164

FIREWALL_REGION: Final = "us-east-1"
"""CloudFront takes firewalls and certificates from there alone."""


MAX_NUMBERS: Final = 50
"""What the function that points them takes, in the time that it has."""

ZONES: Final = 2
"""As many as a load balancer needs."""


class ContextError(ValueError):
    """A context value is wrong or missing; the text says which, and what it must be."""


class Node(Protocol):
    """Where context values are: a construct's node, or `Given`."""

    def try_get_context(self, key: str) -> Any:  # noqa: ANN401  anything, until it is read below
        """Return a value, or None."""
        ...


@dataclass(frozen=True, slots=True)
class Given:
    """Context values before there is any construct."""

    values: Mapping[str, object]

    def try_get_context(self, key: str) -> object:
        """Return a value, or None."""
        return self.values.get(key)


@dataclass(frozen=True, slots=True)
class SignIn:
    """Whose tokens the API accepts."""

    issuer: str
    audiences: tuple[str, ...]
    jwks_url: str


@dataclass(frozen=True, slots=True)
class Domain:
    """A name of the owner's for the public origin, and the certificate that proves it."""

    name: str
    certificate_arn: str


def sign_in(node: Node) -> SignIn | None:
    """Return whose tokens the API accepts, or None if that is for our own user pool to say.

    Raises: ContextError, if only some of the three values are given or an address is not https.
    """
    names = ("jwtIssuer", "jwtAudience", "jwksUrl")
    given = {name: text for name in names if (text := _text(node, name))}
    if not given:
        return None
    missing = [name for name in names if name not in given]
    if missing:
        raise ContextError(f"context: {', '.join(given)} without {', '.join(missing)}; give all three or none")
    _https("jwtIssuer", given["jwtIssuer"])
    _https("jwksUrl", given["jwksUrl"])
    return SignIn(given["jwtIssuer"], tuple(given["jwtAudience"].split()), given["jwksUrl"])


def public_host(node: Node) -> str | None:
    """Return host and port of the chosen public origin, or None. Raises: ContextError."""
    text = _text(node, "publicOrigin")
    if text is None:
        return None
    host, rest = _https("publicOrigin", text)
    if rest.strip("/"):
        raise ContextError(f"context: publicOrigin is scheme and host alone, not {text!r}")
    return host


def region(node: Node) -> str | None:
    """Return the region to deploy to, or None: the template then fits any. Raises: ContextError."""
    return _matching(node, "region", r"[a-z]{2}(-[a-z]+)+-\d", "a region's name, such as us-east-1")


def has_streamer(node: Node) -> bool:
    """Tell whether live text is wanted. Raises: ContextError."""
    return _switch(node, "streamer", unset=True)


def has_firewall(node: Node) -> bool:
    """Tell whether a web firewall is wanted. Raises: ContextError, also where none can be made."""
    wanted = _switch(node, "waf", unset=False)
    if wanted and region(node) != FIREWALL_REGION:
        raise ContextError(f"context: waf=on needs region={FIREWALL_REGION}, where CloudFront's firewalls are made")
    return wanted


def own_domain(node: Node) -> Domain | None:
    """Return the owner's name for the public origin, or None. Raises: ContextError."""
    name = _matching(node, "domain", r"([a-z0-9-]+\.)+[a-z0-9-]+", "a host name, such as calls.example.com")
    pattern = rf"arn:[a-z-]+:acm:{FIREWALL_REGION}:\d{{12}}:certificate/[\w-]+"
    arn = _matching(node, "certificateArn", pattern, f"the ARN of a certificate in {FIREWALL_REGION}")
    if name is None and arn is None:
        return None
    if name is None or arn is None:
        raise ContextError("context: domain and certificateArn go together; give both or none")
    return Domain(name, arn)


def alarm_email(node: Node) -> str | None:
    """Return who is told of alarms, or None. Raises: ContextError."""
    return _matching(node, "alarmEmail", r"[^@\s]+@[^@\s]+", "an e-mail address")


def monthly_budget_dollars(node: Node) -> int:
    """Return what the AWS account may cost in a month before somebody is told. Raises: ContextError."""
    return _count(node, "monthlyBudget") or 60


def deepgram_slots(node: Node) -> int:
    """Return how many streams Deepgram takes at once. Raises: ContextError."""
    return _count(node, "deepgramSlots") or 150


def log_days(node: Node) -> int:
    """Return how many days logs are kept. Raises: ContextError, for a number that CloudWatch Logs does not offer."""
    days = _count(node, "logDays") or 30
    if days not in LOG_DAYS:
        offered = ", ".join(map(str, LOG_DAYS))
        raise ContextError(f"context: logDays must be one of {offered}, not {days}")
    return days


def recording_days(node: Node) -> int | None:
    """Return after how many days recordings are erased, or None: never by age. Raises: ContextError."""
    return _count(node, "recordingDays")


def chosen_numbers(node: Node) -> tuple[E164, ...]:
    """Return the numbers that are to point at us, each once. Raises: ContextError."""
    value = node.try_get_context("numbers")
    if value is None or value in {"", "none"}:
        return ()
    try:
        numbers = tuple(dict.fromkeys(parse_e164(each) for each in str(value).replace(",", " ").split()))
    except WireError as exc:
        raise ContextError(f"context: numbers must be like +14155550123, with commas between, not {value!r}") from exc
    if len(numbers) > MAX_NUMBERS:
        raise ContextError(f"context: numbers may be {MAX_NUMBERS} at the most; {len(numbers)} are given")
    return numbers


def takes_sms(node: Node) -> bool:
    """Tell whether SMS to the numbers come to us also where somebody gets them already. Raises: ContextError."""
    return _switch(node, "takeSms", unset=False)


def zones(node: Node) -> tuple[str, ...] | None:
    """Return the streamer's zones by name, or None: any two. Raises: ContextError."""
    text = _text(node, "zones")
    if text is None:
        return None
    names = tuple(dict.fromkeys(text.split(",")))
    place = region(node) or r"[a-z]{2}(-[a-z]+)+-\d"
    if len(names) != ZONES or not all(re.fullmatch(f"{place}[a-z]", name) for name in names):
        raise ContextError(
            f"context: zones must be {ZONES} of the region's, such as us-east-1a,us-east-1b, not {text!r}"
        )
    return names


def twilio_secret(node: Node) -> str | None:
    """Return the ARN of the secret with Twilio's credentials, or None: the stack makes one. Raises: ContextError."""
    return _secret(node, "twilioSecret")


def deepgram_secret(node: Node) -> str | None:
    """Return the ARN of the secret with Deepgram's key, or None: the stack makes one. Raises: ContextError."""
    return _secret(node, "deepgramSecret")


LOG_DAYS: Final = (7, 14, 30, 90, 180, 365, 731, 2192)
"""A few of those that CloudWatch Logs offers."""

READERS: Final[Mapping[Callable[[Node], object], tuple[str, ...]]] = {
    sign_in: ("jwtIssuer", "jwtAudience", "jwksUrl"),
    public_host: ("publicOrigin",),
    region: ("region",),
    has_streamer: ("streamer",),
    has_firewall: ("waf",),
    own_domain: ("domain", "certificateArn"),
    alarm_email: ("alarmEmail",),
    monthly_budget_dollars: ("monthlyBudget",),
    deepgram_slots: ("deepgramSlots",),
    log_days: ("logDays",),
    recording_days: ("recordingDays",),
    chosen_numbers: ("numbers",),
    takes_sms: ("takeSms",),
    zones: ("zones",),
    twilio_secret: ("twilioSecret",),
    deepgram_secret: ("deepgramSecret",),
}
"""Who reads which values."""

NAMES: Final = tuple(name for names in READERS.values() for name in names)


def check(values: Mapping[str, object]) -> None:
    """Read all that is chosen. Raises: ContextError, for the first that is wrong."""
    for read in READERS:
        read(Given(values))


def _text(node: Node, name: str) -> str | None:
    value = node.try_get_context(name)
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise ContextError(f"context: {name} must be text, not {value!r}")
    return value


def _matching(node: Node, name: str, pattern: str, meant: str) -> str | None:
    text = _text(node, name)
    if text is not None and re.fullmatch(pattern, text) is None:
        raise ContextError(f"context: {name} must be {meant}, not {text!r}")
    return text


def _secret(node: Node, name: str) -> str | None:
    pattern = r"arn:[a-z-]+:secretsmanager:[a-z0-9-]+:\d{12}:secret:[\w/+=.@-]+"
    return _matching(node, name, pattern, "the ARN of a secret in Secrets Manager")


def _switch(node: Node, name: str, *, unset: bool) -> bool:
    match _text(node, name):
        case None:
            return unset
        case "on" | "off" as state:
            return state == "on"
        case other:
            raise ContextError(f"context: {name} is on or off, not {other!r}")


def _count(node: Node, name: str) -> int | None:
    value = node.try_get_context(name)
    if value is None or value == "":
        return None
    # The command line hands over text, cdk.json numbers.
    digits = str(value)
    if not re.fullmatch(r"[1-9]\d{0,5}", digits):
        raise ContextError(f"context: {name} must be a whole number above 0, not {value!r}")
    return int(digits)


def _https(name: str, text: str) -> tuple[str, str]:
    try:
        parts = urlsplit(text)
        host = parts.hostname
    except ValueError as exc:
        raise ContextError(f"context: {name} is not an address: {text!r}") from exc
    if parts.scheme != "https" or not host or parts.username is not None:
        raise ContextError(f"context: {name} must begin with https:// and a host, not {text!r}")
    return parts.netloc, text.partition("://")[2].removeprefix(parts.netloc)
