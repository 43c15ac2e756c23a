"""Nothing of the streamer can be reached but through CloudFront, and it reaches out without a NAT gateway."""

import json

from tests.infra.cloud_template import CloudTemplate


def test_there_is_no_nat_gateway_and_no_endpoint_that_costs_by_the_hour(template: CloudTemplate) -> None:
    assert not template.resources("AWS::EC2::NatGateway")
    endpoints = template.properties("AWS::EC2::VPCEndpoint").values()
    assert {each["VpcEndpointType"] for each in endpoints} == {"Gateway"}
    services = json.dumps([each["ServiceName"] for each in endpoints])
    assert ".dynamodb" in services
    assert ".s3" in services


def test_the_load_balancer_is_internal_in_subnets_without_a_way_out(template: CloudTemplate) -> None:
    _, balancer = template.only("AWS::ElasticLoadBalancingV2::LoadBalancer")
    assert balancer["Scheme"] == "internal"
    own = {each["Ref"] for each in balancer["Subnets"]}
    assert len(own) == 2
    tables = {
        each["RouteTableId"]["Ref"]
        for each in template.properties("AWS::EC2::SubnetRouteTableAssociation").values()
        if each["SubnetId"]["Ref"] in own
    }
    led_out = {each["RouteTableId"]["Ref"] for each in template.properties("AWS::EC2::Route").values()}
    assert not tables & led_out


def test_the_streamer_is_in_the_zones_that_were_chosen_and_says_which(
    everything: CloudTemplate, template: CloudTemplate
) -> None:
    def zones(stack: CloudTemplate) -> set[str]:
        return {json.dumps(each["AvailabilityZone"]) for each in stack.properties("AWS::EC2::Subnet").values()}

    assert zones(everything) == {'"us-east-1b"', '"us-east-1d"'}
    assert everything.body["Outputs"]["Zones"]["Value"] == "us-east-1b,us-east-1d"
    assert len(zones(template)) == 2
    assert all("Fn::GetAZs" in each for each in zones(template))


def test_the_load_balancer_admits_cloudfronts_addresses_alone(template: CloudTemplate) -> None:
    group, properties = template.only("AWS::EC2::SecurityGroup", "Balancer")
    assert "SecurityGroupIngress" not in properties
    lookup, _ = template.only("Custom::AWS")
    # Were there none, AWS would add one that lets everything out.
    assert [(each["FromPort"], each["ToPort"]) for each in properties["SecurityGroupEgress"]] == [(8080, 8080)]
    (admitted,) = _ingress(template, group)
    assert admitted["SourcePrefixListId"] == {"Fn::GetAtt": [lookup, "PrefixLists.0.PrefixListId"]}
    assert (admitted["FromPort"], admitted["ToPort"]) == (80, 80)


def test_the_list_of_cloudfronts_addresses_is_looked_up_by_its_name(template: CloudTemplate) -> None:
    _, lookup = template.only("Custom::AWS")
    assert "com.amazonaws.global.cloudfront.origin-facing" in json.dumps(lookup["Create"])
    assert lookup["Create"] == lookup["Update"]


def test_tasks_admit_the_load_balancer_alone_and_speak_https_alone(template: CloudTemplate) -> None:
    balancer, _ = template.only("AWS::EC2::SecurityGroup", "Balancer")
    tasks, properties = template.only("AWS::EC2::SecurityGroup", "TaskGroup")
    assert "SecurityGroupIngress" not in properties
    (admitted,) = _ingress(template, tasks)
    assert admitted["SourceSecurityGroupId"] == {"Fn::GetAtt": [balancer, "GroupId"]}
    assert (admitted["FromPort"], admitted["ToPort"]) == (8080, 8080)
    assert [(each["FromPort"], each["ToPort"]) for each in properties["SecurityGroupEgress"]] == [(443, 443)]


def test_what_is_refused_is_logged_under_our_key(template: CloudTemplate) -> None:
    _, flow = template.only("AWS::EC2::FlowLog")
    assert flow["TrafficType"] == "REJECT"
    assert "KmsKeyId" in template.properties("AWS::Logs::LogGroup")[flow["LogGroupName"]["Ref"]]


def _ingress(template: CloudTemplate, group: str) -> list[dict[str, object]]:
    return [
        dict(each)
        for each in template.properties("AWS::EC2::SecurityGroupIngress").values()
        if each["GroupId"] == {"Fn::GetAtt": [group, "GroupId"]}
    ]
