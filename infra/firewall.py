"""An optional web firewall before the API. Twilio's own requests pass it by: their signature is the better guard."""

from aws_cdk import aws_wafv2
from constructs import Construct

REQUESTS_IN_FIVE_MINUTES = 1_000
"""From one address, of the API. A person's client makes some ten a minute."""

TWILIOS = ("/twilio/", "/media")


class Firewall(Construct):
    """Bounds what one address may ask of the API, and refuses addresses that Amazon has seen do harm.

    It has to be made in us-east-1, and costs about eight dollars a month.
    """

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        self.arn = aws_wafv2.CfnWebACL(
            self,
            "Acl",
            scope="CLOUDFRONT",
            default_action=aws_wafv2.CfnWebACL.DefaultActionProperty(allow={}),
            visibility_config=_seen("firewall"),
            rules=[
                aws_wafv2.CfnWebACL.RuleProperty(
                    name="rate",
                    priority=1,
                    action=aws_wafv2.CfnWebACL.RuleActionProperty(block={}),
                    statement=aws_wafv2.CfnWebACL.StatementProperty(
                        rate_based_statement=aws_wafv2.CfnWebACL.RateBasedStatementProperty(
                            aggregate_key_type="IP",
                            limit=REQUESTS_IN_FIVE_MINUTES,
                            scope_down_statement=_not_twilios(),
                        )
                    ),
                    visibility_config=_seen("rate"),
                ),
                aws_wafv2.CfnWebACL.RuleProperty(
                    name="reputation",
                    priority=2,
                    override_action=aws_wafv2.CfnWebACL.OverrideActionProperty(none={}),
                    statement=aws_wafv2.CfnWebACL.StatementProperty(
                        managed_rule_group_statement=aws_wafv2.CfnWebACL.ManagedRuleGroupStatementProperty(
                            vendor_name="AWS",
                            name="AWSManagedRulesAmazonIpReputationList",
                            scope_down_statement=_not_twilios(),
                        )
                    ),
                    visibility_config=_seen("reputation"),
                ),
            ],
        ).attr_arn


def _not_twilios() -> aws_wafv2.CfnWebACL.StatementProperty:
    starts = [
        aws_wafv2.CfnWebACL.StatementProperty(
            byte_match_statement=aws_wafv2.CfnWebACL.ByteMatchStatementProperty(
                field_to_match=aws_wafv2.CfnWebACL.FieldToMatchProperty(uri_path={}),
                positional_constraint="STARTS_WITH",
                search_string=path,
                text_transformations=[aws_wafv2.CfnWebACL.TextTransformationProperty(priority=0, type="NONE")],
            )
        )
        for path in TWILIOS
    ]
    return aws_wafv2.CfnWebACL.StatementProperty(
        not_statement=aws_wafv2.CfnWebACL.NotStatementProperty(
            statement=aws_wafv2.CfnWebACL.StatementProperty(
                or_statement=aws_wafv2.CfnWebACL.OrStatementProperty(statements=starts)
            )
        )
    )


def _seen(name: str) -> aws_wafv2.CfnWebACL.VisibilityConfigProperty:
    # No samples: they would hold paths and queries.
    return aws_wafv2.CfnWebACL.VisibilityConfigProperty(
        cloud_watch_metrics_enabled=True, metric_name=f"ringscribe-{name}", sampled_requests_enabled=False
    )
