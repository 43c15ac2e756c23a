"""What a deployable's settings are: their variables in the environment, and what they are unless it says otherwise."""

from typing import Any

import msgspec


def required(kind: type[msgspec.Struct]) -> set[str]:
    """Return the variables that must be there."""
    return {each.name.upper() for each in msgspec.structs.fields(kind) if each.required}


def known(kind: type[msgspec.Struct]) -> set[str]:
    """Return all variables that are read."""
    return {each.name.upper() for each in msgspec.structs.fields(kind)}


def default(kind: type[msgspec.Struct], name: str) -> Any:  # noqa: ANN401 - whatever the setting is
    """Return what the setting *name* is, unless the environment says otherwise."""
    return next(each.default for each in msgspec.structs.fields(kind) if each.name == name)
