"""The stores of a house, for what is put into them, or looked up there, beside the product."""

from local.aws.resources import aws_session
from local.house import House
from telephony.aws.clients import CONFIG
from telephony.aws.stores import Stores


def stores_of(house: House) -> Stores:
    """Return the stores of the house's table."""
    client = aws_session().client("dynamodb", endpoint_url=house.aws_endpoint, config=CONFIG)
    return Stores.of(client, house.resources.table_name)
