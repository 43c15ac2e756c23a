"""The network of the streamer: no NAT gateway, and nothing in it that the world can reach."""

from collections.abc import Sequence

from aws_cdk import Duration, Stack, aws_ec2, aws_iam, aws_kms, custom_resources
from constructs import Construct, IDependable

from infra import context
from infra.acceptance import accept
from infra.python_function import EncryptedLogs

ORIGIN_FACING = "com.amazonaws.global.cloudfront.origin-facing"
"""AWS's own list of the addresses from which CloudFront reaches origins."""


class Network(Construct):
    """Public subnets, from which tasks reach out, and isolated ones for the load balancer.

    Tasks admit the load balancer alone (`infra.balancer` says so), it admits CloudFront alone.
    """

    BALANCER_PORT = 80
    TASK_PORT = 8080

    def __init__(self, scope: Construct, construct_id: str, *, key: aws_kms.IKey) -> None:
        super().__init__(scope, construct_id)
        self.vpc = self._vpc()
        self._log_refused(key)
        self.balancer = aws_ec2.SecurityGroup(
            self, "BalancerGroup", vpc=self.vpc, allow_all_outbound=False, description="CloudFront in, tasks out"
        )
        self.tasks = aws_ec2.SecurityGroup(
            self, "TaskGroup", vpc=self.vpc, allow_all_outbound=False, description="The load balancer in, HTTPS out"
        )
        self.balancer.add_ingress_rule(
            aws_ec2.Peer.prefix_list(self._origin_facing(key)), aws_ec2.Port.tcp(self.BALANCER_PORT), "CloudFront"
        )
        # Without a rule of its own here, AWS would add one that lets everything out.
        self.balancer.add_egress_rule(
            aws_ec2.Peer.ipv4(self.vpc.vpc_cidr_block), aws_ec2.Port.tcp(self.TASK_PORT), "Tasks"
        )
        self.tasks.add_egress_rule(aws_ec2.Peer.any_ipv4(), aws_ec2.Port.tcp(443), "Deepgram and AWS")

    @property
    def way_out(self) -> Sequence[IDependable]:
        """What must be there before anything in here can be reached, or reach out: a gateway, and routes to it."""
        return [subnet.internet_connectivity_established for subnet in self.vpc.public_subnets]

    def _vpc(self) -> aws_ec2.Vpc:
        # CloudFront's VPC origins are not in every zone: `make deploy` finds two that they are in.
        zones = context.zones(self.node)
        return aws_ec2.Vpc(
            self,
            "Vpc",
            availability_zones=list(zones) if zones else None,
            max_azs=None if zones else context.ZONES,
            nat_gateways=0,
            subnet_configuration=[
                aws_ec2.SubnetConfiguration(
                    name="tasks", subnet_type=aws_ec2.SubnetType.PUBLIC, map_public_ip_on_launch=False
                ),
                aws_ec2.SubnetConfiguration(name="balancer", subnet_type=aws_ec2.SubnetType.PRIVATE_ISOLATED),
            ],
            gateway_endpoints={
                "DynamoDb": aws_ec2.GatewayVpcEndpointOptions(service=aws_ec2.GatewayVpcEndpointAwsService.DYNAMODB),
                # The image's layers come from S3.
                "S3": aws_ec2.GatewayVpcEndpointOptions(service=aws_ec2.GatewayVpcEndpointAwsService.S3),
            },
            # To close it takes one more function with rights over security groups; nothing of ours is in it.
            restrict_default_security_group=False,
        )

    def _log_refused(self, key: aws_kms.IKey) -> None:
        logs = EncryptedLogs(self, "FlowLogs", key=key)
        self.vpc.add_flow_log(
            "Refused",
            traffic_type=aws_ec2.FlowLogTrafficType.REJECT,
            destination=aws_ec2.FlowLogDestination.to_cloud_watch_logs(logs),
        )

    def _origin_facing(self, key: aws_kms.IKey) -> str:
        """Look the list up while the stack is deployed: its name is the same everywhere, its ID another in each region.

        A lookup at synthesis would need credentials, and tie the template to one account.
        Source: CloudFront developer guide, "Restrict access with VPC origins".
        """
        lookup = custom_resources.AwsCustomResource(
            self,
            "OriginFacing",
            on_update=custom_resources.AwsSdkCall(
                service="ec2",
                action="describeManagedPrefixLists",
                parameters={"Filters": [{"Name": "prefix-list-name", "Values": [ORIGIN_FACING]}]},
                physical_resource_id=custom_resources.PhysicalResourceId.of(ORIGIN_FACING),
                output_paths=["PrefixLists.0.PrefixListId"],
            ),
            policy=custom_resources.AwsCustomResourcePolicy.from_statements(
                [aws_iam.PolicyStatement(actions=["ec2:DescribeManagedPrefixLists"], resources=["*"])]
            ),
            install_latest_aws_sdk=False,
            log_group=EncryptedLogs(self, "OriginFacingLogs", key=key),
            timeout=Duration.minutes(1),
            memory_size=256,
        )
        self._accept_helper()
        everything = "to list prefix lists knows no resources, and nothing else is allowed"
        accept(lookup, {"AwsSolutions::AwsSolutions-IAM5[Resource::*]": everything})
        return lookup.get_response_field("PrefixLists.0.PrefixListId")

    def _accept_helper(self) -> None:
        """Accept how the construct library makes the one function that makes such calls, which lies beside us."""
        uuid = custom_resources.AwsCustomResource.PROVIDER_FUNCTION_UUID
        helper = Stack.of(self).node.find_child(f"AWS{uuid.replace('-', '')}")
        writes_logs = "Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
        during_deployments = "it runs while the stack is deployed, and CloudFormation waits for its answer"
        accept(
            helper,
            {
                f"AwsSolutions::AwsSolutions-IAM4[{writes_logs}]": "its role is the construct library's",
                "Serverless::Serverless-LambdaDLQ": during_deployments,
                "Serverless::Serverless-LambdaTracing": during_deployments,
            },
        )
