"""Who is told when: quiet hours and digests hold people's messages back, programs are told of what is new to them."""

from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

import pytest

from telephony import digests, owing
from telephony.calls import CallStage, Direction
from telephony.coverage import Interval
from telephony.deliveries import LEASE, TRYING, Channel, Delivery, DeliveryId, DeliveryState
from telephony.digests import Digest
from telephony.hooks import Hook, HookEvent, HookId
from telephony.mailboxes import Mailbox
from telephony.quiet_hours import QuietHours
from telephony.recordings import Recording, RecordingStatus
from telephony.repairs import Repair, RepairState
from telephony.telling import Telling
from telephony.transcripts import Transcript
from telephony.voicemail import (
    PATIENCE,
    CallFacts,
    Enlist,
    LookAgain,
    SendDigest,
    Step,
    Tell,
    digest_debts,
    untold_since,
)
from tests import examples
from tests.unit.telephony.following import next_steps

ENDED = examples.ENDED_AT  # 12:00:30 UTC
SOON = ENDED + timedelta(seconds=1)
SMS = DeliveryId(examples.CALL_SID, Channel.SMS, examples.OWNER)
EMAIL = DeliveryId(examples.CALL_SID, Channel.EMAIL, examples.MAILBOX.id)
HOOK = Hook(HookId("crm"), "https://crm.example/")
ABSENT = replace(examples.RECORDING, status=RecordingStatus.ABSENT, duration_ms=0)
STORED = replace(examples.RECORDING, stored_key="recordings/a.wav")
LUNCH = QuietHours(time(12), time(13))
AT_ONE = examples.NOON + timedelta(hours=1)
EVENINGS = Digest((time(18),))
AT_SIX = examples.NOON + timedelta(hours=6)
NEXT_SIX = AT_SIX + timedelta(days=1)


def _mailbox(**telling: object) -> Mailbox:
    return replace(examples.MAILBOX, telling=Telling(**telling))  # type: ignore[arg-type] # a test's own fields


def _facts(
    mailbox: Mailbox,
    *deliveries: Delivery,
    said: str = "Hello.",
    recordings: tuple[Recording, ...] = (),
    repairs: tuple[Repair, ...] = (),
) -> CallFacts:
    words = [examples.utterance(said)] if said else []
    stream = [examples.ended_stream()] if said else []
    transcript = Transcript.assemble(examples.CALL_SID, stream, words, repairs)
    return CallFacts(examples.ENDED_CALL, mailbox, transcript, recordings, deliveries, is_open=True)


def _delivery(
    delivery: DeliveryId, state: DeliveryState = DeliveryState.SENT, at: datetime = SOON, trouble: str = ""
) -> Delivery:
    return Delivery(delivery, state, at, "0" if delivery.channel is Channel.WEBHOOK else "", trouble)


def _event(event: HookEvent, number: int = 0) -> DeliveryId:
    name = f"crm:{event}:{number}" if number else f"crm:{event}"
    return DeliveryId(examples.CALL_SID, Channel.WEBHOOK, name)


def _told(steps: tuple[Step, ...]) -> tuple[DeliveryId, ...]:
    return tuple(each for step in steps if isinstance(step, Tell) for each in step.deliveries)


def test_in_quiet_hours_sms_waits_for_their_end_and_email_does_not() -> None:
    steps = next_steps(_facts(_mailbox(quiet_hours=LUNCH)), SOON)

    assert _told(steps) == (EMAIL,)
    assert LookAgain(AT_ONE) in steps


def test_email_waits_too_where_it_is_asked_to() -> None:
    mailbox = _mailbox(quiet_hours=replace(LUNCH, hold_email=True))

    assert next_steps(_facts(mailbox), SOON) == (LookAgain(AT_ONE),)
    assert _told(next_steps(_facts(mailbox), AT_ONE)) == (SMS, EMAIL)


def test_a_call_is_not_closed_while_somebody_sleeps() -> None:
    facts = _facts(_mailbox(quiet_hours=LUNCH), _delivery(EMAIL), recordings=(STORED,))

    assert next_steps(facts, SOON) == (LookAgain(AT_ONE),)


