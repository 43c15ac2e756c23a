"""Puts a row on the stage: one call through the house with the fault in it, watched until all that follows is done."""

import asyncio
import contextlib
import json
import re
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import httpx

from local.aws.gate import GateState
from local.aws.mailroom import read_mail
from local.deepgram.faults import Faults as DeepgramFaults
from local.deepgram.stamp import stamp, word
from local.house import OUR_NUMBER, House
from local.processes import LOGS
from local.twilio.call import Call
from local.twilio.caller import Caller
from local.twilio.events import CallerSpeaking
from local.twilio.faults import Faults as TwilioFaults
from telephony.repairs import OffsetSource
from telephony.transcripts import Rung
from tests.e2e.faults import report
from tests.e2e.faults.acts import opt_in
from tests.e2e.faults.footprint import MAX_CREEP_KB, MAX_GROWTH_KB, Footprint
from tests.e2e.faults.leftovers import left
from tests.e2e.faults.row import Outcome, Row
from tests.e2e.faults.words import (
    COMPLETE,
    describe,
    misplaced_words,
    start_of,
    undeclared_words,
    words_of,
    wrong_words,
)

if TYPE_CHECKING:  # the stubs are not needed to run
    from mypy_boto3_dynamodb import DynamoDBClient

WORDS = 200
"""20 s of speech."""
CALL_LIMIT_S = 30
LOOK_EVERY_S = 0.1
STAMPED: Final = r"\bw\d{5}\b"
MAX_SHIFT_MS = 40
"""Of a recording whose place in the call is known by its end alone: two frames."""
LIVE_RUNGS = (Rung.LIVE, Rung.REPLAYED)
Json = dict[str, Any]


@dataclass
class Stage:
    """A house that rows are played in, one after the other; each call has words and a caller of its own."""

    house: House
    api: httpx.AsyncClient
    table: "DynamoDBClient"
    _calls: int = 0
    _warm: Footprint | None = None
    """The streamer's after its first call."""
    _played: list[tuple[Row, Call]] = field(default_factory=list)

    async def recount(self) -> None:
        """Count the messages of every call once more: by now one may have been sent again."""
        mails = await self._mails()
        for row, call in self._played:
            sms = sum(call.caller.number in each.body for each in self.house.twilio.messages)
            emails = sum(call.caller.number in body for body in mails)
            if sms > row.sms or emails > row.emails:
                report.condemn(row.name)
            assert (sms, emails) == (row.sms, row.emails), f"{row.name}: {sms} SMS and {emails} e-mails in the end"

    async def play(self, row: Row) -> Outcome:
        """Place the call of *row*, and return what came of it: as soon as that is as it must be, else at the limit."""
        self._calls += 1
        first, number = 1_000 * self._calls, f"+1415556{self._calls:04}"
        async with self._broken(row):
            before = self._footprint()
            call = await self.house.twilio.ring(Caller(number=number, speech=stamp(first, WORDS)), to=OUR_NUMBER)
            async with asyncio.timeout(CALL_LIMIT_S), asyncio.TaskGroup() as tasks:
                if row.during is not None:
                    tasks.create_task(row.during(self.house, call))
                await call.ended()
            outcome = await self._settled(row, call, first)
            self._played.append((row, call))
            after = self._footprint()
        if before is not None and after is not None:
            self._weigh(before, after)
        return outcome

    def _weigh(self, before: Footprint, after: Footprint) -> None:
        """Assert that the streamer has grown by no more than a call may make it grow, and than many calls may."""
        if self._warm is None or self._warm.pid != after.pid:
            self._warm = after
        assert not after.exceeds(before, MAX_GROWTH_KB), (before, after)
        assert not after.exceeds(self._warm, MAX_CREEP_KB), (self._warm, after)

    def _footprint(self) -> Footprint | None:
        streamer = self.house.streamer
        return None if streamer is None or not streamer.is_running else Footprint.of(streamer.pid)

    @contextlib.asynccontextmanager
    async def _broken(self, row: Row) -> AsyncIterator[None]:
        house = self.house
        await house.deepgram.order(row.deepgram)
        house.twilio.faults = row.twilio
        try:
            if row.before is not None:
                await row.before(house)
            yield
        finally:
            await house.deepgram.order(DeepgramFaults())
            house.twilio.faults = TwilioFaults()
            house.twilio.clock.ahead = timedelta()
            house.twilio.refuse(0)
            house.table.state = house.topic.state = GateState.OPEN
            if house.twilio.opted_out:
                await opt_in(house)
            if house.streamer is not None:
                await house.streamer.start()

    async def _settled(self, row: Row, call: Call, first: int) -> Outcome:
        outcome = None
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(row.limit_s):
                while outcome is None or differences(row, outcome):
                    await asyncio.sleep(LOOK_EVERY_S)
                    outcome = await self._look(call, first) or outcome
                    if outcome is not None and differences(row, outcome).keys() <= {"emails", "told"}:
                        outcome = replace(outcome, emails=await self._emails(call))
        assert outcome is not None, "the call is not known"
        if differences(row, outcome):
            await self._keep(row, call)
        return replace(outcome, emails=await self._emails(call))

    async def _keep(self, row: Row, call: Call) -> None:
        """Keep what the API says of a call that did not come out well, and its SMS, for whoever wants to know why."""
        LOGS.mkdir(parents=True, exist_ok=True)
        paths = (f"/api/calls/{call.sid}", f"/api/calls/{call.sid}/transcript")
        said: list[Json] = [(await self.api.get(path)).json() for path in paths]
        said += [asdict(each) for each in self.house.twilio.messages if call.caller.number in each.body]
        (LOGS / f"fault {row.name.replace('/', ' ')}.json").write_text(json.dumps(said, indent=1, default=str))

    async def _look(self, call: Call, first: int) -> Outcome | None:
        answer = await self.api.get(f"/api/calls/{call.sid}")
        if answer.status_code != httpx.codes.OK:
            return None
        detail: Json = answer.json()
        transcript: Json = (await self.api.get(f"/api/calls/{call.sid}/transcript")).json()
        messages = [each for each in self.house.twilio.messages if call.caller.number in each.body]
        words = words_of(transcript)
        begin_ms, said_ms = start_of(words, first, WORDS), _said_ms(self.house, call)
        return Outcome(
            first=first,
            wrong=wrong_words(words, first, WORDS),
            misplaced=misplaced_words(words, first, WORDS),
            undeclared=undeclared_words(words, transcript["coverage"], first, WORDS),
            is_placed=any(each["offset_found_by"] == OffsetSource.WORDS for each in transcript["repairs"]),
            words=len(words),
            shift_ms=None if begin_ms is None else begin_ms - said_ms,
            coverage=describe(transcript["coverage"], begin_ms),
            is_complete=transcript["is_complete"],
            rung=transcript["rung"],
            sms=tuple(each.body for each in messages),
            emails=(),  # asking for them is slow
            states=tuple(sorted((each["channel"], each["state"]) for each in detail["deliveries"])),
            keeps_sound=any(each["is_stored"] for each in detail["recordings"]),
            told_ms=_told_ms(self.house, call, messages[0].created_at) if messages else None,
            left=await left(self.house, self.api, self.table, call, detail["status"]),
        )

    async def _emails(self, call: Call) -> tuple[str, ...]:
        return tuple(body for body in await self._mails() if call.caller.number in body)

    async def _mails(self) -> tuple[str, ...]:
        mails = await asyncio.to_thread(read_mail, self.house.aws_endpoint, self.house.resources.topic_arn)
        return tuple(each.body for each in mails)


