"""Writes: what is asked of DynamoDB, each with the condition on which it is done."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from telephony.aws.attributes import Item, encode_item
from telephony.aws.table import PARTITION_KEY, SORT_KEY

if TYPE_CHECKING:  # the stubs are not shipped
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

Request = dict[str, Any]
"""One of boto3's own requests, as keyword arguments."""


@dataclass(frozen=True, slots=True)
class Condition:
    """What must hold of the stored item, in DynamoDB's language: `#name` is an attribute, `:name` one of *values*."""

    expression: str
    values: Item = field(default_factory=dict)


IS_NEW: Final = Condition(f"attribute_not_exists(#{PARTITION_KEY})")
IS_THERE: Final = Condition(f"attribute_exists(#{PARTITION_KEY})")


@dataclass(frozen=True, slots=True)
class Put:
    """Write *item* over what is there."""

    item: Item
    only_if: Condition | None = None

    def request(self) -> Request:
        """Return it as boto3 takes it."""
        return {"Item": encode_item(self.item), **_guard(self.only_if)}


@dataclass(frozen=True, slots=True)
class Update:
    """Set these attributes of an item, take away those that are named, add to numbers, and leave the others."""

    partition: str
    sort: str
    changes: Item
    only_if: Condition
    removes: tuple[str, ...] = ()
    adds: Mapping[str, int] = field(default_factory=dict)

    def request(self) -> Request:
        """Return it as boto3 takes it; a change to None is left out."""
        names = [name for name, value in self.changes.items() if value is not None]
        sets = ", ".join(f"#{name} = :new_{name}" for name in names)
        removes = ", ".join(f"#{name}" for name in self.removes)
        adds = ", ".join(f"#{name} :new_{name}" for name in self.adds)
        clauses = (("SET", sets), ("REMOVE", removes), ("ADD", adds))
        expression = " ".join(f"{verb} {what}" for verb, what in clauses if what)
        values: Item = {f"new_{name}": self.changes[name] for name in names}
        values |= {f"new_{name}": count for name, count in self.adds.items()}
        return {
            "Key": item_key(self.partition, self.sort),
            "UpdateExpression": expression,
            **_guard(Condition(self.only_if.expression, {**self.only_if.values, **values}), expression),
        }


@dataclass(frozen=True, slots=True)
class Delete:
    """Remove an item."""

    partition: str
    sort: str
    only_if: Condition

    def request(self) -> Request:
        """Return it as boto3 takes it."""
        return {"Key": item_key(self.partition, self.sort), **_guard(self.only_if)}


@dataclass(frozen=True, slots=True)
class ConditionCheck:
    """Change nothing: in a transaction, have the others done only if this holds of an item."""

    partition: str
    sort: str
    only_if: Condition

    def request(self) -> Request:
        """Return it as boto3 takes it."""
        return {"Key": item_key(self.partition, self.sort), **_guard(self.only_if)}


Write = Put | Update | Delete | ConditionCheck


def item_key(partition: str, sort: str) -> "dict[str, AttributeValueTypeDef]":
    """Return an item's key as boto3 takes it."""
    return {PARTITION_KEY: {"S": partition}, SORT_KEY: {"S": sort}}


def _guard(condition: Condition | None, expression: str = "") -> Request:
    """Return a condition with the names that it and *expression* use; every name is aliased, for many are reserved."""
    if condition is None:
        return {}
    used = re.findall(r"#(\w+)", condition.expression + expression)
    guard: Request = {
        "ConditionExpression": condition.expression,
        "ExpressionAttributeNames": {f"#{name}": name for name in used},
    }
    if condition.values:
        guard["ExpressionAttributeValues"] = encode_item(
            {f":{name}": value for name, value in condition.values.items()}
        )
    return guard
