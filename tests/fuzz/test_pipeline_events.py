"""Invariant: whatever a stream or a queue hands the pipeline, it answers with failures that Lambda can read."""

from hypothesis import given
from hypothesis import strategies as st

from functions.pipeline.wakes import BatchResult, Waker
from telephony.calls import CallSid

SIDS = st.sampled_from([f"CA{number:032x}" for number in range(4)])
NESTED = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=10,
)


def _attribute(text: st.SearchStrategy[str]) -> st.SearchStrategy[object]:
    return st.fixed_dictionaries({"S": text}) | NESTED


PARTITIONS = st.builds("{}#{}".format, st.sampled_from(["CALL", "MAILBOX", ""]), SIDS | st.text(max_size=40))
SORTS = st.sampled_from(["CALL", "STREAM#MZ1", "REC#RE1", "UTT#inbound#000000000", "LINK", "#", ""]) | st.text()
KEYS = st.fixed_dictionaries({}, optional={"pk": _attribute(PARTITIONS), "sk": _attribute(SORTS)}) | NESTED
KINDS = _attribute(st.sampled_from(["CALL", "STREAM", "REC", "DELIVERY", "UTT"]))
STATES = _attribute(st.sampled_from(["open", "ended", "sent"]))
IMAGES = st.fixed_dictionaries({}, optional={"kind": KINDS, "state": STATES}) | NESTED
CHANGES = (
    st.fixed_dictionaries(
        {}, optional={"Keys": KEYS, "NewImage": IMAGES, "SequenceNumber": st.text(max_size=5) | NESTED}
    )
    | NESTED
)
NAMES = st.sampled_from(["INSERT", "MODIFY", "REMOVE"]) | NESTED
RECORDS = st.fixed_dictionaries({}, optional={"eventName": NAMES, "dynamodb": CHANGES}) | NESTED
BODIES = st.builds('{{"call_sid": "{}"}}'.format, SIDS) | st.text() | NESTED
MESSAGES = st.fixed_dictionaries({}, optional={"messageId": st.text(max_size=5) | NESTED, "body": BODIES}) | NESTED


def _events(records: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.fixed_dictionaries({"Records": st.lists(records, max_size=6)}) | NESTED


def _followed_by_half(call_sid: CallSid) -> None:
    if call_sid.endswith(("1", "3")):
        raise RuntimeError("a bug")


def _identifiers(answer: BatchResult) -> list[str]:
    assert set(answer) == {"batchItemFailures"}
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


@given(_events(RECORDS))
def test_no_stream_event_raises(event: object) -> None:
    assert len(_identifiers(Waker(_followed_by_half).on_table_change(event))) <= 1


@given(_events(MESSAGES))
def test_no_queue_event_raises(event: object) -> None:
    assert all(isinstance(each, str) for each in _identifiers(Waker(_followed_by_half).on_follow_up(event)))
