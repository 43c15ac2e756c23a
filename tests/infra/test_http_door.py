"""What the HTTP API lets in, how much of it, and what it writes down."""

import json

from functions.api.app import create_app
from functions.api.auth import Scope
from infra.http import OPEN_ROUTES
from tests.fakes.audio import MemoryAudio
from tests.fakes.clock import FixedClock
from tests.fakes.table import MemoryTable
from tests.infra.cloud_template import API, WEBHOOKS, CloudTemplate
from tests.unit.api.asking import Issuer, memory_ports


def test_twilio_may_post_to_the_webhooks_and_everything_of_the_api_goes_to_the_api(template: CloudTemplate) -> None:
    integrations = template.properties("AWS::ApiGatewayV2::Integration")
    routes = {}
    for route in template.properties("AWS::ApiGatewayV2::Route").values():
        target = route["Target"]["Fn::Join"][1][1]["Ref"]
        routes[route["RouteKey"]] = integrations[target]["IntegrationUri"]["Fn::GetAtt"][0]
    assert routes == {
        "POST /twilio/{proxy+}": template.function(WEBHOOKS)[0],
        "GET /twilio/phrases/{name}": template.function(WEBHOOKS)[0],
        "ANY /api/{proxy+}": template.function(API)[0],
        **{f"GET {path}": template.function(API)[0] for path in OPEN_ROUTES},
    }


def test_the_api_is_behind_an_authoriser_but_for_what_anybody_may_have(template: CloudTemplate) -> None:
    routes = template.properties("AWS::ApiGatewayV2::Route").values()
    kinds = {route["RouteKey"]: route.get("AuthorizationType", "NONE") for route in routes}
    (guarded,) = (route for route in routes if route["RouteKey"] == "ANY /api/{proxy+}")
    assert {name for name, kind in kinds.items() if kind != "NONE"} == {"ANY /api/{proxy+}"}
    assert guarded["AuthorizationType"] == "JWT"
    assert set(guarded["AuthorizationScopes"]) == set(Scope)


def test_the_authoriser_and_the_function_accept_the_same_tokens(template: CloudTemplate) -> None:
    _, authoriser = template.only("AWS::ApiGatewayV2::Authorizer")
    variables = template.environment(API)
    assert authoriser["AuthorizerType"] == "JWT"
    assert authoriser["IdentitySource"] == ["$request.header.Authorization"]
    accepted = authoriser["JwtConfiguration"]
    assert accepted["Issuer"] == variables["JWT_ISSUER"]
    assert variables["JWT_AUDIENCE"] == {"Fn::Join": ["", [accepted["Audience"][0], " ", accepted["Audience"][1]]]}


def test_what_stands_open_in_the_cloud_is_what_the_app_gives_to_anybody() -> None:
    app = create_app(memory_ports(MemoryTable(), MemoryAudio(), FixedClock(), Issuer()))
    document = app.openapi()["paths"]
    given = {path for path, methods in document.items() for each in methods.values() if "security" not in each}
    assert {*given, app.openapi_url} == set(OPEN_ROUTES)


def test_the_functions_read_the_event_format_that_carries_the_raw_query(template: CloudTemplate) -> None:
    versions = {each["PayloadFormatVersion"] for each in template.properties("AWS::ApiGatewayV2::Integration").values()}
    assert versions == {"2.0"}


def test_only_this_api_may_call_the_functions_behind_it(template: CloudTemplate) -> None:
    name, _ = template.only("AWS::ApiGatewayV2::Api")
    behind = [{"Fn::GetAtt": [template.function(handler)[0], "Arn"]} for handler in (WEBHOOKS, API)]
    allowed = [
        each for each in template.properties("AWS::Lambda::Permission").values() if each["FunctionName"] in behind
    ]
    assert len(allowed) == len(template.resources("AWS::ApiGatewayV2::Route"))
    for permission in allowed:
        assert permission["Principal"] == "apigateway.amazonaws.com"
        assert f'"Ref": "{name}"' in json.dumps(permission["SourceArn"])


def test_requests_are_bounded(template: CloudTemplate) -> None:
    _, stage = template.only("AWS::ApiGatewayV2::Stage")
    assert stage["StageName"] == "$default"
    assert 0 < stage["DefaultRouteSettings"]["ThrottlingRateLimit"] <= 100
    assert 0 < stage["DefaultRouteSettings"]["ThrottlingBurstLimit"] <= 200


def test_the_access_log_holds_neither_paths_nor_queries_for_they_hold_tokens_and_numbers(
    template: CloudTemplate,
) -> None:
    _, stage = template.only("AWS::ApiGatewayV2::Stage")
    settings = stage["AccessLogSettings"]
    line = json.loads(settings["Format"])
    assert line["route"] == "$context.routeKey"
    assert not {"$context.path", "$context.http.path", "$context.requestOverride.path"} & set(line.values())
    assert not any("query" in value.lower() for value in line.values())
    assert settings["DestinationArn"]["Fn::GetAtt"][0] in template.resources("AWS::Logs::LogGroup")