def test_after_quiet_hours_there_is_as_much_time_to_try_as_ever() -> None:
    facts = _facts(_mailbox(quiet_hours=LUNCH), _delivery(EMAIL))

    before = next_steps(facts, AT_ONE + TRYING - timedelta(seconds=1))
    then = next_steps(facts, AT_ONE + TRYING)

    assert [step.is_last_attempt for step in (*before, *then) if isinstance(step, Tell)] == [False, True]


def test_what_is_at_its_last_attempt_does_not_hurry_the_rest() -> None:
    steps = next_steps(_facts(_mailbox(quiet_hours=LUNCH)), ENDED + TRYING)

    assert [(step.deliveries, step.is_last_attempt) for step in steps if isinstance(step, Tell)] == [
        ((SMS,), False),
        ((EMAIL,), True),
    ]


def test_what_failed_before_quiet_hours_is_tried_again_after_them() -> None:
    evening = QuietHours(time(12, 1), time(13))
    failed = _delivery(SMS, DeliveryState.CLAIMED, ENDED + timedelta(seconds=20), "503")
    facts = _facts(_mailbox(quiet_hours=evening), failed, _delivery(EMAIL))

    assert next_steps(facts, ENDED + timedelta(seconds=21)) == (LookAgain(AT_ONE),)
    assert _told(next_steps(facts, AT_ONE)) == (SMS,)


def test_programs_know_no_quiet_hours() -> None:
    mailbox = _mailbox(quiet_hours=replace(LUNCH, hold_email=True), hooks=(HOOK,))

    assert _told(next_steps(_facts(mailbox), SOON)) == (_event(HookEvent.COMPLETED),)


def test_nobody_is_late_who_is_let_sleep() -> None:
    mailbox = _mailbox(quiet_hours=replace(LUNCH, hold_email=True))

    assert untold_since(_facts(mailbox), SOON) == AT_ONE
    assert untold_since(_facts(_mailbox(quiet_hours=LUNCH)), SOON) == ENDED
    assert untold_since(_facts(mailbox, _delivery(SMS), _delivery(EMAIL)), SOON) is None


def test_nobody_is_owed_anything_of_a_call_that_a_person_took_or_that_goes_on() -> None:
    answered = replace(_facts(_mailbox()), call=replace(examples.ENDED_CALL, stage=CallStage.ANSWERED))
    going_on = replace(_facts(_mailbox(), said=""), call=examples.CALL)

    assert untold_since(answered, SOON) is None
    assert untold_since(going_on, SOON) is None
    assert digest_debts(answered, SOON) == ()
    assert digest_debts(replace(answered, mailbox=None), SOON) == ()


def test_a_call_waits_on_the_list_of_the_next_digest() -> None:
    steps = next_steps(_facts(_mailbox(digest=EVENINGS)), SOON)

    assert steps == (LookAgain(AT_SIX), Enlist(examples.MAILBOX.id, AT_SIX))


def test_at_the_time_of_the_digest_it_is_sent_after_the_call_is_put_on_the_next_list() -> None:
    facts = _facts(_mailbox(digest=EVENINGS))

    assert next_steps(facts, AT_SIX) == (
        LookAgain(NEXT_SIX),
        Enlist(examples.MAILBOX.id, NEXT_SIX),
        SendDigest(examples.MAILBOX.id, AT_SIX),
    )
    assert [debt.id for debt in digest_debts(facts, AT_SIX)] == [EMAIL]


def test_who_is_told_by_sms_gets_the_number_of_calls_only_if_asked_for() -> None:
    facts = _facts(_mailbox(digest=replace(EVENINGS, with_sms=True)))

    assert [debt.id for debt in digest_debts(facts, AT_SIX)] == [SMS, EMAIL]


