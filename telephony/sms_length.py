"""How long an SMS is: what it is billed as, and what makes it shorter."""

from typing import Final

MAX_SEGMENTS: Final = 4
"""Twilio takes 1,600 characters but bills each segment; four hold a minute of speech. The link has the rest."""

SEGMENT_GSM: Final = 153
"""Characters of the GSM 7-bit alphabet in each segment of a text in several."""

# Characters of the GSM 7-bit alphabet (3GPP TS 23.038); one character outside it halves what a segment holds.
_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_TWICE = frozenset("^{}\\[~]|€")  # each takes the room of two
_SINGLE_GSM, _SINGLE_UCS2 = 160, 70
_SEGMENT_UCS2 = 67
_TYPOGRAPHIC = "\u2019\u2018\u201c\u201d\u2013\u2014\u00a0"  # quotes, dashes, hard space
_PLAIN = str.maketrans(_TYPOGRAPHIC, "''\"\"-- ")


def segments(text: str) -> int:
    """Count the SMS segments *text* is billed as. Source: 3GPP TS 23.038, Twilio's pricing page."""
    if is_gsm(text):
        septets = len(text) + sum(character in _GSM_TWICE for character in text)
        return 1 if septets <= _SINGLE_GSM else -(-septets // SEGMENT_GSM)
    units = len(text.encode("utf-16-be")) // 2
    return 1 if units <= _SINGLE_UCS2 else -(-units // _SEGMENT_UCS2)


def is_gsm(text: str) -> bool:
    """Tell whether *text* is all of the GSM 7-bit alphabet."""
    return all(character in _GSM or character in _GSM_TWICE for character in text)


def plain(text: str) -> str:
    """Write quotes, dashes and hard spaces as that alphabet has them."""
    return text.translate(_PLAIN)
