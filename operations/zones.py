"""Zones: two availability zones for the streamer, of those in which CloudFront can reach a load balancer."""

from typing import Final

from operations.errors import OperationError
from operations.stack import Cloud, Stack, plainly

WANTED: Final = 2
"""As many as a load balancer needs."""

FLAG: Final = "zones"
OUTPUT: Final = "Zones"
"""Which output of the stack says where its streamer is."""

UNREACHABLE: Final = frozenset({"use1-az3", "usw1-az2", "apne1-az3", "apne2-az1", "cac1-az3"})
"""Zones by their IDs, which mean the same in every account, without VPC origins: to make one there fails.

Sources: CloudFront developer guide, "Restrict access with VPC origins", supported Regions, as quoted in
github.com/aws-samples/amazon-bedrock-samples issue 606 and in
github.com/braintrustdata/terraform-aws-braintrust-data-plane pull request 298 (July 2026).
"""


def find_zones(cloud: Cloud, stack: Stack | None) -> str:
    """Return the flag's value: the zones where the stack's streamer is, else the first two that CloudFront reaches.

    A streamer that is there stays where it is: another zone would be another network. Raises: OperationError.
    """
    known = stack.outputs.get(OUTPUT) if stack else None
    return known or ",".join(_reachable(cloud))


def _reachable(cloud: Cloud) -> list[str]:
    client = cloud.client("ec2")
    filters = [
        {"Name": "state", "Values": ["available"]},
        {"Name": "zone-type", "Values": ["availability-zone"]},
    ]
    with plainly("EC2"):
        found = client.describe_availability_zones(Filters=filters)["AvailabilityZones"]
    names = sorted(each["ZoneName"] for each in found if each["ZoneId"] not in UNREACHABLE)
    if len(names) < WANTED:
        raise OperationError(
            f"CloudFront reaches fewer than {WANTED} zones of this account in {client.meta.region_name}: choose "
            "another region, or leave live text out with CONTEXT='streamer=off'"
        )
    return names[:WANTED]