def test_a_call_of_which_more_should_come_is_in_no_digest_yet() -> None:
    digest = Digest((time(12, 1),))
    facts = _facts(_mailbox(digest=digest), said="")
    slot = examples.NOON + timedelta(minutes=1)

    assert [type(step) for step in next_steps(facts, slot)] == [LookAgain, Enlist]
    assert next_steps(facts, slot)[0] == LookAgain(ENDED + PATIENCE)
    assert digest_debts(facts, slot) == ()
    assert SendDigest(examples.MAILBOX.id, slot) in next_steps(facts, ENDED + PATIENCE)


def test_a_digest_comes_at_its_time_also_in_quiet_hours() -> None:
    evening = QuietHours(time(17), time(23), hold_email=True)
    facts = _facts(_mailbox(digest=replace(EVENINGS, with_sms=True), quiet_hours=evening))

    assert [debt.id for debt in digest_debts(facts, AT_SIX)] == [SMS, EMAIL]


def test_while_somebody_sends_a_digest_nobody_else_has_its_calls() -> None:
    claimed = _delivery(EMAIL, DeliveryState.CLAIMED, AT_SIX)
    facts = _facts(_mailbox(digest=EVENINGS), claimed)

    assert digest_debts(facts, AT_SIX + LEASE - timedelta(seconds=1)) == ()
    assert [debt.begun for debt in digest_debts(facts, AT_SIX + LEASE)] == [claimed]


def test_who_was_told_in_a_digest_is_owed_nothing() -> None:
    facts = _facts(_mailbox(digest=EVENINGS), _delivery(EMAIL), recordings=(STORED,))

    assert digest_debts(facts, AT_SIX) == ()
    assert Enlist(examples.MAILBOX.id, AT_SIX) not in next_steps(facts, SOON)


def test_a_call_that_no_digest_took_is_told_by_itself() -> None:
    facts = _facts(_mailbox(digest=EVENINGS))
    late = ENDED + digests.PATIENCE

    assert _told(next_steps(facts, late)) == (EMAIL,)
    assert digest_debts(facts, late) == ()
    assert untold_since(facts, late) == late


def test_a_call_is_late_when_two_digests_have_passed_it_by() -> None:
    assert untold_since(_facts(_mailbox(digest=EVENINGS)), SOON) == NEXT_SIX


def test_digests_hold_no_program_up() -> None:
    assert _told(next_steps(_facts(_mailbox(digest=EVENINGS, hooks=(HOOK,))), SOON)) == (_event(HookEvent.COMPLETED),)


def test_a_digest_waits_for_programs_that_are_told_in_the_same_run() -> None:
    mailbox = _mailbox(digest=EVENINGS, hooks=(HOOK,))
    told = _delivery(_event(HookEvent.COMPLETED))
    digest = SendDigest(examples.MAILBOX.id, AT_SIX)

    assert digest not in next_steps(_facts(mailbox), AT_SIX)
    assert digest in next_steps(_facts(mailbox, told), AT_SIX)


def test_programs_are_told_after_people() -> None:
    assert _told(next_steps(_facts(_mailbox(hooks=(HOOK,))), SOON)) == (SMS, EMAIL, _event(HookEvent.COMPLETED))


def test_a_missed_call_is_an_event_of_its_own() -> None:
    facts = _facts(_mailbox(hooks=(HOOK,)), said="", recordings=(ABSENT,))

    assert _told(next_steps(facts, SOON)) == (SMS, EMAIL, _event(HookEvent.MISSED))


@pytest.mark.parametrize("state", [DeliveryState.SENT, DeliveryState.FAILED])
def test_a_program_is_told_of_an_event_once(state: DeliveryState) -> None:
    told = (_delivery(SMS), _delivery(EMAIL), _delivery(_event(HookEvent.COMPLETED), state))

    assert _told(next_steps(_facts(_mailbox(hooks=(HOOK,)), *told, recordings=(STORED,)), SOON)) == ()


def test_a_message_that_turns_up_after_all_is_told_of() -> None:
    told = (_delivery(SMS), _delivery(EMAIL), _delivery(_event(HookEvent.MISSED)))

    assert _told(next_steps(_facts(_mailbox(hooks=(HOOK,)), *told), SOON)) == (_event(HookEvent.COMPLETED),)


