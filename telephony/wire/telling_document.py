"""TellingDocument: how a mailbox tells people and programs, as its owner writes it down."""

import re
from datetime import time
from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from telephony import templates
from telephony.digests import MAX_TIMES, Digest
from telephony.hooks import MAX_HOOKS, MAX_URL_CHARACTERS, Hook, HookEvent, HookId
from telephony.public_addresses import is_public
from telephony.quiet_hours import QuietHours, Weekday
from telephony.telling import Telling
from telephony.wire.written import written
from telephony.wording import Language

_HOOK_ID: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}", re.ASCII)
_TIME: Final = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]", re.ASCII)
_DAYS: Final = {day.name.lower(): day for day in Weekday}
_DAY: Final = re.compile("|".join(_DAYS))


def _template(text: str) -> str:
    templates.check(text)
    return text


def _hook_id(text: str) -> str:
    if _HOOK_ID.fullmatch(text) is None:
        raise ValueError("small letters, digits and hyphens, at most 63")
    return text


def _time(text: str) -> str:
    if _TIME.fullmatch(text) is None:
        raise ValueError("a time of the day, such as 07:30")
    return text


def _day(text: str) -> str:
    if text not in _DAYS:
        raise ValueError(f"one of {', '.join(_DAYS)}")
    return text


def _public_url(text: str) -> str:
    if not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError("an address is printable ASCII")
    try:
        url = urlsplit(text)
        host, _ = url.hostname, url.port
    except ValueError as exc:
        raise ValueError("not an address") from exc
    if url.scheme != "https" or not host or url.username is not None or url.fragment:
        raise ValueError("an https address, with no user, password or fragment in it")
    if host == "localhost" or host.endswith(".localhost") or not _may_be_public(host):
        raise ValueError("an address that the whole internet can reach")
    return text


def _may_be_public(host: str) -> bool:
    """Tell whether *host* is a name, which is looked up when it is used, or an address of no private network."""
    try:
        return is_public(host)
    except ValueError:
        return True


_TimeText = Annotated[str, AfterValidator(_time), written(_TIME, 5)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class QuietHoursDocument(_Strict):
    """When SMS waits."""

    begin: _TimeText
    end: _TimeText
    days: list[Annotated[str, AfterValidator(_day), written(_DAY)]] = Field(
        default=list(_DAYS), min_length=1, max_length=len(_DAYS)
    )
    """On which they begin."""
    hold_email: bool = False

    @model_validator(mode="after")
    def _is_possible(self) -> "QuietHoursDocument":
        self.quiet_hours()
        return self

    @classmethod
    def of(cls, hours: QuietHours) -> "QuietHoursDocument":
        """Write quiet hours down."""
        begin, end = (each.isoformat("minutes") for each in (hours.begin, hours.end))
        days = [name for name, day in _DAYS.items() if day in hours.days]
        return cls.model_construct(begin=begin, end=end, days=days, hold_email=hours.hold_email)

    def quiet_hours(self) -> QuietHours:
        """Return the quiet hours. Raises: ValueError."""
        days = tuple(day for name, day in _DAYS.items() if name in self.days)
        return QuietHours(time.fromisoformat(self.begin), time.fromisoformat(self.end), days, self.hold_email)


class DigestDocument(_Strict):
    """When people are told of all calls at once."""

    times: list[_TimeText] = Field(min_length=1, max_length=MAX_TIMES)
    with_sms: bool = False

    @classmethod
    def of(cls, digest: Digest) -> "DigestDocument":
        """Write a digest down."""
        return cls.model_construct(times=[each.isoformat("minutes") for each in digest.times], with_sms=digest.with_sms)

    def digest(self) -> Digest:
        """Return the digest."""
        return Digest(tuple(sorted({time.fromisoformat(each) for each in self.times})), self.with_sms)


class WebhookDocument(_Strict):
    """A program's address."""

    id: Annotated[str, AfterValidator(_hook_id), written(_HOOK_ID)]
    url: Annotated[str, Field(max_length=MAX_URL_CHARACTERS), AfterValidator(_public_url)]
    events: list[HookEvent] = Field(default=list(HookEvent), min_length=1, max_length=len(HookEvent))

    @classmethod
    def of(cls, hook: Hook) -> "WebhookDocument":
        """Write a hook down, without its secret."""
        return cls.model_construct(id=hook.id, url=hook.url, events=list(hook.events))

    def hook(self) -> Hook:
        """Return the hook."""
        return Hook(HookId(self.id), self.url, tuple(event for event in HookEvent if event in self.events))


class TellingDocument(_Strict):
    """The whole of it; all may be left out."""

    language: Language = Language.ENGLISH
    sms_template: Annotated[str, Field(max_length=templates.MAX_SMS_CHARACTERS), AfterValidator(_template)] = ""
    email_template: Annotated[str, Field(max_length=templates.MAX_EMAIL_CHARACTERS), AfterValidator(_template)] = ""
    quiet_hours: QuietHoursDocument | None = None
    digest: DigestDocument | None = None
    webhooks: list[WebhookDocument] = Field(default=[], max_length=MAX_HOOKS)

    @model_validator(mode="after")
    def _is_each_webhook_once(self) -> "TellingDocument":
        if len({each.id for each in self.webhooks}) < len(self.webhooks):
            raise ValueError("two webhooks have one id")
        if any(HookEvent.REPAIRED in each.events and HookEvent.COMPLETED not in each.events for each in self.webhooks):
            raise ValueError(f"{HookEvent.REPAIRED} goes with {HookEvent.COMPLETED}")
        return self

    @classmethod
    def of(cls, telling: Telling) -> "TellingDocument":
        """Write down how a mailbox tells, whatever bounds there were when it was stored."""
        return cls.model_construct(
            language=telling.language,
            sms_template=telling.sms_template,
            email_template=telling.email_template,
            quiet_hours=QuietHoursDocument.of(telling.quiet_hours) if telling.quiet_hours else None,
            digest=DigestDocument.of(telling.digest) if telling.digest else None,
            webhooks=[WebhookDocument.of(hook) for hook in telling.hooks],
        )

    def telling(self) -> Telling:
        """Return how the mailbox tells."""
        return Telling(
            language=self.language,
            sms_template=self.sms_template,
            email_template=self.email_template,
            quiet_hours=self.quiet_hours.quiet_hours() if self.quiet_hours else None,
            digest=self.digest.digest() if self.digest else None,
            hooks=tuple(each.hook() for each in self.webhooks),
        )
