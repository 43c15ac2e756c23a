"""The HTTP API: the one door for Twilio's webhooks and for the API."""

import json
from collections.abc import Sequence

import jsii
from aws_cdk import (
    Stack,
    aws_apigateway,
    aws_apigatewayv2,
    aws_apigatewayv2_authorizers,
    aws_apigatewayv2_integrations,
    aws_kms,
    aws_lambda,
    aws_logs,
)
from constructs import Construct

from infra.acceptance import accept
from infra.context import SignIn
from infra.python_function import EncryptedLogs
from telephony.phrases import PHRASES_PATH

OPEN_ROUTES = ("/api/health", "/api/listen/{token}", "/api/openapi.json")
"""What the API gives to anybody; all else of it needs a token."""

ACCESS_LOG_FIELDS = {
    "request_id": "$context.requestId",
    "at": "$context.requestTime",
    "ip": "$context.identity.sourceIp",
    # The route and never the path: a path may hold the token that opens a message, a query a caller's number.
    "route": "$context.routeKey",
    "status": "$context.status",
    "latency_ms": "$context.responseLatency",
    "bytes": "$context.responseLength",
    "trouble": "$context.integrationErrorMessage",
}


class HttpDoor(Construct):
    """An HTTP API with bounded rates and an access log without anything about callers.

    It is made before the functions, which are told its address, and `lead_to` is called after they are made.
    """

    REQUESTS_PER_SECOND = 100
    BURST_REQUESTS = 200
    """A call takes about five webhooks, so this admits some twenty calls a second; Twilio repeats what is refused."""

    def __init__(self, scope: Construct, construct_id: str, *, key: aws_kms.IKey) -> None:
        super().__init__(scope, construct_id)
        self.api = aws_apigatewayv2.HttpApi(self, "Api", api_name="ringscribe", create_default_stage=False)
        aws_apigatewayv2.HttpStage(
            self,
            "Stage",
            http_api=self.api,
            stage_name="$default",
            auto_deploy=True,
            throttle=aws_apigatewayv2.ThrottleSettings(
                rate_limit=self.REQUESTS_PER_SECOND, burst_limit=self.BURST_REQUESTS
            ),
            access_log_settings=AccessLog(EncryptedLogs(self, "AccessLogs", key=key)),
        )

    @property
    def host(self) -> str:
        """The API's own name, to which it answers alone; the world is told the public origin instead."""
        stack = Stack.of(self)
        return f"{self.api.api_id}.execute-api.{stack.region}.{stack.url_suffix}"

    def lead_to(
        self, *, webhooks: aws_lambda.IFunction, api: aws_lambda.IFunction, sign_in: SignIn, scopes: Sequence[str]
    ) -> None:
        """Add the routes. A token that is missing, expired, another's or without any of *scopes* ends here.

        The API checks each token again, with the same outcome, and which scope its route needs: one gate that is left
        open by mistake lets nobody in. Twilio's signature covers the body, which an authoriser never sees.
        """
        self._route("/twilio/{proxy+}", aws_apigatewayv2.HttpMethod.POST, "Webhooks", webhooks)
        self._route(f"{PHRASES_PATH}{{name}}", aws_apigatewayv2.HttpMethod.GET, "Phrases", webhooks)
        integration = aws_apigatewayv2_integrations.HttpLambdaIntegration("Api", api)
        self.api.add_routes(
            path="/api/{proxy+}",
            methods=[aws_apigatewayv2.HttpMethod.ANY],
            integration=integration,
            # It takes a token by `aud`, or by `client_id` where there is no `aud`, as functions/api/auth.py does.
            # Source: API Gateway developer guide, "Control access to HTTP APIs with JWT authorizers".
            authorizer=aws_apigatewayv2_authorizers.HttpJwtAuthorizer(
                "Tokens", sign_in.issuer, jwt_audience=list(sign_in.audiences)
            ),
            authorization_scopes=list(scopes),
        )
        for path in OPEN_ROUTES:
            self.api.add_routes(path=path, methods=[aws_apigatewayv2.HttpMethod.GET], integration=integration)
        accept(
            self.api, {"AwsSolutions::AwsSolutions-APIG4": "webhooks are signed, and the open routes are for anybody"}
        )

    def _route(self, path: str, method: aws_apigatewayv2.HttpMethod, name: str, function: aws_lambda.IFunction) -> None:
        integration = aws_apigatewayv2_integrations.HttpLambdaIntegration(name, function)
        self.api.add_routes(path=path, methods=[method], integration=integration)


@jsii.implements(aws_apigatewayv2.IAccessLogSettings)
class AccessLog:
    """Where the access log goes and what one line of it holds."""

    def __init__(self, group: aws_logs.ILogGroup) -> None:
        self._destination = aws_apigatewayv2.LogGroupLogDestination(group)

    @property
    def destination(self) -> aws_apigatewayv2.IAccessLogDestination:
        """The log group."""
        return self._destination

    @property
    def format(self) -> aws_apigateway.AccessLogFormat:
        """One line of JSON for each request."""
        return aws_apigateway.AccessLogFormat.custom(json.dumps(ACCESS_LOG_FIELDS))
