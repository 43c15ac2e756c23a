"""What every ConsentStore promises."""

from dataclasses import replace
from datetime import timedelta

from telephony.consent import ConsentProof, ConsentStep
from tests.contract.stores.backends import NOW, AnyTable, any_call


def test_each_step_is_kept_once_and_shown_with_its_call_in_order(table: AnyTable) -> None:
    call = any_call()
    table.calls.begin(call, None)
    told = ConsentProof(call.sid, ConsentStep.ANNOUNCED, NOW, "Wir zeichnen auf. ☎", "/twilio/voice")
    agreed = replace(told, step=ConsentStep.AGREED, at=NOW + timedelta(seconds=4), webhook="/twilio/consented", key="1")
    table.consents.record(agreed)
    table.consents.record(told)
    table.consents.record(replace(told, at=NOW + timedelta(seconds=9), text="Something else"))
    assert table.calls.facts(call.sid).consents == (told, agreed)


def test_a_call_without_any_has_no_proof(table: AnyTable) -> None:
    call = any_call()
    table.calls.begin(call, None)
    assert table.calls.facts(call.sid).consents == ()