def misquoted(row: Row, outcome: Outcome) -> tuple[str, ...]:
    """Return which messages quote other words than were said: the SMS has the first, the e-mail all that are known."""
    said = [word(outcome.first + index) for index in range(WORDS if row.has_words else 0)]
    quoted = [re.findall(STAMPED, text) for text in outcome.sms]
    wrong = ["an SMS" for words in quoted if words != said[: len(words)] or bool(words) != row.has_words]
    for text in outcome.emails:
        words = re.findall(STAMPED, text)
        is_in_order = [each for each in said if each in words] == words
        if not is_in_order or len(words) < len(said) - row.most_lost:
            wrong.append("an e-mail")
    return tuple(wrong)


def is_condemned(row: Row, outcome: Outcome) -> bool:
    """Tell whether no wait excuses the outcome: wrong words that are called complete, or a message too many."""
    is_false = outcome.is_complete and outcome.wrong > 0
    return is_false or len(outcome.sms) > row.sms or len(outcome.emails) > row.emails


def differences(row: Row, outcome: Outcome) -> dict[str, tuple[object, object]]:
    """Return what is not as it must be: what it must be, and what it is."""
    pairs: dict[str, tuple[object, object]] = {
        "words": (row.most_lost > 0, 0 < outcome.wrong <= row.most_lost)
        if row.most_lost
        else (0, outcome.wrong if row.has_words else outcome.words),
        "misplaced": (0, outcome.misplaced),
        "undeclared": (0, outcome.undeclared),
        "is_complete": (outcome.coverage == COMPLETE, outcome.is_complete),
        "sms": (row.sms, len(outcome.sms)),
        "emails": (row.emails, len(outcome.emails)),
        "states": (row.states, outcome.states),
        "keeps_sound": (row.keeps_sound, outcome.keeps_sound),
        "left": ((), outcome.left),
        "told": ((), misquoted(row, outcome)),
    }
    found = {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
    if (row.is_placed or outcome.is_placed) and abs(outcome.shift_ms or 0) > (
        0 if outcome.rung in LIVE_RUNGS else MAX_SHIFT_MS
    ):
        found["shift_ms"] = (0, outcome.shift_ms)
    if row.coverage and outcome.coverage not in row.coverage:
        found["coverage"] = (row.coverage, outcome.coverage)
    if outcome.rung not in row.rungs:
        found["rung"] = (row.rungs, outcome.rung)
    if any(row.says not in text for text in (*outcome.sms, *outcome.emails)):
        found["says"] = (row.says, outcome.sms)
    return found


def _said_ms(house: House, call: Call) -> int:
    """Return when the first word was said: in the stream's time, or in the recording's where there was no stream."""
    speaking = next(event for event in call.events if isinstance(event, CallerSpeaking))
    opened_ms = next((stream.opened_ms for stream in call.streams if stream.opened_ms is not None), None)
    if opened_ms is None:
        return 0
    return round((speaking.at - house.twilio.clock.at(opened_ms)) / timedelta(milliseconds=1))


def _told_ms(house: House, call: Call, told_at: datetime) -> int | None:
    """Return the real milliseconds between the hang-up and *told_at*; both are of Twilio's fast clock."""
    if call.hung_up_at is None:
        return None
    return round((told_at - call.hung_up_at) / timedelta(milliseconds=1) / house.twilio.clock.speed)
