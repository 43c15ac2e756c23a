"""LinkStore on DynamoDB."""

import re
import secrets
from datetime import datetime, timedelta
from typing import Final

from telephony.aws.attributes import Fields, Item
from telephony.aws.dynamodb import AllRefusedError, Table
from telephony.aws.item_keys import keys
from telephony.aws.table import CALL, LINK, TTL, key
from telephony.aws.writes import IS_NEW, Condition, Put
from telephony.calls import CallSid
from telephony.errors import NotFoundError, UpstreamError

TOKEN_BYTES: Final = 16
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)  # a stranger chose it


class DynamoLinks:
    """Links that let whoever holds them listen to a call's message; see `telephony.ports.LinkStore`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def link(self, call_sid: CallSid, lifetime: timedelta, now: datetime) -> str:
        """Return the call's token, the same one for as long as it lives."""
        known = self._living(call_sid, now)
        if known is not None:
            return known
        token = secrets.token_urlsafe(TOKEN_BYTES)
        life: Item = {"expires_at": now + lifetime, TTL: int((now + lifetime).timestamp())}
        has_none = Condition("attribute_not_exists(#pk) OR #expires_at <= :now", {"now": now})
        calls_own: Item = {**keys(key(CALL, call_sid), LINK, LINK), **life, "token": token}
        link: Item = {**keys(key(LINK, token), LINK, LINK), **life, "call_sid": call_sid}
        try:
            self._table.write_all([Put(calls_own, has_none), Put(link, IS_NEW)])
        except AllRefusedError as exc:
            rivals = self._living(call_sid, now)
            if rivals is None:
                raise UpstreamError("dynamodb", "LinkRace", retryable=True) from exc
            return rivals
        return token

    def call_of(self, token: str, now: datetime) -> CallSid:
        """Return whose token it is. Raises: NotFoundError, also when its lifetime is over."""
        fields = self._table.get(key(LINK, token), LINK) if _TOKEN.fullmatch(token) else None
        if fields is None or not _lives(fields, now):
            raise NotFoundError("link")
        return CallSid(fields.text("call_sid"))

    def _living(self, call_sid: CallSid, now: datetime) -> str | None:
        fields = self._table.get(key(CALL, call_sid), LINK)
        return fields.text("token") if fields is not None and _lives(fields, now) else None


def _lives(fields: Fields, now: datetime) -> bool:
    return now < fields.at("expires_at")
