"""The one public origin, from which every address that others are given is made."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PublicOrigin:
    """Where the world reaches us.

    Attributes:
        host: host, and port unless it is 443; may hold values that are known only once the stack is deployed.
    """

    host: str

    @property
    def url(self) -> str:
        """The origin as Twilio signs it, without a slash at its end."""
        return f"https://{self.host}"

    @property
    def media_url(self) -> str:
        """Where Twilio opens media streams."""
        return f"wss://{self.host}/media"

    @property
    def captions_url(self) -> str:
        """Where viewers of live text connect."""
        return f"wss://{self.host}/captions"
