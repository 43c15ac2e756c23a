"""Findings of the rule packs that we live with, each named with its reason beside the construct it is about."""

from collections.abc import Mapping

from aws_cdk import Acknowledgment, Validations
from constructs import IConstruct


def accept(construct: IConstruct, reasons: Mapping[str, str]) -> None:
    """Accept findings about *construct* and what it holds.

    *reasons*: why, by the rule's whole name, such as "AwsSolutions::AwsSolutions-ECS4". The bare name would work too,
    and leave no trace in the report.
    """
    for rule, reason in reasons.items():
        Validations.of(construct).acknowledge(Acknowledgment(id=rule, reason=reason))
