"""The public origin: what CloudFront leads where, and that it neither keeps nor writes down what it must not."""

import json

import pytest

from infra.browser import HEADERS
from infra.edge_log import FIELDS
from tests.infra.cloud_template import HANDLERS, CloudTemplate, Properties

CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
ALL_VIEWER = "216adef6-5c7f-47e4-b989-5492eafa07d3"
ALL_VIEWER_EXCEPT_HOST = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
"""CloudFront's own policies. Source: CloudFront developer guide, "Use managed cache policies"."""


@pytest.fixture
def edge(template: CloudTemplate) -> Properties:
    config = template.only("AWS::CloudFront::Distribution")[1]["DistributionConfig"]
    assert isinstance(config, dict)
    return config


def test_sockets_go_to_the_streamer_with_all_their_headers(template: CloudTemplate, edge: Properties) -> None:
    by_path = {each["PathPattern"]: each for each in edge["CacheBehaviors"]}
    for path in ("/media*", "/captions*"):
        # The handshake's headers, Twilio's signature, and the host that it was signed with.
        assert by_path[path]["OriginRequestPolicyId"] == ALL_VIEWER
        assert by_path[path]["CachePolicyId"] == CACHING_DISABLED
    (origin,) = [each for each in edge["Origins"] if each["Id"] == by_path["/media*"]["TargetOriginId"]]
    vpc_origin, properties = template.only("AWS::CloudFront::VpcOrigin")
    assert origin["VpcOriginConfig"]["VpcOriginId"] == {"Fn::GetAtt": [vpc_origin, "Id"]}
    balancer, _ = template.only("AWS::ElasticLoadBalancingV2::LoadBalancer")
    assert properties["VpcOriginEndpointConfig"]["Arn"] == {"Ref": balancer}


def test_webhooks_and_the_api_go_to_the_http_api_as_they_came(template: CloudTemplate, edge: Properties) -> None:
    api, _ = template.only("AWS::ApiGatewayV2::Api")
    by_path = {each["PathPattern"]: each for each in edge["CacheBehaviors"]}
    for path in ("/twilio/*", "/api/*"):
        # Under CloudFront's host the HTTP API would answer 403.
        assert by_path[path]["OriginRequestPolicyId"] == ALL_VIEWER_EXCEPT_HOST
        assert by_path[path]["CachePolicyId"] == CACHING_DISABLED
        assert "POST" in by_path[path]["AllowedMethods"]
        (origin,) = [each for each in edge["Origins"] if each["Id"] == by_path[path]["TargetOriginId"]]
        assert {"Ref": api} in origin["DomainName"]["Fn::Join"][1]
        assert origin["CustomOriginConfig"]["OriginProtocolPolicy"] == "https-only"


def test_anything_else_is_a_page_from_a_bucket_that_cloudfront_alone_reads(
    template: CloudTemplate, edge: Properties
) -> None:
    bucket, properties = template.only("AWS::S3::Bucket", "Website")
    assert set(properties["PublicAccessBlockConfiguration"].values()) == {True}
    default = edge["DefaultCacheBehavior"]
    assert default["AllowedMethods"] == ["GET", "HEAD"]
    (origin,) = [each for each in edge["Origins"] if each["Id"] == default["TargetOriginId"]]
    control, _ = template.only("AWS::CloudFront::OriginAccessControl")
    assert origin["OriginAccessControlId"] == {"Fn::GetAtt": [control, "Id"]}
    _, policy = template.only("AWS::S3::BucketPolicy", "Website")
    allowed = [each for each in policy["PolicyDocument"]["Statement"] if each["Effect"] == "Allow"]
    assert [each["Action"] for each in allowed] == ["s3:GetObject"]
    assert allowed[0]["Principal"] == {"Service": "cloudfront.amazonaws.com"}
    distribution, _ = template.only("AWS::CloudFront::Distribution")
    assert {"Ref": distribution} in allowed[0]["Condition"]["StringEquals"]["AWS:SourceArn"]["Fn::Join"][1]
    assert allowed[0]["Resource"]["Fn::Join"][1][0] == {"Fn::GetAtt": [bucket, "Arn"]}


