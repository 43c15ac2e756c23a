"""Event: what CloudFormation asks of a custom resource.

Source: CloudFormation user guide, "Custom resource request objects".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from telephony.errors import WireError
from telephony.numbers import E164, parse_e164

MAX_NUMBERS: Final = 50
"""Each takes two requests to Twilio, all within the function's time limit."""


class RequestType(StrEnum):
    """What is to be done. A rollback is asked for as the opposite of what failed."""

    CREATE = "Create"
    UPDATE = "Update"
    DELETE = "Delete"


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who asks, and where the answer goes: readable even when the rest is not."""

    kind: RequestType
    response_url: str
    stack_id: str
    request_id: str
    logical_id: str
    physical_id: str

    @property
    def stable_id(self) -> str:
        """The resource's identity: the same for as long as the resource is in the stack.

        Another one would make CloudFormation delete what it takes for the old resource, with the new numbers in use.
        """
        return self.physical_id or f"{self.stack_id}/{self.logical_id}"[-_MAX_ID_CHARS:]


@dataclass(frozen=True, slots=True)
class Wanted:
    """The resource's properties."""

    twilio_secret_arn: str
    numbers: tuple[E164, ...]
    public_origin: str
    table_name: str
    takes_sms: bool = False


_MAX_ID_CHARS: Final = 1_024


def parse_envelope(event: object) -> Envelope:
    """Read who asks. Raises: WireError, when there is nobody who could be answered."""
    try:
        fields = _object(event)
        return Envelope(
            kind=RequestType(_text(fields, "RequestType")),
            response_url=_text(fields, "ResponseURL"),
            stack_id=_text(fields, "StackId"),
            request_id=_text(fields, "RequestId"),
            logical_id=_text(fields, "LogicalResourceId"),
            physical_id=_text(fields, "PhysicalResourceId") if "PhysicalResourceId" in fields else "",
        )
    except (KeyError, TypeError, ValueError) as exc:
        raise WireError(f"not a custom resource's request: {type(exc).__name__}") from exc


def parse_wanted(event: object) -> Wanted:
    """Read the properties. Raises: WireError, which names the property and says what it must be."""
    fields = _properties(event, "ResourceProperties")
    try:
        return Wanted(
            twilio_secret_arn=_text(fields, "TwilioSecretArn"),
            numbers=_numbers(fields.get("Numbers")),
            public_origin=_text(fields, "PublicOrigin").rstrip("/"),
            table_name=_text(fields, "TableName"),
            takes_sms=fields.get("TakeSms") == "on",  # a template of before does not say
        )
    except (KeyError, TypeError) as exc:
        raise WireError(f"property {exc} must be a text") from exc


def parse_old_numbers(event: object) -> tuple[E164, ...]:
    """Return the numbers before an update; none where they cannot be read, since nothing could be done about them."""
    try:
        return _numbers(_properties(event, "OldResourceProperties").get("Numbers"))
    except WireError:
        return ()


def _numbers(value: object) -> tuple[E164, ...]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise WireError("property Numbers must be a list of texts")
    if len(value) > MAX_NUMBERS:
        raise WireError(f"property Numbers may have {MAX_NUMBERS} numbers at the most")
    try:
        return tuple(dict.fromkeys(parse_e164(each) for each in value))
    except WireError as exc:
        raise WireError(f"property Numbers: {exc}") from exc


def _properties(event: object, name: str) -> Mapping[str, Any]:
    try:
        return _object(_object(event)[name])
    except (KeyError, TypeError) as exc:
        raise WireError(f"{name} must be an object") from exc


def _object(value: object) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise TypeError("an object is wanted")
    return value


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields[name]
    if not isinstance(value, str) or not value:
        raise TypeError(name)
    return value
