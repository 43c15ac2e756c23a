"""Public addresses: which IP addresses belong to the internet at large, and to no network of somebody's own."""

import ipaddress
from typing import Final

_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
_IPV4_BITS: Final = 0xFFFF_FFFF


def is_public(text: str) -> bool:
    """Tell whether an IP address is one that anybody can reach, also when it carries another one within.

    Raises: ValueError if *text* is none.
    """
    address = ipaddress.ip_address(text)
    if isinstance(address, ipaddress.IPv4Address):
        return address.is_global and not address.is_multicast
    inner = _inner(address)
    return address.is_global and not address.is_multicast and all(each.is_global for each in inner)


def _inner(address: ipaddress.IPv6Address) -> list[ipaddress.IPv4Address]:
    """Return the IPv4 addresses that an IPv6 one stands for."""
    teredo = address.teredo or ()
    nat64 = ipaddress.IPv4Address(int(address) & _IPV4_BITS) if address in _NAT64 else None
    found = (address.ipv4_mapped, address.sixtofour, nat64, *teredo)
    return [each for each in found if each is not None]
