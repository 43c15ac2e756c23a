"""TwiML: what we answer to Twilio, as XML.

Source: https://www.twilio.com/docs/voice/twiml
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, assert_never
from urllib.parse import quote, urlencode

from twilio.twiml.voice_response import Dial, Gather, Start, VoiceResponse

from telephony.answering import (
    Announce,
    Answer,
    Apologise,
    AskConsent,
    EndUnrecorded,
    HangUp,
    Parties,
    RingPerson,
    SayNothing,
    TakeMessage,
    TakeMessageBlindly,
    Thank,
)
from telephony.consent import Consent
from telephony.mailboxes import Mailbox
from telephony.numbers import MailboxId
from telephony.phrases import PHRASE_OF_KEY, PHRASES_PATH, Phrase, PhraseDigest
from telephony.streams import Ticket
from telephony.wire.callbacks import STREAM_NAME, TICKET_PARAMETER, address
from telephony.wire.webhooks import CALLER_KEY, NUMBER_KEY, WebhookPath

CONTENT_TYPE: Final = "text/xml"

APOLOGY: Final = "Sorry, this number is not in service. Goodbye."
BLIND_GREETING: Final = "Hello. This call is recorded. Please leave your message after the tone."
"""For a mailbox that is not known: it may be one that must announce the recording."""
THANKS: Final = "Thank you. Goodbye."

MAX_SILENCE_SECONDS: Final = 10
"""So long a silence ends the message: Twilio's 5 cuts off whoever looks something up."""

_MAX_MESSAGE_SECONDS = range(2, 14_401)
_DEFAULT_MAX_MESSAGE_SECONDS = 300
_RING_SECONDS = range(5, 601)

_ONE_KEY = 1

_LAST_WORDS: Final[Mapping[type[Answer], str]] = {Apologise: APOLOGY, Thank: THANKS, HangUp: ""}

# What Twilio can speak has a region; Deepgram's "multi" and "en" are no language of <Say>, which would fail the verb.
_SPOKEN_LANGUAGE = re.compile(r"[a-z]{2,3}-[A-Z]{2}", re.ASCII)
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where Twilio reaches us.

    Attributes:
        public_origin: of the webhooks.
        media_url: of the media streams; without a query string, which Twilio refuses.
        phrase_name: returns the signed name of a phrase whose sound is kept.
    """

    public_origin: str
    media_url: str
    phrase_name: Callable[[PhraseDigest], str]

    def callback(self, path: WebhookPath, parties: Parties | None = None) -> str:
        """Return the address of a callback that Twilio repeats when it fails, and that brings *parties* along."""
        query = ""
        if parties is not None:
            # In alphabetical order: Twilio has been seen to send a query sorted and to sign it as it was written.
            pairs = [(CALLER_KEY, parties.caller), (NUMBER_KEY, parties.number)]
            query = "?" + urlencode(sorted(pairs), quote_via=quote, safe="")
        return address(self.public_origin, path, query)

    def phrase(self, digest: PhraseDigest, mailbox_id: MailboxId) -> str:
        """Return the address of a phrase's sound; it says who plays it, so that they learn of it if it is lost."""
        of_whom = urlencode({PHRASE_OF_KEY: mailbox_id}, quote_via=quote, safe="")
        return f"{self.public_origin}{PHRASES_PATH}{self.phrase_name(digest)}?{of_whom}"


def write(answer: Answer, addresses: Addresses) -> str:
    """Return the document that does as *answer* says."""
    match answer:
        case TakeMessage():
            return take_message(answer, addresses)
        case Announce() | AskConsent():
            return announce(answer, addresses)
        case EndUnrecorded():
            return end_unrecorded(answer, addresses)
        case TakeMessageBlindly(parties):
            return fallback(parties, addresses)
        case RingPerson():
            return ring_first(answer, addresses)
        case Apologise() | Thank() | HangUp() | SayNothing():
            return _last(answer)
        case _:
            assert_never(answer)


def take_message(taking: TakeMessage, addresses: Addresses) -> str:
    """Return the document that greets and records the caller; with a ticket, their words are streamed to us too."""
    response, mailbox = VoiceResponse(), taking.mailbox
    if mailbox.consent is not None and not taking.is_told:
        _speak(response, mailbox.consent.announcement, mailbox, addresses)
    if taking.ticket is not None:
        # Before the greeting, not after it: Twilio goes straight on to the next verb, so that the sockets to us and
        # to Deepgram open while the greeting is spoken, and are there long before the tone. Nothing of the greeting
        # is streamed, since the track is what the caller says. Not before the announcement: it must be heard first.
        response.append(_stream(taking.ticket, addresses))
    _speak(response, mailbox.greeting, mailbox, addresses)
    _record(response, addresses, mailbox.max_message_seconds)
    return str(response)


