"""An alarm on money."""

from typing import Final

from aws_cdk import Aws, aws_budgets, aws_sns
from constructs import Construct

NAME: Final = "spend"

SPENT_PERCENT: Final = 80
"""Of the budget, in fact; the forecast rings at all of it, in most months earlier."""


class Spending(Construct):
    """A monthly budget of the whole account: told apart by a tag, costs count only once somebody has activated the tag.

    What Twilio and Deepgram charge is not in it.
    """

    def __init__(self, scope: Construct, construct_id: str, *, dollars: int, topic: aws_sns.ITopic) -> None:
        super().__init__(scope, construct_id)
        subscriber = aws_budgets.CfnBudget.SubscriberProperty(subscription_type="SNS", address=topic.topic_arn)
        thresholds = (("ACTUAL", SPENT_PERCENT), ("FORECASTED", 100))
        budget = aws_budgets.CfnBudget(
            self,
            "Budget",
            budget=aws_budgets.CfnBudget.BudgetDataProperty(
                budget_name=f"{Aws.STACK_NAME}-{Aws.REGION}-{NAME}",
                budget_type="COST",
                time_unit="MONTHLY",
                budget_limit=aws_budgets.CfnBudget.SpendProperty(amount=dollars, unit="USD"),
            ),
            notifications_with_subscribers=[
                aws_budgets.CfnBudget.NotificationWithSubscribersProperty(
                    notification=aws_budgets.CfnBudget.NotificationProperty(
                        comparison_operator="GREATER_THAN",
                        notification_type=kind,
                        threshold=percent,
                        threshold_type="PERCENTAGE",
                    ),
                    subscribers=[subscriber],
                )
                for kind, percent in thresholds
            ],
        )
        # The topic must let the budget publish before it is named here: AWS tries it.
        budget.node.add_dependency(topic)
