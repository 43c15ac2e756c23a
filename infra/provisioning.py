"""Pointing the Twilio numbers at the stack, last of all, and giving them back first of all."""

from aws_cdk import CfnOutput, CfnResource, CustomResource, Duration, Stack, aws_iam, aws_kms, aws_lambda
from constructs import Construct

from infra import permissions
from infra.bundling import functions_code
from infra.context import chosen_numbers, takes_sms
from infra.origin import PublicOrigin
from infra.python_function import PythonFunction
from infra.secrets import Credentials
from infra.storage import Storage
from telephony.aws import table
from telephony.numbers import E164


class Provisioning(Construct):
    """A function that CloudFormation asks to point the numbers, and the request to do so.

    Whatever else is in the stack is made before, and deleted after: a caller never reaches half of it.
    """

    TIME_LIMIT = Duration.minutes(5)
    """Fifty numbers, two requests each, of a second and sometimes five."""
    SERVICE_TIME_LIMIT = Duration.minutes(20)
    """CloudFormation's patience: Lambda runs what fails three times. Without it, it would be an hour."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        code: aws_lambda.Code,
        key: aws_kms.IKey,
        storage: Storage,
        credentials: Credentials,
        origin: PublicOrigin,
        numbers: tuple[E164, ...],
    ) -> None:
        super().__init__(scope, construct_id)
        self.function = PythonFunction(
            self,
            "Function",
            code=code,
            handler="functions.provision.handler.on_event",
            key=key,
            timeout=self.TIME_LIMIT,
            environment={},
            may=[_remember(storage), permissions.read_secret(credentials.twilio)],
        )
        before = _all_resources(Stack.of(self))
        request = CustomResource(
            self,
            "Numbers",
            resource_type="Custom::TwilioNumbers",
            service_token=self.function.function_arn,
            service_timeout=self.SERVICE_TIME_LIMIT,
            properties={
                "TwilioSecretArn": credentials.twilio.secret_arn,
                "Numbers": list(numbers),
                "TakeSms": "on" if takes_sms(self.node) else "off",
                "PublicOrigin": origin.url,
                "TableName": storage.table.table_name,
            },
        )
        request.node.add_dependency(*before)
        self._say("Numbers", ",".join(numbers))
        self._say("NumbersWarnings", request.get_att_string("Warnings"))

    def _say(self, name: str, value: str) -> None:
        CfnOutput(self, f"{name}Output", value=value).override_logical_id(name)


def _all_resources(stack: Stack) -> list[CfnResource]:
    """Return what is in the stack so far, but for what some regions or accounts go without."""
    resources = [each for each in stack.node.find_all() if isinstance(each, CfnResource)]
    return [each for each in resources if each.cfn_options.condition is None]


def point_numbers(
    stack: Stack, *, key: aws_kms.IKey, storage: Storage, credentials: Credentials, origin: PublicOrigin
) -> None:
    """Have the chosen numbers point at *stack*, which must hold everything else by now. Raises: ContextError."""
    numbers = chosen_numbers(stack.node)
    if numbers:
        Provisioning(
            stack,
            "Provisioning",
            code=functions_code(stack),
            key=key,
            storage=storage,
            credentials=credentials,
            origin=origin,
            numbers=numbers,
        )


def _remember(storage: Storage) -> aws_iam.PolicyStatement:
    """Allow to read and write what belongs to numbers, and nothing of calls."""
    own = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": [table.key(table.NUMBER, "*")]}}
    return aws_iam.PolicyStatement(
        actions=["dynamodb:GetItem", "dynamodb:PutItem"], resources=[storage.table.table_arn], conditions=own
    )
