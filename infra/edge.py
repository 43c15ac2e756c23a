"""The one public origin: CloudFront, before the HTTP API, the streamer, and a page for whoever looks in."""

from aws_cdk import Aws, Duration, Stack, aws_certificatemanager, aws_s3
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from constructs import Construct

from infra.acceptance import accept
from infra.balancer import Balancer
from infra.browser import HSTS_DAYS, NOTHING_ELSE
from infra.context import Domain
from infra.edge_log import EdgeLog
from infra.origin import PublicOrigin
from infra.website import Website


class Edge(Construct):
    """A distribution that caches nothing and changes nothing: Twilio signs addresses and bodies as they are here."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        api_host: str,
        balancer: Balancer | None,
        domain: Domain | None,
        firewall_arn: str | None,
        logs: aws_s3.Bucket,
        website: Website,
    ) -> None:
        super().__init__(scope, construct_id)
        self._headers = _security_headers(self)
        api = origins.HttpOrigin(
            api_host,
            protocol_policy=cloudfront.OriginProtocolPolicy.HTTPS_ONLY,
            read_timeout=Duration.seconds(30),
            keepalive_timeout=Duration.seconds(60),
        )
        everything = self._to_api(api)
        self.distribution = cloudfront.Distribution(
            self,
            "Distribution",
            comment=f"{Stack.of(self).stack_name}: the public origin",
            default_behavior=website.behavior(self._headers),
            additional_behaviors={
                "/twilio/*": everything,
                "/api/*": everything,
                **(self._to_streamer(balancer) if balancer else {}),
            },
            web_acl_id=firewall_arn,
            domain_names=[domain.name] if domain else None,
            certificate=_certificate(self, domain),
            minimum_protocol_version=cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021 if domain else None,
        )
        EdgeLog(self, "Log", distribution=self.distribution, bucket=logs)
        self.origin = PublicOrigin(domain.name if domain else self.distribution.distribution_domain_name)
        self._accept_findings(has_domain=domain is not None, has_firewall=firewall_arn is not None)

    def _to_api(self, api: cloudfront.IOrigin) -> cloudfront.BehaviorOptions:
        return cloudfront.BehaviorOptions(
            origin=api,
            allowed_methods=cloudfront.AllowedMethods.ALLOW_ALL,
            cache_policy=cloudfront.CachePolicy.CACHING_DISABLED,
            # The API answers to its own name alone.
            origin_request_policy=cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
            viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.HTTPS_ONLY,
            response_headers_policy=self._headers,
        )

    def _to_streamer(self, balancer: Balancer) -> dict[str, cloudfront.BehaviorOptions]:
        """Lead the sockets through a VPC origin, with all their headers: the handshake's, and Twilio's signature.

        CloudFront closes a socket on which the origin has sent nothing for ten minutes; the streamer has to ping.
        Source: CloudFront developer guide, "Use WebSockets with CloudFront distributions".
        """
        sockets = cloudfront.BehaviorOptions(
            origin=origins.VpcOrigin.with_application_load_balancer(
                balancer.balancer,
                # Inside the VPC; there, nobody could vouch for a certificate of an internal name.
                protocol_policy=cloudfront.OriginProtocolPolicy.HTTP_ONLY,
                http_port=80,
                vpc_origin_name=f"{Aws.STACK_NAME}-{Aws.REGION}",
            ),
            allowed_methods=cloudfront.AllowedMethods.ALLOW_GET_HEAD,
            cache_policy=cloudfront.CachePolicy.CACHING_DISABLED,
            origin_request_policy=cloudfront.OriginRequestPolicy.ALL_VIEWER,
            viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.HTTPS_ONLY,
            # It adds headers and takes none away, so that an upgrade passes; refusals are answers like any other.
            # Source: CloudFront developer guide, "Add or remove HTTP headers in CloudFront responses with a policy".
            response_headers_policy=self._headers,
        )
        return dict.fromkeys(Balancer.PATHS, sockets)

    def _accept_findings(self, *, has_domain: bool, has_firewall: bool) -> None:
        reasons = {
            "AwsSolutions::AwsSolutions-CFR1": "Twilio and its callers are in many countries",
            "AwsSolutions::AwsSolutions-CFR3": "the rule knows the old log alone, which would hold paths and queries, "
            "and with them tokens and numbers; infra/edge_log.py logs without them",
        }
        if not has_firewall:
            reasons["AwsSolutions::AwsSolutions-CFR2"] = "waf=on puts one there; signatures and tokens guard without it"
        if not has_domain:
            reasons["AwsSolutions::AwsSolutions-CFR4"] = (
                "CloudFront's own name comes with CloudFront's own choice of TLS versions; domain= sets TLS 1.2"
            )
        accept(self.distribution, reasons)


def _certificate(scope: Construct, domain: Domain | None) -> aws_certificatemanager.ICertificate | None:
    if domain is None:
        return None
    return aws_certificatemanager.Certificate.from_certificate_arn(scope, "Certificate", domain.certificate_arn)


def _security_headers(scope: Construct) -> cloudfront.ResponseHeadersPolicy:
    """Return what browsers are told with every answer: `browser.HEADERS`, in the construct library's words."""
    return cloudfront.ResponseHeadersPolicy(
        scope,
        "Headers",
        # The account's, in all regions: the name must tell two stacks apart.
        response_headers_policy_name=f"{Aws.STACK_NAME}-{Aws.REGION}",
        security_headers_behavior=cloudfront.ResponseSecurityHeadersBehavior(
            content_security_policy=cloudfront.ResponseHeadersContentSecurityPolicy(
                content_security_policy=NOTHING_ELSE,
                override=False,
            ),
            content_type_options=cloudfront.ResponseHeadersContentTypeOptions(override=True),
            frame_options=cloudfront.ResponseHeadersFrameOptions(
                frame_option=cloudfront.HeadersFrameOption.DENY, override=True
            ),
            referrer_policy=cloudfront.ResponseHeadersReferrerPolicy(
                referrer_policy=cloudfront.HeadersReferrerPolicy.NO_REFERRER, override=True
            ),
            strict_transport_security=cloudfront.ResponseHeadersStrictTransportSecurity(
                access_control_max_age=Duration.days(HSTS_DAYS), include_subdomains=True, override=True
            ),
        ),
    )
