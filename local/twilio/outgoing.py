"""Calls that the product has Twilio make: the person is rung, and the document is fetched when they answer.

Source: https://www.twilio.com/docs/voice/api/call-resource, "Create a Call".
"""

import math
from collections.abc import Mapping
from dataclasses import replace

from local.twilio.call import Call, CallStatus
from local.twilio.caller import Caller, Line, Person
from local.twilio.exchange import Exchange
from local.twilio.flow import CallFlow
from local.twilio.numbers import OwnNumber
from local.twilio.sids import new_sid


def dial_out(exchange: Exchange, own: OwnNumber, form: Mapping[str, str]) -> Call:
    """Ring whom *form* names, from *own*; what becomes of it is told to the form's own status callback."""
    person = exchange.people.get(form["To"], Person())
    number = replace(
        own,
        voice_url=form["Url"],
        voice_method=form.get("Method", "POST"),
        voice_fallback_url=form.get("FallbackUrl", ""),
        status_callback=form.get("StatusCallback", ""),
    )
    stays_ms = None if person.hangs_up_after_s is None else int(person.hangs_up_after_s * 1_000)
    callee = Caller(number=form["To"], speech=person.speech, hangs_up_after_ms=stays_ms)
    call = Call(
        sid=new_sid("CA"), caller=callee, number=number, clock=exchange.clock, log=exchange.log, is_outgoing=True
    )
    exchange.calls[call.sid] = call
    flow = CallFlow(exchange, call)
    exchange.spawn(_ring(exchange, call, flow, person, float(form.get("Timeout", "60"))), call)
    exchange.spawn(flow.attend_end(), call)
    return call


async def _ring(exchange: Exchange, call: Call, flow: CallFlow, person: Person, timeout_s: float) -> None:
    clock = exchange.clock
    limit_ms = timeout_s * 1_000 + exchange.quirks.dial_extra_ms
    answers_ms = math.inf if person.answers_after_s is None else person.answers_after_s * 1_000
    if person.line is not Line.FREE:
        call.outcome = CallStatus.BUSY if person.line is Line.BUSY else CallStatus.FAILED
        call.line.hang_up(clock.next_ms())
        return
    await clock.sleep(min(limit_ms, answers_ms))
    if answers_ms > limit_ms:
        call.line.hang_up(clock.next_ms())
        return
    call.answer()
    await flow.run()
