"""Ledgers as part of a stream's item."""

from telephony.aws.attributes import Fields, Item
from telephony.coverage import Track
from telephony.ledger import Ledger


def ledger_values(ledger: Ledger) -> Item:
    """Write a ledger."""
    return {
        "track": ledger.track.value,
        "chunks": ledger.chunks,
        "repeated": ledger.repeated,
        "reordered": ledger.reordered,
        "received_ms": ledger.received_ms,
        "missing_ms": ledger.missing_ms,
        "level_dbfs": ledger.level_dbfs,
        "clipped_share": ledger.clipped_share,
        "silent_share": ledger.silent_share,
    }


def ledger_from(fields: Fields) -> Ledger:
    """Read a ledger."""
    return Ledger(
        track=Track(fields.text("track")),
        chunks=fields.count("chunks"),
        repeated=fields.count("repeated"),
        reordered=fields.count("reordered"),
        received_ms=fields.count("received_ms"),
        missing_ms=fields.count("missing_ms"),
        level_dbfs=float(fields.values["level_dbfs"]["N"]) if "level_dbfs" in fields.values else None,
        clipped_share=float(fields.values["clipped_share"]["N"]),
        silent_share=float(fields.values["silent_share"]["N"]),
    )
