"""DynamoDB's attribute values: written from plain values, read back with the type that is expected.

Times are ISO 8601 in UTC with microseconds, always 27 characters, so that they sort as text.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, TypeAlias, assert_never

from telephony.places import timestamp

if TYPE_CHECKING:  # the stubs are not shipped
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

Value: TypeAlias = "str | int | float | datetime | list[Value] | Item"
Item: TypeAlias = dict[str, "Value | None"]
"""What is to be written; an attribute of None is left out."""


def encode(value: Value) -> "AttributeValueTypeDef":
    """Write *value* as DynamoDB does; a number keeps every digit."""
    match value:
        case str():
            return {"S": value}
        case int():
            return {"N": str(int(value))}  # of an enumeration's member, the number and not the name
        case float():
            return {"N": repr(value)}
        case datetime():
            return {"S": timestamp(value)}
        case list():
            return {"L": [encode(each) for each in value]}
        case dict():
            return {"M": encode_item(value)}
        case _:
            assert_never(value)


def encode_item(item: Item) -> "dict[str, AttributeValueTypeDef]":
    """Write an item, without what is None."""
    return {name: encode(value) for name, value in item.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Fields:
    """An item that was read. A missing or misshapen attribute raises KeyError or ValueError: we wrote it ourselves."""

    values: "Mapping[str, AttributeValueTypeDef]"

    def text(self, name: str) -> str:
        """Return a text."""
        return self.values[name]["S"]

    def maybe_text(self, name: str) -> str | None:
        """Return a text, or None where there is none."""
        return self.text(name) if name in self.values else None

    def count(self, name: str) -> int:
        """Return a whole number."""
        return int(self.values[name]["N"])

    def maybe_count(self, name: str) -> int | None:
        """Return a whole number, or None where there is none."""
        return self.count(name) if name in self.values else None

    def at(self, name: str) -> datetime:
        """Return a time, aware, in UTC."""
        return datetime.fromisoformat(self.text(name))

    def maybe_at(self, name: str) -> datetime | None:
        """Return a time, or None where there is none."""
        return self.at(name) if name in self.values else None

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of texts."""
        return tuple(each["S"] for each in self.values[name]["L"])

    def maybe_texts(self, name: str) -> tuple[str, ...]:
        """Return a list of texts; none where there is no list."""
        return self.texts(name) if name in self.values else ()

    def counts(self, name: str) -> tuple[int, ...]:
        """Return a list of whole numbers."""
        return tuple(int(each["N"]) for each in self.values[name]["L"])

    def rows(self, name: str) -> "tuple[list[AttributeValueTypeDef], ...]":
        """Return a list of lists."""
        return tuple(list(each["L"]) for each in self.values[name]["L"])

    def fields(self, name: str) -> "Fields":
        """Return a map."""
        return Fields(self.values[name]["M"])

    def each(self, name: str) -> "tuple[Fields, ...]":
        """Return a list of maps."""
        return tuple(Fields(each["M"]) for each in self.values[name]["L"])

    def maybe_each(self, name: str) -> "tuple[Fields, ...]":
        """Return a list of maps; none where there is no list."""
        return self.each(name) if name in self.values else ()
