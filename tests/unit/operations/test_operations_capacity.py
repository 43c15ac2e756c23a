"""An account that may run too few functions at once is found before a caller hears an error."""

from typing import cast

import boto3
import pytest
from botocore.stub import Stubber

from operations.capacity import concurrent_executions
from operations.checks.capacity import BACKGROUND, FOR_CALLERS, check_capacity
from operations.checks.instruments import Instruments
from operations.doctor import CHECKS
from operations.errors import OperationError
from operations.stack import Cloud


class _Account:
    def __init__(self, limit: int) -> None:
        self._limit = limit

    def concurrent_executions(self) -> int:
        return self._limit


class _Stubbed(Cloud):
    """An account whose Lambda says what it is told to; the simulator does not know the question."""

    def __init__(self) -> None:
        super().__init__(boto3.Session("testing", "testing", region_name="eu-west-1"))
        self.lambda_client = super().client("lambda")

    def client(self, service: str) -> object:
        assert service == "lambda"
        return self.lambda_client


@pytest.mark.parametrize(
    ("limit", "is_ok"), [(10, False), (BACKGROUND + FOR_CALLERS - 1, False), (BACKGROUND + FOR_CALLERS, True)]
)
def test_too_few_are_found_with_what_to_ask_for(*, limit: int, is_ok: bool) -> None:
    (finding,) = check_capacity(cast("Instruments", _Account(limit)))
    assert finding.is_ok == is_ok
    assert bool(finding.mend) != is_ok
    if not is_ok:
        assert f"may run {limit} functions at once" in finding.wrong


def test_the_doctor_looks_at_it() -> None:
    assert check_capacity in [check for _, check in CHECKS]


def test_the_limit_is_the_accounts() -> None:
    cloud = _Stubbed()
    with Stubber(cloud.lambda_client) as stub:
        stub.add_response("get_account_settings", {"AccountLimit": {"ConcurrentExecutions": 10}}, {})
        assert concurrent_executions(cloud) == 10


def test_an_account_that_does_not_say_is_a_plain_error() -> None:
    cloud = _Stubbed()
    with Stubber(cloud.lambda_client) as stub:
        stub.add_client_error("get_account_settings", "AccessDeniedException", "no")
        with pytest.raises(OperationError, match="Lambda refuses: AccessDeniedException"):
            concurrent_executions(cloud)
