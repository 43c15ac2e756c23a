"""What people read when they are told of a voicemail: the text of an SMS and of an e-mail."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from telephony.calls import VoicemailKind
from telephony.numbers import caller_to_show
from telephony.quality import clock, quality
from telephony.sms_length import MAX_SEGMENTS, SEGMENT_GSM, plain, segments
from telephony.templates import fill
from telephony.voicemail import Voicemail
from telephony.wording import WORDINGS, Wording
from telephony.zones import local

SUBJECT_CHARACTERS = 99
"""SNS takes fewer than 100 characters of printable ASCII. Source: SNS Publish API."""

_MOST_WORDS = MAX_SEGMENTS * SEGMENT_GSM // 2  # a word takes a character and the space before it
_UNLINKED = frozenset({VoicemailKind.MISSED, VoicemailKind.UNHEARD})
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss"})


@dataclass(frozen=True, slots=True)
class Email:
    """An e-mail's subject and plain-text body."""

    subject: str
    body: str


def sms_text(voicemail: Voicemail, link: str) -> str:
    """Tell of *voicemail* in at most MAX_SEGMENTS segments, the words cut at a word; *link* is always whole.

    An owner's template that leaves no room for the link and the truth gives way to our own words.
    """
    words = plain(voicemail.transcript.text).split()
    template = "" if voicemail.kind in _UNLINKED else voicemail.mailbox.telling.sms_template
    own = (_filled(template, voicemail, link, said) for said in _ever_shorter(words)) if template else ()
    ours = ("\n".join(_parts(voicemail, link, f'"{said}"' if said else "")) for said in _ever_shorter(words))
    fits = (text for texts in (own, ours) for text in map(plain, texts) if segments(text) <= MAX_SEGMENTS)
    return next(fits, plain("\n".join(_parts(voicemail, link, ""))))


def sms_marker(voicemail: Voicemail, token: str) -> str:
    """Return what stands in the SMS about *voicemail* and in no other; *token* is its link's.

    Without a link it is who called and when: of two calls in one minute that left no message, one SMS tells all.
    """
    return plain(headline(voicemail)) if voicemail.kind is VoicemailKind.MISSED else token


def email_text(voicemail: Voicemail, link: str) -> Email:
    """Tell of *voicemail* with all its words."""
    template = voicemail.mailbox.telling.email_template
    if template and voicemail.kind not in _UNLINKED:
        body = _filled(template, voicemail, link, voicemail.transcript.text, gap="\n\n")
    else:
        mailbox = words_of(voicemail).mailbox.format(mailbox=voicemail.mailbox.name)
        body = "\n\n".join([*_parts(voicemail, link, voicemail.transcript.text), mailbox])
    return Email(subject_of(headline(voicemail)), f"{body}\n")


def subject_of(line: str) -> str:
    """Write a line as an e-mail's subject: of ASCII, which is all that SNS takes, and not too long."""
    bare = unicodedata.normalize("NFKD", line.rstrip(".").translate(_UMLAUTS))
    letters = "".join(each for each in bare if not unicodedata.combining(each))
    return letters.encode("ascii", "replace").decode()[:SUBJECT_CHARACTERS]


def headline(voicemail: Voicemail) -> str:
    """Say who called, when, and for how long they spoke."""
    words = words_of(voicemail)
    match voicemail.kind:
        case VoicemailKind.MISSED:
            line = words.missed
        case VoicemailKind.UNHEARD:
            line = words.call
        case _:
            line = words.voicemail
    return line.format(**_facts(voicemail))


def words_of(voicemail: Voicemail) -> Wording:
    """Return the words in which people are told of *voicemail*."""
    return WORDINGS[voicemail.mailbox.telling.language]


def invitation(voicemail: Voicemail, link: str) -> str:
    """Invite to listen, also before the recording was reported: the link works as soon as our copy is there.

    The link is alone on its line: so it can be found, read out and opened by every kind of phone.
    """
    return "" if voicemail.kind in _UNLINKED else f"{words_of(voicemail).listen}\n{link}"


def _parts(voicemail: Voicemail, link: str, said: str) -> list[str]:
    parts = (headline(voicemail), said, quality(voicemail, words_of(voicemail)), invitation(voicemail, link))
    return [part for part in parts if part]


def _filled(template: str, voicemail: Voicemail, link: str, said: str, *, gap: str = "\n") -> str:
    values = {
        **_facts(voicemail),
        "words": said,
        "quality": quality(voicemail, words_of(voicemail)),
        "link": link,
        "mailbox": voicemail.mailbox.name,
    }
    return fill(template, values, gap=gap)


def _facts(voicemail: Voicemail) -> dict[str, str]:
    words = words_of(voicemail)
    return {
        "caller": caller_to_show(voicemail.call.caller, words.nobody),
        "time": words.time(local(voicemail.call.started_at, voicemail.mailbox.timezone)),
        "length": clock(voicemail.length_ms),
    }


def _ever_shorter(words: list[str]) -> Iterator[str]:
    """Yield the words, then ever fewer of them, and at last none."""
    for count in range(min(len(words), _MOST_WORDS), 0, -1):
        yield " ".join(words[:count]) + ("" if count == len(words) else "...")
    yield ""
