"""How whoever operates the stack learns that something is wrong, and sees what."""

from collections.abc import Iterable, Sequence

from aws_cdk import Stack, aws_cloudwatch, aws_cloudwatch_actions, aws_iam, aws_kms, aws_sns, aws_sns_subscriptions
from constructs import Construct

from infra.acceptance import accept
from infra.watch import Watch


class Alarms(Construct):
    """One topic, and an alarm for each watch that tells it when it rings and when it stops."""

    def __init__(
        self, scope: Construct, construct_id: str, *, key: aws_kms.IKey, email: str | None, watches: Iterable[Watch]
    ) -> None:
        super().__init__(scope, construct_id)
        self.topic = aws_sns.Topic(self, "Topic", display_name="Ringscribe alarms", master_key=key, enforce_ssl=True)
        for service in ("cloudwatch", "budgets"):
            self.topic.add_to_resource_policy(self._may_publish(service))
        if email is not None:
            self.topic.add_subscription(aws_sns_subscriptions.EmailSubscription(email))
            accept(
                self.topic, {"Serverless::Serverless-SNSRedrivePolicy": "what the alarm says stays on the dashboard"}
            )
        self.all: Sequence[aws_cloudwatch.Alarm] = [self._alarm(watch) for watch in watches]

    def _alarm(self, watch: Watch) -> aws_cloudwatch.Alarm:
        low, high = (
            aws_cloudwatch.ComparisonOperator.LESS_THAN_OR_EQUAL_TO_THRESHOLD,
            aws_cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        )
        silence = aws_cloudwatch.TreatMissingData
        alarm = aws_cloudwatch.Alarm(
            self,
            watch.name,
            alarm_name=f"{Stack.of(self).stack_name}-{watch.name}",
            alarm_description=watch.description,
            metric=watch.metric,
            threshold=watch.threshold,
            evaluation_periods=watch.periods,
            comparison_operator=low if watch.is_low_bad else high,
            treat_missing_data=silence.BREACHING if watch.is_silence_bad else silence.NOT_BREACHING,
        )
        action = aws_cloudwatch_actions.SnsAction(self.topic)
        alarm.add_alarm_action(action)
        alarm.add_ok_action(action)
        return alarm

    def _may_publish(self, service: str) -> aws_iam.PolicyStatement:
        return aws_iam.PolicyStatement(
            principals=[aws_iam.ServicePrincipal(f"{service}.amazonaws.com")],
            actions=["sns:Publish"],
            resources=[self.topic.topic_arn],
            conditions={"StringEquals": {"aws:SourceAccount": Stack.of(self).account}},
        )
