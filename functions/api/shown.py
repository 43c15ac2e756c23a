"""What is shown of a noun of the domain where each field is the noun's own, by the same name."""

from typing import Generic, Self, TypeVar

from pydantic import BaseModel, ConfigDict

Noun = TypeVar("Noun")


class Shown(BaseModel, Generic[Noun]):
    """Takes its fields, and no others, from a noun; a field that the noun has not is an error."""

    model_config = ConfigDict(from_attributes=True)

    @classmethod
    def of(cls, noun: Noun) -> Self:
        """Show *noun*."""
        return cls.model_validate(noun)
