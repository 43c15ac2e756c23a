"""Both DynamoDB servers start empty-handed and take a table, an item and a refused condition."""

from uuid import uuid4

import boto3
import pytest


@pytest.mark.parametrize("server", ["moto_endpoint", "dynamodb_local_endpoint"])
def test_a_conditional_write_is_refused_when_the_item_exists(server: str, request: pytest.FixtureRequest) -> None:
    dynamodb = boto3.client(
        "dynamodb",
        endpoint_url=request.getfixturevalue(server),
        region_name="eu-west-1",
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )
    table = f"calls-{uuid4().hex}"
    dynamodb.create_table(
        TableName=table,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    dynamodb.put_item(TableName=table, Item={"pk": {"S": "CALL#CA1"}, "status": {"S": "ringing"}})

    with pytest.raises(dynamodb.exceptions.ConditionalCheckFailedException):
        dynamodb.put_item(
            TableName=table, Item={"pk": {"S": "CALL#CA1"}}, ConditionExpression="attribute_not_exists(pk)"
        )

    found = dynamodb.get_item(TableName=table, Key={"pk": {"S": "CALL#CA1"}}, ConsistentRead=True)
    assert found["Item"]["status"] == {"S": "ringing"}
    dynamodb.delete_table(TableName=table)
    dynamodb.close()
