"""An HTTP client of what runs on this machine."""

from collections.abc import Mapping

import httpx

LIMIT_S = 20


def client(base_url: str = "", headers: Mapping[str, str] | None = None) -> httpx.AsyncClient:
    """Return a client that asks no proxy, whatever the user's environment names, and waits LIMIT_S at most."""
    return httpx.AsyncClient(base_url=base_url, headers=headers, timeout=LIMIT_S, trust_env=False)
