"""The roles with which ECS acts are there before a first deployment waits for them."""

import boto3
import pytest
from botocore.stub import Stubber

from operations.errors import OperationError
from operations.roles import SERVICES, make_roles
from operations.stack import Cloud


class _Stubbed(Cloud):
    """An account whose IAM says what it is told to."""

    def __init__(self) -> None:
        super().__init__(boto3.Session("testing", "testing", region_name="eu-west-1"))
        self.iam = super().client("iam")

    def client(self, service: str) -> object:
        assert service == "iam"
        return self.iam


def test_an_account_without_them_gets_them_and_one_that_has_them_keeps_them(cloud: Cloud) -> None:
    make_roles(cloud)
    make_roles(cloud)
    roles = cloud.client("iam").list_roles(PathPrefix="/aws-service-role/")["Roles"]
    assert sorted(each["Path"] for each in roles) == [f"/aws-service-role/{service}/" for service in SERVICES]


@pytest.mark.parametrize("code", ["InvalidInput", "AccessDenied"])
def test_a_role_that_is_there_or_may_not_be_made_stops_no_deployment(code: str) -> None:
    cloud = _Stubbed()
    with Stubber(cloud.iam) as stub:
        for service in SERVICES:
            stub.add_client_error("create_service_linked_role", code, expected_params={"AWSServiceName": service})
        make_roles(cloud)
        stub.assert_no_pending_responses()


def test_an_iam_that_fails_is_a_plain_error() -> None:
    cloud = _Stubbed()
    with Stubber(cloud.iam) as stub:
        stub.add_client_error("create_service_linked_role", "ServiceFailure", "try later")
        with pytest.raises(OperationError, match="IAM refuses: ServiceFailure: try later"):
            make_roles(cloud)
