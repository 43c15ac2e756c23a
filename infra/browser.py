"""What a browser gets from the public origin: the pages that there are, and what it is told with every answer.

Nothing in here needs the construct library: the house on one machine serves the same.
"""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

PAGES: Final = Path(__file__).parent / "pages"
FRONT: Final = "index.html"
NOT_FOUND: Final = "404.html"
"""It is in no bucket, and has no address: it is the answer for all addresses that lead nowhere."""

CONTENT_SECURITY_POLICY: Final = "Content-Security-Policy"
"""The one header of these that an answer may have its own of."""
NOTHING_ELSE: Final = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
HSTS_DAYS: Final = 365

HEADERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        CONTENT_SECURITY_POLICY: NOTHING_ELSE,
        "Referrer-Policy": "no-referrer",
        "Strict-Transport-Security": f"max-age={HSTS_DAYS * 86_400}; includeSubDomains",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    }
)


def addresses() -> Mapping[str, Path]:
    """Return the page of each address that has one, but for `/`, which is that of FRONT."""
    return {f"/{path.name}": path for path in sorted(PAGES.glob("*.html")) if path.name != NOT_FOUND}
