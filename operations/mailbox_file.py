"""Reads a mailbox's document from a file."""

from pathlib import Path

from pydantic import ValidationError

from operations.errors import OperationError
from telephony.wire.mailbox_document import MailboxDocument


def read_mailbox(path: Path) -> MailboxDocument:
    """Read a file. Raises: OperationError, naming each field that is wrong and what it must be."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        raise OperationError(f"{path} cannot be read: {exc}") from exc
    try:
        return MailboxDocument.model_validate_json(text)
    except ValidationError as exc:
        lines = [f"  {'.'.join(map(str, each['loc'])) or 'file'}: {each['msg']}" for each in exc.errors()]
        raise OperationError("\n".join([f"{path} is not a mailbox:", *lines])) from exc
