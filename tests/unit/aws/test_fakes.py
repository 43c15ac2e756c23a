"""What the fakes add to the ports for tests to steer them by."""

import pytest

from telephony.credentials import TwilioCredentials
from telephony.errors import UpstreamError
from telephony.numbers import E164
from telephony.recordings import RecordingSid
from tests.fakes.recordings import MemoryRecordingSource
from tests.fakes.secrets import FixedSecrets
from tests.fakes.table import MemoryTable


def test_a_table_that_is_down_fails_as_an_unreachable_one_does_until_it_is_up_again() -> None:
    table = MemoryTable()
    table.is_down = True
    assert table.is_down
    with pytest.raises(UpstreamError) as failure:
        table.directory.answering(E164("+14155550100"))
    assert (failure.value.service, failure.value.retryable) == ("dynamodb", True)
    table.is_down = False
    table.transcripts.save([], [])


def test_a_source_refuses_as_often_as_it_is_told() -> None:
    sid = RecordingSid("RE1")
    source = MemoryRecordingSource({sid: b"RIFF"}, [UpstreamError("twilio", "500", retryable=True)])
    with pytest.raises(UpstreamError):
        source.fetch(sid)
    assert source.fetch(sid) == b"RIFF"
    assert source.fetched == [sid, sid]


def test_rotated_credentials_are_seen_by_a_fresh_reading() -> None:
    rotated = TwilioCredentials("AC1", ("new", "old"), "SK1", "secret")
    secrets = FixedSecrets(next_twilio=rotated)
    assert secrets.twilio() != rotated
    assert secrets.twilio(fresh=True) == rotated
    assert secrets.twilio() == rotated
    assert secrets.deepgram().api_key == "deepgram-key"
