"""The streamer: a container on Fargate that outlives every deployment until its last call is over."""

from pathlib import Path
from typing import Final

from aws_cdk import Aws, Duration, IgnoreMode, Stack, aws_ec2, aws_ecr_assets, aws_ecs, aws_iam, aws_kms
from constructs import Construct

from infra import permissions
from infra.acceptance import accept
from infra.balancer import Balancer
from infra.metric import ours
from infra.network import Network
from infra.origin import PublicOrigin
from infra.python_function import KEY_USE, EncryptedLogs
from infra.secrets import Credentials
from infra.storage import Storage
from telephony.metrics import Metric

ROOT: Final = Path(__file__).resolve().parent.parent

NAME: Final = "streamer"


class Streamer(Construct):
    """One cluster with one service, scaled by calls and never by CPU: a busy task is no reason to end its calls."""

    MAX_STREAMS = 140
    """Of one task: they take all of its CPU, by the capacity table of docs/performance.md, to which a test holds it."""

    WANTED_STREAMS = MAX_STREAMS // 2
    """Of one task, on average: half is left for what comes before another task is there, or when one is lost."""

    MOST_TASKS = 10

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        key: aws_kms.IKey,
        network: Network,
        balancer: Balancer,
        storage: Storage,
        credentials: Credentials,
        origin: PublicOrigin,
    ) -> None:
        super().__init__(scope, construct_id)
        self.cluster = aws_ecs.Cluster(self, "Cluster", vpc=network.vpc)
        accept(self.cluster, {"AwsSolutions::AwsSolutions-ECS4": "our own metrics say more, and cost less at rest"})
        environment = {
            "TABLE_NAME": storage.table.table_name,
            "MEDIA_URL": origin.media_url,
            "TWILIO_SECRET_ARN": credentials.twilio.secret_arn,
            "DEEPGRAM_SECRET_ARN": credentials.deepgram.secret_arn,
            "PORT": str(network.TASK_PORT),
            "MAX_STREAMS": str(self.MAX_STREAMS),
        }
        task = self._task(key, environment)
        key.grant_encrypt_decrypt(task.task_role)
        accept(task, KEY_USE)
        for statement in (
            permissions.write_calls(storage.table),
            permissions.claim_tickets(storage.table),
            permissions.read_secret(credentials.twilio),
            permissions.read_secret(credentials.deepgram),
            self._protect_itself(),
        ):
            task.add_to_task_role_policy(statement)
        self.service = self._service(task, network, balancer)
        self._scale()

    def _task(self, key: aws_kms.IKey, environment: dict[str, str]) -> aws_ecs.FargateTaskDefinition:
        task = aws_ecs.FargateTaskDefinition(
            self,
            "Task",
            cpu=256,
            memory_limit_mib=512,
            runtime_platform=aws_ecs.RuntimePlatform(
                cpu_architecture=aws_ecs.CpuArchitecture.ARM64,
                operating_system_family=aws_ecs.OperatingSystemFamily.LINUX,
            ),
        )
        task.add_container(
            NAME,
            image=aws_ecs.ContainerImage.from_docker_image_asset(image(self)),
            environment=environment,
            port_mappings=[aws_ecs.PortMapping(container_port=Network.TASK_PORT)],
            readonly_root_filesystem=True,
            user="10001",
            linux_parameters=aws_ecs.LinuxParameters(self, "Linux", init_process_enabled=True),
            stop_timeout=Duration.seconds(120),  # Fargate's limit
            logging=aws_ecs.LogDrivers.aws_logs(
                stream_prefix=NAME,
                log_group=EncryptedLogs(self, "Logs", key=key),
                # When CloudWatch Logs is slow, a line may be lost; a call must not wait for it.
                mode=aws_ecs.AwsLogDriverMode.NON_BLOCKING,
            ),
        )
        accept(
            task,
            {
                "AwsSolutions::AwsSolutions-ECS2": "the environment holds names and addresses; secrets are read by ARN",
                "AwsSolutions::AwsSolutions-IAM5[Resource::*]": "to sign in to ECR knows no resources",
            },
        )
        return task

    def _protect_itself(self) -> aws_iam.PolicyStatement:
        """Allow a task to say that it must not be stopped while it has calls.

        Source: Amazon ECS developer guide, "Task scale-in protection endpoint".
        """
        tasks = f"arn:{Aws.PARTITION}:ecs:{Aws.REGION}:{Aws.ACCOUNT_ID}:task/{self.cluster.cluster_name}/*"
        name = Stack.of(self).resolve(self.cluster.cluster_name)["Ref"]
        place = "<AWS::Partition>:ecs:<AWS::Region>:<AWS::AccountId>"
        accept(
            self,
            {
                f"AwsSolutions::AwsSolutions-IAM5[Resource::arn:{place}:task/<{name}>/*]": "a task's ID is known once "
                "it runs"
            },
        )
        return aws_iam.PolicyStatement(actions=["ecs:GetTaskProtection", "ecs:UpdateTaskProtection"], resources=[tasks])

    def _service(
        self, task: aws_ecs.FargateTaskDefinition, network: Network, balancer: Balancer
    ) -> aws_ecs.FargateService:
        service = aws_ecs.FargateService(
            self,
            "Service",
            cluster=self.cluster,
            task_definition=task,
            # A public address in place of a NAT gateway; the security group lets nothing in by it.
            assign_public_ip=True,
            vpc_subnets=aws_ec2.SubnetSelection(subnet_type=aws_ec2.SubnetType.PUBLIC),
            security_groups=[network.tasks],
            circuit_breaker=aws_ecs.DeploymentCircuitBreaker(enable=True, rollback=True),
            min_healthy_percent=100,
            max_healthy_percent=200,
            # It would stop tasks that have calls, to have as many in each zone.
            availability_zone_rebalancing=aws_ecs.AvailabilityZoneRebalancing.DISABLED,
            health_check_grace_period=Duration.seconds(60),
            propagate_tags=aws_ecs.PropagatedTagSource.SERVICE,
            enable_ecs_managed_tags=True,
        )
        service.attach_to_application_target_group(balancer.tasks)
        # The first task has to fetch its image, and be asked whether it is well.
        service.node.add_dependency(balancer.listener, *network.way_out)
        return service

    def _scale(self) -> None:
        self.service.auto_scale_task_count(min_capacity=1, max_capacity=self.MOST_TASKS).scale_to_track_custom_metric(
            "Streams",
            metric=ours(Metric.ACTIVE_STREAMS, statistic="Average", period=Duration.minutes(1)),
            target_value=self.WANTED_STREAMS,
            scale_out_cooldown=Duration.minutes(1),
            scale_in_cooldown=Duration.minutes(15),
        )


def image(scope: Construct) -> aws_ecr_assets.DockerImageAsset:
    """Return the container's image, built when the stack is deployed; until then only its files are gathered.

    `.dockerignore` says which: an edit of anything else makes no new image, and no deployment of the container.
    """
    return aws_ecr_assets.DockerImageAsset(
        scope,
        "Image",
        directory=str(ROOT),
        file="streamer/Dockerfile",
        platform=aws_ecr_assets.Platform.LINUX_ARM64,
        ignore_mode=IgnoreMode.DOCKER,
    )
