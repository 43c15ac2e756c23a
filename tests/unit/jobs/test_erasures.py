"""Jobs that erase: one call, all of one caller, what is kept no longer; and what the clock brings."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from functions.jobs import erasures, rounds
from telephony.calls import Call, CallSid
from telephony.erasure import LOOKS, Tombstone
from telephony.errors import UpstreamError
from telephony.jobs import MAX_ATTEMPTS, JobId, JobKind, JobState
from telephony.keeping import START, Keeping, Place
from telephony.mailboxes import Mailbox
from telephony.numbers import MailboxId
from tests import examples
from tests.fakes.directory import MemoryDirectory
from tests.fakes.jobs import MemoryJobQueue
from tests.unit.jobs.world import STALE, World

DAY = timedelta(days=1)
DOWN = UpstreamError("twilio", "503", retryable=True)
OTHER = "+15005550002"


@pytest.fixture
def world() -> World:
    world = World()
    world.has_mailbox()
    return world


def test_a_call_is_erased_and_the_job_says_what_went(world: World) -> None:
    sid = world.has_call()
    job = world.run(world.ask(JobKind.ERASE_CALL, call_sid=sid))
    assert (job.state, job.done, job.counts["table_items"], job.left) == (JobState.DONE, 1, 6, ())
    assert world.traces(sid) == []


def test_what_twilio_erased_late_is_counted_and_no_longer_left(world: World) -> None:
    sid = world.has_call()
    world.twilio.refusals = [DOWN, DOWN]
    job = world.run(world.ask(JobKind.ERASE_CALL, call_sid=sid))
    assert (job.state, job.counts["twilio_recordings"], job.left, job.trouble) == (JobState.DONE, 1, (), "")
    assert world.traces(sid) == []


def test_a_call_that_twilio_never_erases_fails_and_says_what_is_left(world: World) -> None:
    sid = world.has_call()
    world.twilio.calls.trouble = DOWN
    job = world.run(world.ask(JobKind.ERASE_CALL, call_sid=sid))
    assert (job.state, job.attempts) == (JobState.FAILED, MAX_ATTEMPTS)
    assert job.left == ("Twilio could not say which recordings it has: Twilio answered 503.",)
    assert job.left[0] in job.trouble


def test_a_call_on_legal_hold_is_not_erased_and_the_job_says_so(world: World) -> None:
    sid = world.has_call()
    world.table.erasure.hold(sid, examples.NOON)
    job = world.run(world.ask(JobKind.ERASE_CALL, call_sid=sid))
    assert (job.state, job.trouble) == (JobState.FAILED, erasures.HELD)
    assert world.table.calls.get(sid).sid == sid


def test_all_of_a_caller_goes_and_nothing_of_the_others(world: World) -> None:
    callers = [examples.CALLER if number % 3 == 0 else OTHER for number in range(60)]
    sids = [
        world.has_call(number, caller=caller, started_at=examples.NOON + timedelta(minutes=number))
        for number, caller in enumerate(callers)
    ]
    job = world.run(world.ask(JobKind.ERASE_CALLER, caller=examples.CALLER))
    assert (job.state, job.done, job.total, job.request) == (JobState.DONE, 20, 20, {})
    assert job.counts["twilio_recordings"] == 20
    for sid, caller in zip(sids, callers, strict=True):
        assert (world.traces(sid) == []) is (caller == examples.CALLER)


def test_a_caller_of_whom_there_is_nothing_is_done_at_once(world: World) -> None:
    world.has_call()
    job = world.run(world.ask(JobKind.ERASE_CALLER, caller=OTHER))
    assert (job.state, job.done, job.counts) == (JobState.DONE, 0, {})


def test_held_calls_of_a_caller_stay_and_are_named(world: World) -> None:
    held, free = world.has_call(1), world.has_call(2, started_at=examples.NOON + timedelta(minutes=1))
    world.table.erasure.hold(held, examples.NOON)
    job = world.run(world.ask(JobKind.ERASE_CALLER, caller=examples.CALLER))
    assert (job.state, job.done, job.left) == (JobState.DONE, 1, (f"{held} is on legal hold",))
    assert (world.traces(free), world.table.calls.get(held).sid) == ([], held)


def test_a_call_that_cannot_be_erased_does_not_keep_the_others_from_it(world: World) -> None:
    first = world.has_call(1)
    others = [world.has_call(2 + at, started_at=examples.NOON + timedelta(minutes=1 + at)) for at in range(30)]
    world.twilio.refusals = [DOWN] * 1_000
    for sid in others:
        number = int(sid.removeprefix("CA"), base=16)
        del world.table.state.recordings[next(key for key in world.table.state.recordings if key[0] == sid)]
        world.twilio.calls.made = [each for each in world.twilio.calls.made if each.call_sid != sid]
        world.table.state.deliveries = {
            key: told for key, told in world.table.state.deliveries.items() if key.call_sid != sid
        }
        world.twilio.messages.discard(f"SM{number:032x}")
    job = world.run(world.ask(JobKind.ERASE_CALLER, caller=examples.CALLER))
    assert job.state is JobState.FAILED
    assert all(first in each for each in job.left)
    assert len(job.left) == 2
    assert all("table" not in world.traces(sid) for sid in others)


def _due(world: World, *ages_days: int) -> list[CallSid]:
    now = world.clock.now()
    return [world.has_call(number, started_at=now - age * DAY) for number, age in enumerate(ages_days, start=1)]


def _go(world: World) -> None:
    world.rounds().go()
    for job_id, _ in world.queue.woken:
        world.run(job_id)
    world.queue.woken.clear()


def test_what_a_mailbox_keeps_no_longer_goes_when_its_time_is_over(world: World) -> None:
    world.has_mailbox(Keeping(30))
    old, younger = _due(world, 31, 29)
    _go(world)
    assert (world.traces(old), world.table.calls.get(younger).sid) == ([], younger)
    world.clock.advance(DAY / 2)
    _go(world)
    assert world.table.calls.get(younger).sid == younger
    world.clock.advance(DAY)
    _go(world)
    assert world.traces(younger) == []
    assert [job.kind for job in world.table.jobs.newest(examples.MAILBOX.id, 10, None).jobs] == [JobKind.EXPIRE] * 2


def test_another_term_holds_for_calls_of_before(world: World) -> None:
    (sid,) = _due(world, 100)
    _go(world)
    world.has_mailbox(Keeping(365))
    _go(world)
    assert world.table.calls.get(sid).sid == sid
    world.has_mailbox(Keeping(30))
    _go(world)
    assert world.traces(sid) == []


def test_a_term_that_was_lengthened_meanwhile_keeps_the_calls(world: World) -> None:
    world.has_mailbox(Keeping(30))
    (sid,) = _due(world, 31)
    world.rounds().go()
    ((job_id, _),) = world.queue.woken
    world.has_mailbox(Keeping())
    assert world.run(job_id).state is JobState.DONE
    assert world.table.calls.get(sid).sid == sid


def test_a_mailbox_that_is_gone_meanwhile_loses_nothing(world: World) -> None:
    world.has_mailbox(Keeping(30))
    _due(world, 31)
    world.rounds().go()
    ((job_id, _),) = world.queue.woken
    world.table.state.mailboxes.clear()
    assert (world.run(job_id).state, world.run(job_id).done) == (JobState.DONE, 0)


def test_held_calls_outlast_their_term_and_do_not_hide_those_behind_them(world: World) -> None:
    world.has_mailbox(Keeping(30))
    sids = _due(world, *range(400, 250, -1))
    held, free = sids[:120], sids[120:]
    for sid in held:
        world.table.erasure.hold(sid, examples.NOON)
    _go(world)
    assert all(world.table.calls.get(sid).sid == sid for sid in held)
    assert all(world.traces(sid) == [] for sid in free)
    world.clock.advance(DAY)
    world.rounds().go()
    assert world.queue.woken == []  # what is held does not make a job every hour


def test_a_mailbox_on_hold_expires_nothing(world: World) -> None:
    world.has_mailbox(Keeping(30, is_on_hold=True))
    (sid,) = _due(world, 31)
    _go(world)
    assert world.table.calls.get(sid).sid == sid


def test_a_mailbox_that_cannot_be_read_does_not_keep_the_next_from_its_term(world: World) -> None:
    world.has_mailbox(Keeping(30))
    _due(world, 31)

    class Stale(MemoryDirectory):
        def keeping_behind(self, mailbox_id: MailboxId) -> MailboxId | None:
            return MailboxId("away") if mailbox_id == START.mailbox_id else super().keeping_behind(mailbox_id)

    ports = replace(world.ports(), directory=Stale(world.table.state))
    rounds.Rounds(ports, world.eraser(), STALE).go()
    (job,) = world.table.jobs.newest(examples.MAILBOX.id, 10, None).jobs
    assert job.kind is JobKind.EXPIRE
    assert world.table.expiry.place() == START


def test_every_mailbox_gets_its_turn_however_many_there_are(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "MAX_PAGES", 10)
    ids = [MailboxId(f"m{number:02}") for number in range(25)]
    for number, mailbox_id in enumerate(ids, start=1):
        world.table.directory.put(Mailbox(mailbox_id, "M", keeping=Keeping(30)), ())
        sid = CallSid(f"CA{number:032x}")
        world.table.calls.begin(
            Call(sid, mailbox_id, examples.NUMBER, examples.CALLER, world.clock.now() - 31 * DAY), None
        )
    asked = []
    for _ in range(3):
        world.rounds().go()
        asked.append([job_id for job_id, _ in world.queue.woken])
        world.queue.woken.clear()
    assert [len(jobs) for jobs in asked] == [10, 10, 5]
    found = {world.table.jobs.get(job_id).mailbox_id for jobs in asked for job_id in jobs}
    assert found == set(ids)
    assert world.table.expiry.place() == START


def test_a_call_behind_any_number_of_held_ones_gets_its_turn(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "MAX_PAGES", 2)
    monkeypatch.setattr(rounds, "PAGE_CALLS", 10)
    world.has_mailbox(Keeping(30))
    *held, free = _due(world, *range(400, 349, -1))
    for sid in held:
        world.table.erasure.hold(sid, examples.NOON)
    woken = []
    for _ in range(3):
        world.rounds().go()
        woken.append(len(world.queue.woken))
    assert woken == [0, 0, 1]
    _go(world)
    assert world.traces(free) == []
    assert all(world.table.calls.get(sid).sid == sid for sid in held)


def test_a_mailbox_that_went_while_it_was_looked_through_keeps_the_next_from_nothing(world: World) -> None:
    world.has_mailbox(Keeping(30))
    _due(world, 31)
    world.table.expiry.remember(Place(MailboxId("away"), "2026-01-01"))
    world.rounds().go()
    assert len(world.queue.woken) == 1


def test_going_round_twice_asks_for_one_job(world: World) -> None:
    world.has_mailbox(Keeping(30))
    _due(world, 31)
    for _ in range(3):
        world.rounds().go()
    assert len(world.queue.woken) == 1


def test_a_job_whose_message_was_lost_is_woken(world: World) -> None:
    job_id = world.ask(JobKind.ERASE_CALL, call_sid=examples.CALL_SID)
    world.rounds().go()
    assert world.queue.woken == []
    world.clock.advance(STALE + timedelta(seconds=1))
    world.rounds().go()
    assert world.queue.woken == [(job_id, timedelta())]


def test_what_was_written_of_an_erased_call_afterwards_is_found_and_removed(world: World) -> None:
    sid = world.has_call()
    world.run(world.ask(JobKind.ERASE_CALL, call_sid=sid))
    said = replace(examples.utterance("late words", 9_000), call_sid=sid)
    for look in LOOKS:
        world.table.transcripts.save([], [said])
        world.clock.at = world.table.state.erased[sid].erased_at + look + timedelta(seconds=1)
        world.rounds().go()
        assert world.traces(sid) == []
    assert world.table.state.erased[sid].look_at is None


def test_a_look_that_fails_is_made_again_and_does_not_keep_the_others(world: World) -> None:
    sids = [world.has_call(number) for number in (1, 2)]
    for sid in sids:
        world.eraser().erase(sid, examples.MAILBOX.id)
    world.has_mailbox(Keeping(is_on_hold=True))  # even so: what is looked at is erased already
    world.clock.advance(LOOKS[0] + timedelta(seconds=1))
    world.rounds().go()
    assert all(world.table.state.erased[sid].look_at is not None for sid in sids)
    world.has_mailbox()
    world.clock.advance(rounds.AGAIN + timedelta(seconds=1))
    world.rounds().go()
    looks = {world.table.state.erased[sid].look_at for sid in sids}
    assert all(look is not None and look > world.clock.now() for look in looks)


def test_looks_that_fail_do_not_keep_others_from_being_looked_at(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "MOST", 2)
    sids = [world.has_call(number) for number in (1, 2, 3)]
    for sid in sids:
        world.eraser().erase(sid, examples.MAILBOX.id)
        world.clock.advance(timedelta(seconds=1))
    world.clock.advance(LOOKS[0])
    said = replace(examples.utterance("late words", 9_000), call_sid=sids[2])
    world.table.transcripts.save([], [said])
    world.has_mailbox(Keeping(is_on_hold=True))
    world.rounds().go()
    world.has_mailbox()
    world.rounds().go()
    assert world.traces(sids[2]) == []


def test_what_is_left_at_the_last_look_is_looked_at_again(world: World) -> None:
    sid = world.has_call()
    world.eraser().erase(sid, examples.MAILBOX.id)
    world.clock.at = world.table.state.erased[sid].erased_at + LOOKS[-1]
    world.twilio.calls.trouble = DOWN
    world.rounds().go()
    assert world.table.state.erased[sid].look_at == world.clock.now() + rounds.AGAIN
    world.twilio.calls.trouble = None
    world.clock.advance(rounds.AGAIN + timedelta(seconds=1))
    world.rounds().go()
    assert world.table.state.erased[sid].look_at is None


def test_a_round_ends_in_time(world: World) -> None:
    for number in (1, 2):
        world.eraser().erase(world.has_call(number), examples.MAILBOX.id)
    world.ask(JobKind.EXPORT)
    world.has_mailbox(Keeping(30))
    world.has_call(3, started_at=world.clock.now() - 100 * DAY)
    world.clock.advance(DAY)
    world.twilio.calls.clock, world.twilio.calls.delay = world.clock, rounds.RUN_LIMIT
    world.rounds().go()
    assert len(world.queue.woken) == 2  # the job that stood still, and the one that begins; of the looks one
    assert sum(each.look_at != _first_look(each) for each in world.table.state.erased.values()) == 1


def test_jobs_that_stand_still_are_woken_for_as_long_as_a_round_may_take(world: World) -> None:
    for _ in range(2):
        world.ask(JobKind.EXPORT)
    world.clock.advance(STALE + timedelta(seconds=1))

    class Slow(MemoryJobQueue):
        def wake(self, job_id: JobId, delay: timedelta) -> None:
            super().wake(job_id, delay)
            world.clock.advance(rounds.RUN_LIMIT)

    world.queue = Slow()
    world.rounds().go()
    assert len(world.queue.woken) == 1


def _first_look(tombstone: Tombstone) -> datetime:
    return tombstone.erased_at + LOOKS[0]


def test_the_search_for_old_calls_ends_in_time_and_goes_on_where_it_was(world: World) -> None:
    world.has_mailbox(Keeping(30))
    world.table.directory.put(Mailbox(MailboxId("z"), "Z", keeping=Keeping(30)), ())
    _due(world, 31)

    class Slow(MemoryDirectory):
        def keeping_behind(self, mailbox_id: MailboxId) -> MailboxId | None:
            world.clock.advance(rounds.RUN_LIMIT)
            return super().keeping_behind(mailbox_id)

    ports = replace(world.ports(), directory=Slow(world.table.state))
    going = rounds.Rounds(ports, world.eraser(), STALE)
    places = []
    for _ in range(3):
        going.go()
        places.append(world.table.expiry.place())
    assert places == [Place(examples.MAILBOX.id), Place(MailboxId("z")), START]


def test_while_the_table_is_away_a_round_does_nothing_and_does_not_crash(world: World) -> None:
    world.table.is_down = True
    world.rounds().go()
    assert world.queue.woken == []
