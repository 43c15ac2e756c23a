"""The load balancer between CloudFront and the streamer: internal, so CloudFront's VPC origin is the only way to it."""

from aws_cdk import Duration, aws_ec2
from aws_cdk import aws_elasticloadbalancingv2 as elb
from constructs import Construct

from infra.acceptance import accept
from infra.network import Network


class Balancer(Construct):
    """Leads media streams and captions to the task with the fewest, and anything else nowhere."""

    PATHS = ("/media*", "/captions*")

    DRAIN = Duration.seconds(3600)
    """How long a task that goes keeps its calls: the most that can be set. Fargate's stop limit is two minutes."""

    def __init__(self, scope: Construct, construct_id: str, *, network: Network) -> None:
        super().__init__(scope, construct_id)
        self.balancer = elb.ApplicationLoadBalancer(
            self,
            "Balancer",
            vpc=network.vpc,
            internet_facing=False,
            security_group=network.balancer,
            vpc_subnets=aws_ec2.SubnetSelection(subnet_type=aws_ec2.SubnetType.PRIVATE_ISOLATED),
            # The most that can be set: only Twilio talks on a media stream, so nothing of ours keeps it busy.
            idle_timeout=Duration.seconds(4000),
            drop_invalid_header_fields=True,
        )
        # CloudFront makes no origin in a network that has no gateway yet.
        self.balancer.node.add_dependency(*network.way_out)
        self.tasks = elb.ApplicationTargetGroup(
            self,
            "Tasks",
            vpc=network.vpc,
            port=network.TASK_PORT,
            protocol=elb.ApplicationProtocol.HTTP,
            target_type=elb.TargetType.IP,
            deregistration_delay=self.DRAIN,
            load_balancing_algorithm_type=elb.TargetGroupLoadBalancingAlgorithmType.LEAST_OUTSTANDING_REQUESTS,
            health_check=elb.HealthCheck(
                path="/healthz",
                interval=Duration.seconds(10),
                timeout=Duration.seconds(5),
                healthy_threshold_count=2,
                # A task that is unhealthy is killed with its calls: let it miss half a minute first.
                unhealthy_threshold_count=3,
            ),
        )
        self.listener = self.balancer.add_listener(
            "Http",
            port=network.BALANCER_PORT,
            protocol=elb.ApplicationProtocol.HTTP,
            open=False,
            default_action=elb.ListenerAction.fixed_response(404),
        )
        self.listener.add_action(
            "Sockets",
            priority=10,
            conditions=[elb.ListenerCondition.path_patterns(list(self.PATHS))],
            action=elb.ListenerAction.forward([self.tasks]),
        )
        unlogged = "CloudFront's log and the streamer's have every request; this one would hold paths and queries too"
        accept(self.balancer, {"AwsSolutions::AwsSolutions-ELB2": unlogged})
