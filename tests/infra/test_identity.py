"""Who can get a token: nobody who was not let in, and none for more than its client may do."""

from functions.api.auth import Scope
from infra.identity import RESOURCE
from tests.infra.cloud_template import API, CloudTemplate, Properties


def test_nobody_signs_up_alone_and_everybody_needs_a_second_factor(template: CloudTemplate) -> None:
    _, pool = template.only("AWS::Cognito::UserPool")
    assert pool["AdminCreateUserConfig"]["AllowAdminCreateUserOnly"] is True
    assert pool["MfaConfiguration"] == "ON"
    assert pool["EnabledMfas"] == ["SOFTWARE_TOKEN_MFA"]
    assert pool["Policies"]["PasswordPolicy"]["MinimumLength"] >= 12
    assert pool["DeletionProtection"] == "ACTIVE"


def test_people_prove_themselves_by_code_and_their_client_has_no_secret(template: CloudTemplate) -> None:
    _, people = template.only("AWS::Cognito::UserPoolClient", "People")
    assert people["AllowedOAuthFlows"] == ["code"]
    assert people["GenerateSecret"] is False
    assert people["PreventUserExistenceErrors"] == "ENABLED"
    assert all(
        isinstance(url, dict) or url.startswith("http://localhost:") for url in people["CallbackURLs"]
    )  # ours, or the person's own machine


def _granted(client: Properties) -> set[str]:
    """Return the scopes of our own API that a client may ask for."""
    joined = [each["Fn::Join"][1][1] for each in client["AllowedOAuthScopes"] if isinstance(each, dict)]
    return {name.strip("/") for name in joined}


def test_programs_show_a_secret_and_can_erase_nothing(template: CloudTemplate) -> None:
    _, machines = template.only("AWS::Cognito::UserPoolClient", "Machines")
    assert machines["AllowedOAuthFlows"] == ["client_credentials"]
    assert machines["GenerateSecret"] is True
    assert _granted(machines) == {"read", "manage"}


def test_people_may_read_manage_and_erase(template: CloudTemplate) -> None:
    _, people = template.only("AWS::Cognito::UserPoolClient", "People")
    assert _granted(people) == {"read", "manage", "erase"}


def test_the_scopes_are_those_that_the_api_asks_for(template: CloudTemplate) -> None:
    _, server = template.only("AWS::Cognito::UserPoolResourceServer")
    assert server["Identifier"] == RESOURCE
    assert {f"{RESOURCE}/{each['ScopeName']}" for each in server["Scopes"]} == set(Scope)


def test_the_api_accepts_the_tokens_of_both_clients_of_this_pool(template: CloudTemplate) -> None:
    pool, _ = template.only("AWS::Cognito::UserPool")
    variables = template.environment(API)
    issuer = {"Fn::GetAtt": [pool, "ProviderURL"]}
    assert variables["JWT_ISSUER"] == issuer
    assert variables["JWKS_URL"] == {"Fn::Join": ["", [issuer, "/.well-known/jwks.json"]]}
    clients = [{"Ref": template.only("AWS::Cognito::UserPoolClient", name)[0]} for name in ("People", "Machines")]
    assert variables["JWT_AUDIENCE"] == {"Fn::Join": ["", [clients[0], " ", clients[1]]]}


def test_the_name_of_the_sign_in_page_is_this_stacks_alone(template: CloudTemplate) -> None:
    _, domain = template.only("AWS::Cognito::UserPoolDomain")
    assert "AWS::StackId" in str(domain["Domain"])