def announce(announcing: Announce | AskConsent, addresses: Addresses) -> str:
    """Return the document that announces the recording and has us asked what is next."""
    mailbox, consent = announcing.mailbox, announcing.consent
    if isinstance(announcing, AskConsent):
        return ask_consent(mailbox, consent, addresses)
    response = VoiceResponse()
    _speak(response, consent.announcement, mailbox, addresses)
    response.redirect(addresses.callback(WebhookPath.ANNOUNCED), method="POST")
    return str(response)


def ask_consent(mailbox: Mailbox, consent: Consent, addresses: Addresses) -> str:
    """Return the document that announces the recording and waits for a key; without one we are asked all the same."""
    response = VoiceResponse()
    gather = Gather(
        action=addresses.callback(WebhookPath.CONSENTED),
        method="POST",
        input="dtmf",
        num_digits=_ONE_KEY,
        finish_on_key="",
        timeout=consent.wait_s,
        action_on_empty_result=True,
    )
    _speak(gather, consent.announcement, mailbox, addresses)
    response.append(gather)
    return str(response)


def end_unrecorded(ending: EndUnrecorded, addresses: Addresses) -> str:
    """Return the document for a caller who does not agree: nothing in it streams or records."""
    response = VoiceResponse()
    _speak(response, ending.consent.refusal, ending.mailbox, addresses)
    if ending.ring is None:
        response.hangup()
    else:
        response.append(_dial(ending.ring, addresses))
    return str(response)


def fallback(parties: Parties, addresses: Addresses) -> str:
    """Return the document that takes a message knowing nothing of the mailbox.

    Recording callbacks carry neither `From` nor `To`, and no call was stored that could be looked up by its SID: so
    their addresses say who called whom. Twilio's signature covers them.
    """
    response = VoiceResponse()
    _say(response, BLIND_GREETING, "")
    _record(response, addresses, _DEFAULT_MAX_MESSAGE_SECONDS, parties)
    return str(response)


def ring_first(ring: RingPerson, addresses: Addresses) -> str:
    """Return the document that rings a person, the caller hearing the ringing, and then asks what to do."""
    response = VoiceResponse()
    response.append(_dial(ring, addresses))
    return str(response)


def _dial(ring: RingPerson, addresses: Addresses) -> Dial:
    dial = Dial(
        action=addresses.callback(WebhookPath.DIALED),
        method="POST",
        # The caller's leg stays unanswered, and unpaid, until somebody picks up; its final status then tells a missed
        # call (no-answer) from one that was answered (completed).
        answer_on_bridge=True,
        timeout=_within(_RING_SECONDS, ring.seconds),
        caller_id=ring.shown,
    )
    dial.number(ring.target)
    return dial


def _stream(ticket: Ticket, addresses: Addresses) -> Start:
    start = Start()
    stream = start.stream(
        name=STREAM_NAME,
        url=addresses.media_url,
        track="inbound_track",
        status_callback=addresses.callback(WebhookPath.STREAM),
        status_callback_method="POST",
    )
    stream.parameter(name=TICKET_PARAMETER, value=ticket.id)
    return start


def _record(response: VoiceResponse, addresses: Addresses, max_seconds: int, parties: Parties | None = None) -> None:
    response.record(
        action=addresses.callback(WebhookPath.RECORDED, parties),
        method="POST",
        finish_on_key="#",
        max_length=_within(_MAX_MESSAGE_SECONDS, max_seconds),
        play_beep=True,
        recording_status_callback=addresses.callback(WebhookPath.RECORDING, parties),
        recording_status_callback_event="completed absent",
        recording_status_callback_method="POST",
        timeout=MAX_SILENCE_SECONDS,
        trim="do-not-trim",  # trimmed silence would shift every word against the live transcript
    )


def _last(answer: Apologise | Thank | HangUp | SayNothing) -> str:
    response = VoiceResponse()
    if not isinstance(answer, SayNothing):  # it answers a text: there is no call to end
        _say(response, _LAST_WORDS[type(answer)], "")
        response.hangup()
    return str(response)


def _speak(response: VoiceResponse | Gather, text: str, mailbox: Mailbox, addresses: Addresses) -> None:
    """Have *text* played in the mailbox's voice if its sound is kept; else Twilio's own voice says it."""
    if mailbox.plays(text):
        response.play(addresses.phrase(Phrase(text, mailbox.voice).digest, mailbox.id))
    else:
        _say(response, text, mailbox.listening.language)


def _say(response: VoiceResponse | Gather, text: str, language: str) -> None:
    speakable = _NOT_XML.sub(" ", text).strip()
    if speakable:
        is_spoken = _SPOKEN_LANGUAGE.fullmatch(language) is not None
        response.say(speakable, language=language if is_spoken else None)


def _within(allowed: range, value: int) -> int:
    return max(allowed.start, min(allowed.stop - 1, value))
