"""Stack: what is deployed, as CloudFormation tells it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from operations.errors import OperationError
from telephony.aws.clients import CONFIG, error_code

STACK: Final = "Ringscribe"
"""The stack's name in infra/app.py."""

NO_CREDENTIALS: Final = (
    "there are no AWS credentials: sign in (`aws sso login`, `aws configure`) or set AWS_PROFILE, and try again"
)
NO_REGION: Final = "no AWS region is chosen: set AWS_REGION, or the profile's region, and try again"


@dataclass(frozen=True, slots=True)
class Account:
    """Where things are deployed to."""

    id: str
    region: str


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource of the stack.

    Attributes:
        is_kept: whether it stays when the stack is deleted.
    """

    kind: str
    physical_id: str
    is_kept: bool


@dataclass(frozen=True, slots=True)
class Stack:
    """A stack that exists."""

    id: str
    status: str
    outputs: Mapping[str, str]

    def output(self, name: str) -> str:
        """Return an output. Raises: OperationError."""
        if name not in self.outputs:
            raise OperationError(f"the stack {STACK} has no output {name} ({self.status}): run `make deploy`")
        return self.outputs[name]


class Cloud:
    """The owner's AWS account. Every method may raise OperationError."""

    def __init__(self, session: boto3.Session) -> None:
        self.session = session

    def client(self, service: str) -> Any:  # noqa: ANN401 - the stubs of these services are not installed
        """Return a client whose waits are bounded."""
        if self.session.region_name is None:
            raise OperationError(NO_REGION)
        make: Any = self.session.client
        return make(service, config=CONFIG)

    def account(self) -> Account:
        """Return whose credentials these are."""
        with plainly("AWS"):
            if self.session.get_credentials() is None:
                raise OperationError(NO_CREDENTIALS)
            client = self.client("sts")
            return Account(client.get_caller_identity()["Account"], client.meta.region_name)

    def find(self, name: str = STACK) -> Stack | None:
        """Return a stack by its name, or, also once it is deleted, by its id; None where there is none."""
        with plainly("CloudFormation"):
            try:
                (found,) = self.client("cloudformation").describe_stacks(StackName=name)["Stacks"]
            except ClientError as exc:
                if "does not exist" in str(exc):
                    return None
                raise
        outputs = {each["OutputKey"]: each["OutputValue"] for each in found.get("Outputs", [])}
        return Stack(found["StackId"], found["StackStatus"], outputs)

    def deployed(self) -> Stack:
        """Return our stack. Raises: OperationError, also when there is none."""
        stack = self.find()
        if stack is None:
            raise OperationError(f"there is no stack {STACK} in this account and region: run `make deploy` first")
        return stack

    def resources(self, stack: Stack) -> list[Resource]:
        """Return all of a stack's resources."""
        client = self.client("cloudformation")
        # What is to be deleted if it was never all made is kept later on.
        kept_by = {"Retain"} if stack.status.startswith("ROLLBACK") else {"Retain", "RetainExceptOnCreate"}
        with plainly("CloudFormation"):
            kept = {
                name
                for name, each in client.get_template(StackName=stack.id)["TemplateBody"]["Resources"].items()
                if each.get("DeletionPolicy", "Delete") in kept_by
            }
            pages = client.get_paginator("list_stack_resources").paginate(StackName=stack.id)
            return [
                Resource(each["ResourceType"], each.get("PhysicalResourceId", ""), each["LogicalResourceId"] in kept)
                for page in pages
                for each in page["StackResourceSummaries"]
            ]


@contextmanager
def plainly(service: str) -> Iterator[None]:
    """Turn what boto3 raises in the block into OperationError."""
    try:
        yield
    except ClientError as exc:
        code = error_code(exc)
        message = exc.response.get("Error", {}).get("Message", "")
        if code in _SIGN_IN_AGAIN:
            raise OperationError(f"AWS refuses the credentials ({code}): {NO_CREDENTIALS.partition(': ')[2]}") from exc
        raise OperationError(f"{service} refuses: {code}: {message}") from exc
    except BotoCoreError as exc:
        is_unsigned = any(word in type(exc).__name__ for word in ("Credential", "Token", "SSO", "Profile"))
        raise OperationError(NO_CREDENTIALS if is_unsigned else f"{service} cannot be reached: {exc}") from exc


_SIGN_IN_AGAIN: Final = frozenset(
    {"ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException"}
)
