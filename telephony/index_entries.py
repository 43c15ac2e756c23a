"""IndexEntry: what of a call can be searched, as it stood when it was indexed."""

import json
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Final

from telephony.calls import Call, CallSid
from telephony.coverage import Track
from telephony.numbers import MailboxId, is_withheld
from telephony.transcripts import Transcript

VERSION: Final = 1
"""Of how text is made into terms: with another one, calls are indexed again when they are next looked at."""

MOST_WORDS: Final = 15_000
"""Of one call, so that its entry stays under an item's 400 kB: an hour and a half of talk. The rest isn't found."""

_DIGEST_BYTES = 16


@dataclass(frozen=True, slots=True)
class Spoken:
    """All words of one track, in order.

    Attributes:
        words: as they are shown; none has a line break in it.
        starts_ms: call time at which each begins.
    """

    track: Track
    words: tuple[str, ...]
    starts_ms: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """What of a call can be searched.

    Attributes:
        caller: as Twilio names it; empty when it was withheld.
        language: by whose rules the words are stemmed; BCP-47, or "multi".
        spoken: one for each track of which there are words.
    """

    call_sid: CallSid
    mailbox_id: MailboxId
    started_at: datetime
    caller: str
    number: str
    language: str
    spoken: tuple[Spoken, ...]

    @property
    def digest(self) -> str:
        """What is equal exactly if all else is."""
        said = [[spoken.track, spoken.words, spoken.starts_ms] for spoken in self.spoken]
        call = [self.call_sid, self.mailbox_id, self.started_at.isoformat(), self.caller, self.number]
        text = json.dumps([VERSION, *call, self.language, said], ensure_ascii=False)
        return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_DIGEST_BYTES).hexdigest()


def entry_of(call: Call, language: str, transcript: Transcript) -> IndexEntry:
    """Return what of *call* can be searched, as it stands."""
    return IndexEntry(
        call_sid=call.sid,
        mailbox_id=call.mailbox_id,
        started_at=call.started_at,
        caller="" if is_withheld(call.caller) else call.caller,
        number=call.number,
        language=language,
        spoken=_spoken(transcript),
    )


def _spoken(transcript: Transcript) -> tuple[Spoken, ...]:
    spoken = []
    left = MOST_WORDS
    for track in Track:
        words = [word for said in transcript.utterances if said.track is track for word in said.words][:left]
        left -= len(words)
        if words:
            texts, starts_ms = (" ".join(word.text.split()) for word in words), (word.start_ms for word in words)
            spoken.append(Spoken(track, tuple(texts), tuple(starts_ms)))
    return tuple(spoken)
