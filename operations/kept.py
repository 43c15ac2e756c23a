"""Kept: what stays when the stack goes, or when it could not be made, and what that costs."""

from collections.abc import Sequence
from typing import Final

from operations.stack import Resource
from operations.terminal import Terminal

BUCKET: Final = "AWS::S3::Bucket"

WORDS: Final = {
    "AWS::DynamoDB::Table": "the table with all calls and words: costs by its size, and is protected from deletion",
    BUCKET: "a bucket: costs by its size",
    "AWS::KMS::Key": "the key that they are locked with: 1 dollar a month, and without it they can never be read",
    "AWS::Cognito::UserPool": "who may sign in: costs nothing",
    "AWS::Logs::LogGroup": "logs: cost by their size until they expire",
}


def tell_kept(resources: Sequence[Resource], terminal: Terminal) -> None:
    """Name each of a stack's *resources* that is there and stays without it."""
    kept = [each for each in resources if each.is_kept and each.physical_id]
    if not kept:
        return
    terminal.say("Kept on purpose; delete it by hand when nobody needs it any more:")
    for each in kept:
        terminal.say(f"  {each.physical_id}: {WORDS.get(each.kind, each.kind)}")
