"""Roles: those with which AWS's own services act in an account, made before anything waits for them.

The first cluster of an account makes ECS's role, and fails when it takes it up at once: it is not known everywhere yet.
A first deployment would be taken back for that, and the second would succeed.
Source: github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/818.
"""

from typing import Final

from botocore.exceptions import ClientError

from operations.stack import Cloud, plainly
from telephony.aws.clients import error_code

SERVICES: Final = ("ecs.amazonaws.com", "ecs.application-autoscaling.amazonaws.com")

_LEFT_ALONE: Final = frozenset({"InvalidInput", "EntityAlreadyExists", "AccessDenied", "AccessDeniedException"})
"""What IAM says of a role that is there ("has been taken in this account"), and to whoever may not make one."""


def make_roles(cloud: Cloud) -> None:
    """Make those that are not there. Whoever may not leaves it to the services, as before. Raises: OperationError."""
    client = cloud.client("iam")
    for service in SERVICES:
        with plainly("IAM"):
            try:
                client.create_service_linked_role(AWSServiceName=service)
            except ClientError as exc:
                if error_code(exc) not in _LEFT_ALONE:
                    raise
