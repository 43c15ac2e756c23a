"""The stack: it only wires."""

from collections.abc import Sequence

from aws_cdk import CfnOutput, Environment, Stack, aws_cloudwatch
from constructs import Construct

from infra import context, watch
from infra.balancer import Balancer
from infra.bundling import functions_code
from infra.dashboard import Dashboard
from infra.edge import Edge
from infra.encryption import Encryption
from infra.firewall import Firewall
from infra.functions import Api, Webhooks
from infra.http import HttpDoor
from infra.identity import RESOURCE, SCOPES, Identity
from infra.jobs import JobQueue, Jobs
from infra.messages import Messages
from infra.monitoring import Alarms
from infra.network import Network
from infra.origin import PublicOrigin
from infra.pipeline import Pipeline
from infra.provisioning import point_numbers
from infra.secrets import Credentials
from infra.spending import Spending
from infra.storage import Storage
from infra.streamer import Streamer
from infra.website import Website


class RingscribeStack(Stack):
    """Everything in one stack, for any account and region. Raises: ContextError."""

    def __init__(self, scope: Construct, construct_id: str, *, description: str) -> None:
        super().__init__(scope, construct_id, description=description, env=_environment(scope))
        self._key = Encryption(self, "Encryption").key
        self._storage = Storage(self, "Storage", key=self._key)
        self._messages = Messages(self, "Messages", key=self._key)
        self._job_queue = JobQueue(self, "JobQueue")
        self._credentials = Credentials(self, "Credentials", key=self._key)
        self._door = HttpDoor(self, "Http", key=self._key)

        network = Network(self, "Network", key=self._key) if context.has_streamer(self.node) else None
        self._balancer = Balancer(self, "Balancer", network=network) if network else None
        self._origin = self._public_origin()
        self._add_functions()
        if network and self._balancer:
            Streamer(
                self,
                "Streamer",
                key=self._key,
                network=network,
                balancer=self._balancer,
                storage=self._storage,
                credentials=self._credentials,
                origin=self._origin,
            )
            self._say(Zones=",".join(network.vpc.availability_zones))
        self._watch()
        self._say(
            PublicOrigin=self._origin.url,
            VoiceUrl=f"{self._origin.url}/twilio/voice",
            ApiUrl=f"{self._origin.url}/api",
            TwilioSecret=self._credentials.twilio.secret_arn,
            DeepgramSecret=self._credentials.deepgram.secret_arn,
            TableName=self._storage.table.table_name,
            TopicArn=self._messages.topic.topic_arn,
        )
        point_numbers(self, key=self._key, storage=self._storage, credentials=self._credentials, origin=self._origin)

    def _public_origin(self) -> PublicOrigin:
        website = Website(self, "Website", access_logs=self._storage.access_logs)
        self._say(PagesBucket=website.bucket.bucket_name)
        edge = Edge(
            self,
            "Edge",
            api_host=self._door.host,
            balancer=self._balancer,
            domain=context.own_domain(self.node),
            firewall_arn=Firewall(self, "Firewall").arn if context.has_firewall(self.node) else None,
            logs=self._storage.access_logs,
            website=website,
        )
        self._say(EdgeName=edge.distribution.distribution_domain_name)
        host = context.public_host(self.node)
        return PublicOrigin(host) if host else edge.origin

    def _sign_in(self) -> context.SignIn:
        chosen = context.sign_in(self.node)
        if chosen is not None:
            return chosen
        identity = Identity(self, "Identity", origin=self._origin)
        self._say(
            SignInUrl=identity.domain.base_url(),
            UserPoolId=identity.pool.user_pool_id,
            PeopleClientId=identity.people.user_pool_client_id,
            MachinesClientId=identity.machines.user_pool_client_id,
        )
        return identity.sign_in

    def _add_functions(self) -> None:
        code, sign_in, has_streamer = functions_code(self), self._sign_in(), self._balancer is not None
        self._webhooks = Webhooks(
            self,
            "Webhooks",
            code=code,
            key=self._key,
            storage=self._storage,
            credentials=self._credentials,
            origin=self._origin,
            has_streamer=has_streamer,
        )
        self._api = Api(
            self,
            "Api",
            code=code,
            key=self._key,
            storage=self._storage,
            messages=self._messages,
            jobs=self._job_queue,
            credentials=self._credentials,
            origin=self._origin,
            sign_in=sign_in,
            has_streamer=has_streamer,
        )
        scopes = [f"{RESOURCE}/{name}" for name in SCOPES]
        self._door.lead_to(webhooks=self._webhooks, api=self._api, sign_in=sign_in, scopes=scopes)
        self._pipeline = Pipeline(
            self,
            "Pipeline",
            code=code,
            key=self._key,
            storage=self._storage,
            messages=self._messages,
            credentials=self._credentials,
            origin=self._origin,
        )

        self._jobs = Jobs(
            self,
            "Jobs",
            code=code,
            key=self._key,
            storage=self._storage,
            queue=self._job_queue,
            credentials=self._credentials,
        )

    def _watch(self) -> None:
        watches = [
            *watch.of_webhooks(self._webhooks, self._api, self._door),
            *(watch.of_streams(self._balancer, context.deepgram_slots(self.node)) if self._balancer else ()),
            *watch.of_messages(self._pipeline, self._messages),
            *watch.of_jobs(self._jobs, self._job_queue),
        ]
        alarms = Alarms(self, "Alarms", key=self._key, email=context.alarm_email(self.node), watches=watches)
        Spending(self, "Spending", dollars=context.monthly_budget_dollars(self.node), topic=alarms.topic)
        self._draw(alarms.all)
        self._say(AlarmTopicArn=alarms.topic.topic_arn)

    def _draw(self, alarms: Sequence[aws_cloudwatch.Alarm]) -> None:
        dashboard = Dashboard(self, "Dashboard", alarms=alarms)
        dashboard.add_callers(self._webhooks, self._api, self._door)
        if self._balancer:
            dashboard.add_streams(self._balancer)
        dashboard.add_messages(self._pipeline, self._messages)
        dashboard.add_jobs(self._jobs, self._job_queue)

    def _say(self, **outputs: str) -> None:
        for name, value in outputs.items():
            CfnOutput(self, name, value=value)


def _environment(scope: Construct) -> Environment | None:
    region = context.region(scope.node)
    return Environment(region=region) if region else None