def test_no_error_page_takes_the_place_of_what_the_api_says(edge: Properties) -> None:
    assert "CustomErrorResponses" not in edge


def test_the_pages_bring_no_function_with_rights_over_the_bucket(recordings_only: CloudTemplate) -> None:
    handlers = {each["Handler"] for each in recordings_only.properties("AWS::Lambda::Function").values()}
    assert handlers == set(HANDLERS)


def test_no_door_is_open_to_plain_http(edge: Properties) -> None:
    doors = [edge["DefaultCacheBehavior"], *edge["CacheBehaviors"]]
    assert {each["ViewerProtocolPolicy"] for each in doors} == {"https-only"}


def test_browsers_are_told_to_be_strict(template: CloudTemplate, edge: Properties) -> None:
    name, policy = template.only("AWS::CloudFront::ResponseHeadersPolicy")
    behaviors = [edge["DefaultCacheBehavior"], *edge["CacheBehaviors"]]
    assert {each.get("PathPattern") for each in behaviors} >= {None, "/media*", "/captions*", "/twilio/*", "/api/*"}
    assert [each["ResponseHeadersPolicyId"] for each in behaviors] == [{"Ref": name}] * len(behaviors)
    # It adds headers and takes none away: the streamer's answer to an upgrade goes through whole.
    assert policy["ResponseHeadersPolicyConfig"].keys() == {"Name", "SecurityHeadersConfig"}
    headers = policy["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]
    transport = headers["StrictTransportSecurity"]
    assert transport["AccessControlMaxAgeSec"] >= 31_536_000
    assert transport["IncludeSubdomains"] is True
    # As the house on one machine says them.
    assert {
        "Content-Security-Policy": headers["ContentSecurityPolicy"]["ContentSecurityPolicy"],
        "Referrer-Policy": headers["ReferrerPolicy"]["ReferrerPolicy"],
        "Strict-Transport-Security": f"max-age={transport['AccessControlMaxAgeSec']}; includeSubDomains",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": headers["FrameOptions"]["FrameOption"],
    } == HEADERS
    overriding = {name for name, each in headers.items() if each["Override"]}
    assert overriding == headers.keys() - {"ContentSecurityPolicy"}
    assert headers["ContentSecurityPolicy"]["ContentSecurityPolicy"].startswith("default-src 'none'")


def test_the_access_log_holds_neither_paths_nor_queries_nor_cookies(template: CloudTemplate, edge: Properties) -> None:
    assert "Logging" not in edge  # the older log has no choice of fields
    _, delivery = template.only("AWS::Logs::Delivery")
    assert delivery["RecordFields"] == list(FIELDS)
    told = ("uri", "query", "cookie", "referer", "user-agent", "x-forwarded-for", "host")
    assert not [field for field in FIELDS if any(part in field.lower() for part in told)]


def test_the_access_log_is_set_up_where_cloudfront_lets_it_be_and_left_out_elsewhere(template: CloudTemplate) -> None:
    (condition,) = template.body["Conditions"].values()
    assert condition == {"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-1"]}
    for kind in ("Delivery", "DeliverySource", "DeliveryDestination"):
        (resource,) = template.resources(f"AWS::Logs::{kind}").values()
        assert resource["Condition"] in template.body["Conditions"]


def test_only_this_accounts_log_deliveries_may_write_the_access_log(template: CloudTemplate) -> None:
    _, policy = template.only("AWS::S3::BucketPolicy", "AccessLogs")
    (delivers,) = [
        each
        for each in policy["PolicyDocument"]["Statement"]
        if each["Principal"] == {"Service": "delivery.logs.amazonaws.com"}
    ]
    assert delivers["Condition"]["StringEquals"]["aws:SourceAccount"] == {"Ref": "AWS::AccountId"}
    assert "AWSLogs/" in json.dumps(delivers["Resource"])
