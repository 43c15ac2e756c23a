"""URLs that the product gave: any text at all until they have been looked at."""

from urllib.parse import urljoin, urlsplit


def join(base: str, url: str) -> str:
    """Return *url* as seen from *base*; as it stands where the two cannot be joined. Never raises."""
    try:
        return urljoin(base, url)
    except ValueError:
        return url


def scheme(url: str) -> str:
    """Return the scheme in lower case, blank where there is none. Never raises."""
    try:
        return urlsplit(url).scheme
    except ValueError:
        return ""


def is_sound(url: str) -> bool:
    """Tell whether *url* can be sent byte for byte: visible ASCII, with a host and, if any, a port that is one."""
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and parts.port != 0 and url.isascii() and url.isprintable() and " " not in url
    except ValueError:
        return False
