"""How a mailbox tells, inside its item, and back. Older items have none of it."""

from datetime import time

from telephony.aws.attributes import Fields, Item, Value
from telephony.digests import Digest
from telephony.hooks import Hook, HookEvent, HookId
from telephony.quiet_hours import QuietHours, Weekday
from telephony.telling import Telling
from telephony.wording import Language


def telling_values(telling: Telling) -> Item:
    """Write how a mailbox tells."""
    hooks: list[Value] = [_hook_values(each) for each in telling.hooks]
    return {
        "language": telling.language.value,
        "sms_template": telling.sms_template,
        "email_template": telling.email_template,
        "quiet_hours": _quiet_values(telling.quiet_hours) if telling.quiet_hours else None,
        "digest": _digest_values(telling.digest) if telling.digest else None,
        "hooks": hooks,
    }


def telling_from(fields: Fields) -> Telling:
    """Read how a mailbox tells."""
    return Telling(
        language=Language(fields.text("language")),
        sms_template=fields.text("sms_template"),
        email_template=fields.text("email_template"),
        quiet_hours=_quiet_from(fields.fields("quiet_hours")) if "quiet_hours" in fields.values else None,
        digest=_digest_from(fields.fields("digest")) if "digest" in fields.values else None,
        hooks=tuple(_hook_from(each) for each in fields.each("hooks")),
    )


def _quiet_values(hours: QuietHours) -> Item:
    return {
        "begin": hours.begin.isoformat(),
        "end": hours.end.isoformat(),
        "days": [int(day) for day in hours.days],
        "hold_email": int(hours.hold_email),
    }


def _quiet_from(fields: Fields) -> QuietHours:
    return QuietHours(
        begin=time.fromisoformat(fields.text("begin")),
        end=time.fromisoformat(fields.text("end")),
        days=tuple(Weekday(number) for number in fields.counts("days")),
        hold_email=bool(fields.count("hold_email")),
    )


def _digest_values(digest: Digest) -> Item:
    return {"times": [each.isoformat() for each in digest.times], "with_sms": int(digest.with_sms)}


def _digest_from(fields: Fields) -> Digest:
    return Digest(tuple(map(time.fromisoformat, fields.texts("times"))), bool(fields.count("with_sms")))


def _hook_values(hook: Hook) -> Item:
    return {"id": hook.id, "url": hook.url, "events": [event.value for event in hook.events]}


def _hook_from(fields: Fields) -> Hook:
    events = tuple(HookEvent(each) for each in fields.texts("events"))
    return Hook(HookId(fields.text("id")), fields.text("url"), events)
