"""Who may use the API: a user pool, with a client for people and one for programs."""

from typing import Final

from aws_cdk import Aws, Duration, Fn, RemovalPolicy, aws_cognito
from constructs import Construct

from infra.acceptance import accept
from infra.context import SignIn
from infra.origin import PublicOrigin

RESOURCE: Final = "ringscribe"
SCOPES: Final = {
    "read": "Read calls, transcripts and recordings",
    "manage": "Change mailboxes and marks, and have messages sent again",
    "erase": "Erase calls for good",
}
MACHINE_SCOPES: Final = ("read", "manage")
"""A program's secret lies about on some server, and nobody is asked a second time: what cannot be undone is left to
people, who show a second factor. A program that must erase gets a client of its own from the pool's owner.
"""

LOOPBACK: Final = "http://localhost:8400/signed-in"
"""Where a program on the person's own machine waits for the code (RFC 8252, section 7.3)."""


class Identity(Construct):
    """People sign in on Cognito's own page with a password and a second factor; programs show a client secret.

    Nobody can sign up: whoever owns the stack adds people, and mailboxes list whom they trust. The pool is kept when
    the stack goes.
    """

    TOKEN_LIFETIME = Duration.hours(1)

    def __init__(self, scope: Construct, construct_id: str, *, origin: PublicOrigin) -> None:
        super().__init__(scope, construct_id)
        self.pool = self._pool()
        self.domain = self.pool.add_domain(
            "SignIn",
            cognito_domain=aws_cognito.CognitoDomainOptions(domain_prefix=_unique("ringscribe")),
            managed_login_version=aws_cognito.ManagedLoginVersion.CLASSIC_HOSTED_UI,
        )
        scopes = [
            aws_cognito.ResourceServerScope(scope_name=name, scope_description=text) for name, text in SCOPES.items()
        ]
        server = self.pool.add_resource_server("Api", identifier=RESOURCE, scopes=scopes)
        granted = {each.scope_name: aws_cognito.OAuthScope.resource_server(server, each) for each in scopes}
        self.people = self._people(list(granted.values()), origin)
        self.machines = self._machines([granted[name] for name in MACHINE_SCOPES])

    @property
    def sign_in(self) -> SignIn:
        """Whose tokens the API is to accept: those that either client was given.

        Cognito's access tokens name the client in `client_id` and have no `aud`; the audience lists both clients.
        Source: Amazon Cognito developer guide, "Understanding the access token".
        """
        issuer = self.pool.user_pool_provider_url
        audiences = (self.people.user_pool_client_id, self.machines.user_pool_client_id)
        return SignIn(issuer, audiences, f"{issuer}/.well-known/jwks.json")

    def _pool(self) -> aws_cognito.UserPool:
        pool = aws_cognito.UserPool(
            self,
            "Pool",
            feature_plan=aws_cognito.FeaturePlan.ESSENTIALS,
            self_sign_up_enabled=False,
            sign_in_aliases=aws_cognito.SignInAliases(email=True),
            sign_in_case_sensitive=False,
            auto_verify=aws_cognito.AutoVerifiedAttrs(email=True),
            account_recovery=aws_cognito.AccountRecovery.EMAIL_ONLY,
            mfa=aws_cognito.Mfa.REQUIRED,
            mfa_second_factor=aws_cognito.MfaSecondFactor(otp=True, sms=False),
            password_policy=aws_cognito.PasswordPolicy(
                min_length=12,
                require_digits=True,
                require_lowercase=True,
                require_uppercase=True,
                require_symbols=True,
                temp_password_validity=Duration.days(3),
            ),
            deletion_protection=True,
            removal_policy=RemovalPolicy.RETAIN,
        )
        plus = "the plan that has it costs for every user; a second factor is required of all"
        accept(
            pool,
            {"AwsSolutions::AwsSolutions-COG8": plus},
        )
        return pool

    def _people(self, scopes: list[aws_cognito.OAuthScope], origin: PublicOrigin) -> aws_cognito.UserPoolClient:
        """Make the client of pages and command lines: without a secret, so code and proof key (RFC 7636)."""
        return self.pool.add_client(
            "People",
            generate_secret=False,
            auth_flows=aws_cognito.AuthFlow(user_srp=True),
            o_auth=aws_cognito.OAuthSettings(
                flows=aws_cognito.OAuthFlows(authorization_code_grant=True),
                scopes=[aws_cognito.OAuthScope.OPENID, *scopes],
                callback_urls=[f"{origin.url}/", LOOPBACK],
                logout_urls=[f"{origin.url}/"],
            ),
            supported_identity_providers=[aws_cognito.UserPoolClientIdentityProvider.COGNITO],
            prevent_user_existence_errors=True,
            enable_token_revocation=True,
            access_token_validity=self.TOKEN_LIFETIME,
            id_token_validity=self.TOKEN_LIFETIME,
            refresh_token_validity=Duration.days(30),
        )

    def _machines(self, scopes: list[aws_cognito.OAuthScope]) -> aws_cognito.UserPoolClient:
        """Make the client of programs; mailboxes list its ID as a reader, like a person's."""
        return self.pool.add_client(
            "Machines",
            generate_secret=True,
            o_auth=aws_cognito.OAuthSettings(flows=aws_cognito.OAuthFlows(client_credentials=True), scopes=scopes),
            prevent_user_existence_errors=True,
            enable_token_revocation=True,
            access_token_validity=self.TOKEN_LIFETIME,
        )


def _unique(name: str) -> str:
    """Return *name* with the end of the stack's ID: the names of sign-in pages are the whole region's."""
    return Fn.join("-", [name, Fn.select(4, Fn.split("-", Fn.select(2, Fn.split("/", Aws.STACK_ID))))])
