"""Capacity: how many functions the AWS account may run at once."""

from operations.stack import Cloud, plainly


def concurrent_executions(cloud: Cloud) -> int:
    """Return it. Raises: OperationError."""
    with plainly("Lambda"):
        return int(cloud.client("lambda").get_account_settings()["AccountLimit"]["ConcurrentExecutions"])
