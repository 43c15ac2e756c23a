"""What moto lacks to take our whole template: stand-ins for the types that it does not know.

A stand-in has a name and answers to every attribute, so that what refers to it can be resolved; what CloudFormation
would refuse for its values is not found here. Types that moto knows are made by moto.
"""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pytest
from moto.cloudformation.parsing import get_model_map, get_name_type_map
from moto.core.common_models import CloudFormationModel
from moto.elbv2.models import FakeTargetGroup
from moto.secretsmanager.models import secretsmanager_backends

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

ACCOUNT_ID = "123456789012"
"""The one that moto's callers are of."""
REGION = "us-east-1"
ASSETS = f"cdk-hnb659fds-assets-{ACCOUNT_ID}-{REGION}"
EMPTY_ZIP = b"PK\x05\x06" + bytes(18)

ATTRIBUTES: Mapping[str, Mapping[str, str]] = {
    "AWS::ApiGatewayV2::Api": {},
    "AWS::ApiGatewayV2::Authorizer": {},
    "AWS::ApiGatewayV2::Integration": {},
    "AWS::ApiGatewayV2::Route": {},
    "AWS::ApiGatewayV2::Stage": {},
    "AWS::ApplicationAutoScaling::ScalableTarget": {},
    "AWS::ApplicationAutoScaling::ScalingPolicy": {},
    "AWS::Budgets::Budget": {},
    "AWS::CloudFront::Distribution": {"DomainName": "d111.cloudfront.net"},
    "AWS::CloudFront::Function": {},
    "AWS::CloudFront::OriginAccessControl": {},
    "AWS::CloudFront::ResponseHeadersPolicy": {},
    "AWS::CloudFront::VpcOrigin": {},
    "AWS::CloudWatch::Alarm": {},
    "AWS::Cognito::UserPool": {"ProviderURL": "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_pool"},
    "AWS::Cognito::UserPoolClient": {},
    "AWS::Cognito::UserPoolDomain": {},
    "AWS::Cognito::UserPoolResourceServer": {},
    "AWS::EC2::SecurityGroupEgress": {},
    "AWS::Lambda::EventInvokeConfig": {},
    "AWS::Logs::Delivery": {},
    "AWS::Logs::DeliveryDestination": {},
    "AWS::Logs::DeliverySource": {},
    "AWS::S3::BucketPolicy": {},
    "AWS::SNS::TopicPolicy": {},
    "AWS::SQS::QueuePolicy": {},
    "Stand::Ingress": {},
    "Stand::TwilioNumbers": {},
    "Stand::AWS": {"PrefixLists.0.PrefixListId": "pl-3b927c52"},
}
"""The types that moto does not know, with the attributes whose form matters."""


class Stand(CloudFormationModel):
    """A resource that only stands there."""

    attributes: Mapping[str, str] = {}

    def __init__(self, name: str, account: str, region: str, properties: Mapping[str, Any]) -> None:
        self.name = name
        self.made = self.make(account, region, properties)

    def make(self, account: str, region: str, properties: Mapping[str, Any]) -> Mapping[str, str]:
        """Return what Ref and GetAtt are to say."""
        return self.attributes

    @property
    def physical_resource_id(self) -> str:
        return self.made.get("Ref", self.name)

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:  # noqa: ARG003  the interface's own
        return True

    def get_cfn_attribute(self, attribute_name: str) -> str:
        return self.made.get(attribute_name, f"{self.name}-{attribute_name}")

    @staticmethod
    def cloudformation_name_type() -> str:
        return ""

    @staticmethod
    def cloudformation_type() -> str:
        return "Stand"  # which of them it is, `prepare` says

    @classmethod
    def create_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: Mapping[str, Any], account_id: str, region_name: str, **_: object
    ) -> "Stand":
        return cls(resource_name, account_id, region_name, cloudformation_json.get("Properties", {}))

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: "Stand",
        new_resource_name: str,
        cloudformation_json: Mapping[str, Any],
        account_id: str,
        region_name: str,
    ) -> "Stand":
        raise NotImplementedError

    @classmethod
    def delete_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: Mapping[str, Any], account_id: str, region_name: str
    ) -> None:
        raise NotImplementedError

    def is_created(self) -> bool:
        return True


class Secret(Stand):
    """A secret that moto's Secrets Manager then has."""

    def make(self, account: str, region: str, properties: Mapping[str, Any]) -> Mapping[str, str]:
        made = secretsmanager_backends[account][region].create_secret(
            name=self.name,
            secret_string=properties["SecretString"],
            secret_binary=None,
            description=properties["Description"],
            kms_key_id=None,
            client_request_token=None,
            replica_regions=[],
            force_overwrite=False,
            tags=[],
        )
        return {"Ref": json.loads(made)["ARN"]}


def _stand(kind: str, attributes: Mapping[str, str]) -> type[Stand]:
    return type(kind.replace("::", ""), (Stand,), {"attributes": attributes})


STANDS: Mapping[str, type[Stand]] = {
    **{kind: _stand(kind, attributes) for kind, attributes in ATTRIBUTES.items()},
    "AWS::SecretsManager::Secret": Secret,
}


def adapted(template: Mapping[str, Any]) -> dict[str, Any]:
    """Return *template* as moto can take it: without the bootstrap's version, which only a real account has."""
    resources = {name: _adapted(each) for name, each in template["Resources"].items()}
    return {"Resources": resources, **{part: template[part] for part in ("Conditions", "Outputs") if part in template}}


def _adapted(resource: Mapping[str, Any]) -> Mapping[str, Any]:
    match resource:
        case {"Type": "AWS::KMS::Key", "Properties": {"Tags": tags}}:
            # It reads them as the key service's own API has them.
            renamed = [{"TagKey": tag["Key"], "TagValue": tag["Value"]} for tag in tags]
            return {**resource, "Properties": {**resource["Properties"], "Tags": renamed}}
        case {"Type": "AWS::EC2::SecurityGroupIngress", "Properties": {"SourcePrefixListId": _}}:
            return {**resource, "Type": "Stand::Ingress"}
        case {"Type": str(kind)} if kind.startswith("Custom::"):
            # It would run the function.
            return {**resource, "Type": kind.replace("Custom::", "Stand::")}
        case _:
            return resource


def prepare(patch: pytest.MonkeyPatch) -> None:
    """Make moto know the stand-ins, and one more attribute of target groups, until *patch* is undone."""
    for kind, model in STANDS.items():
        patch.setitem(get_model_map(), kind, model)
        patch.setitem(get_name_type_map(), kind, "")

    def attribute(group: FakeTargetGroup, name: str) -> str:
        assert name.endswith("FullName"), name
        return str(group.arn).split(":")[-1]

    patch.setattr(FakeTargetGroup, "has_cfn_attr", classmethod(lambda _cls, _name: True), raising=False)
    patch.setattr(FakeTargetGroup, "get_cfn_attribute", attribute, raising=False)


def upload_code(s3: "S3Client", template: Mapping[str, Any]) -> None:
    """Put an empty archive where each function's code is to lie."""
    s3.create_bucket(Bucket=ASSETS)
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Lambda::Function":
            code = resource["Properties"]["Code"]
            assert code["S3Bucket"] == {"Fn::Sub": "cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}"}
            s3.put_object(Bucket=ASSETS, Key=code["S3Key"], Body=EMPTY_ZIP)