def test_a_message_that_was_told_of_is_not_missed_later() -> None:
    told = (_delivery(SMS), _delivery(EMAIL), _delivery(_event(HookEvent.COMPLETED)))
    facts = _facts(_mailbox(hooks=(HOOK,)), *told, said="", recordings=(ABSENT,))

    assert _told(next_steps(facts, SOON)) == ()


def test_a_program_is_told_only_what_it_asked_for() -> None:
    silent = replace(HOOK, events=(HookEvent.MISSED,))
    told = (_delivery(SMS), _delivery(EMAIL))

    assert _told(next_steps(_facts(_mailbox(hooks=(silent,)), *told), SOON)) == ()


def _repaired(attempts: int, state: RepairState = RepairState.DONE) -> Repair:
    return Repair(
        examples.RECORDING_SID,
        examples.CALL_SID,
        state,
        attempts,
        offset_ms=0,
        recording_ms=12_000,
        windows=(Interval(0, 1_000),),
    )


def test_a_text_that_got_better_since_is_told_of_again() -> None:
    told = (_delivery(SMS), _delivery(EMAIL), _delivery(_event(HookEvent.COMPLETED)))
    mailbox = _mailbox(hooks=(HOOK,))

    trying = _facts(mailbox, *told, recordings=(STORED,), repairs=(_repaired(1, RepairState.FAILED),))
    done = _facts(mailbox, *told, recordings=(STORED,), repairs=(_repaired(2),))
    also_told = _facts(
        mailbox, *told, _delivery(_event(HookEvent.REPAIRED, 2)), recordings=(STORED,), repairs=(_repaired(2),)
    )

    assert _told(next_steps(trying, SOON)) == ()
    assert _told(next_steps(done, SOON)) == (_event(HookEvent.REPAIRED, 2),)
    assert _told(next_steps(also_told, SOON)) == ()


def test_a_text_that_was_repaired_before_anybody_was_told_is_one_event() -> None:
    facts = _facts(_mailbox(hooks=(HOOK,)), _delivery(SMS), _delivery(EMAIL), repairs=(_repaired(1),))

    assert _told(next_steps(facts, SOON)) == (_event(HookEvent.COMPLETED),)


@pytest.mark.parametrize("event", [_event(HookEvent.COMPLETED), _event(HookEvent.REPAIRED, 1)])
def test_what_is_to_be_told_again_is_told_again(event: DeliveryId) -> None:
    told = {each: _delivery(each) for each in (SMS, EMAIL, _event(HookEvent.COMPLETED), _event(HookEvent.REPAIRED, 2))}
    told[event] = _delivery(event, DeliveryState.CLAIMED, SOON)
    facts = _facts(_mailbox(hooks=(HOOK,)), *told.values(), recordings=(STORED,), repairs=(_repaired(2),))

    assert _told(next_steps(facts, SOON + LEASE)) == (event,)


def test_what_another_program_was_told_is_news_to_this_one() -> None:
    other = replace(HOOK, id=HookId("desk"))
    told = (_delivery(SMS), _delivery(EMAIL), _delivery(_event(HookEvent.COMPLETED)))

    [target] = _told(next_steps(_facts(_mailbox(hooks=(HOOK, other)), *told), SOON))

    assert target.recipient == "desk:voicemail.completed"


@pytest.mark.parametrize("changes", [{"direction": Direction.OUTBOUND}, {"is_quiet": True}])
def test_of_what_is_no_news_to_anybody_nobody_is_told_not_even_again(changes: dict[str, Any]) -> None:
    mailbox = _mailbox(hooks=(HOOK,))
    facts = _facts(mailbox)
    assert facts.call is not None
    call = replace(facts.call, **changes)
    no_news = replace(facts, call=call)
    assert untold_since(no_news, SOON) is None
    assert not any(owing.is_told(call, mailbox, each) for each in (SMS, EMAIL))
