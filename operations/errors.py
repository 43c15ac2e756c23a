"""What an operation says when it cannot go on."""


class OperationError(Exception):
    """The operation ends here; the text says in plain words why, and what to do. It never holds a secret."""
