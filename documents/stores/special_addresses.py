"""Which IP addresses are ordinary ones of the internet: a table, so that it does not depend on the Python in use.

Everything in IANA's registries of special-purpose addresses is refused, what is routed worldwide among it as well:
no document lies there. (https://www.iana.org/assignments/iana-ipv4-special-registry and .../iana-ipv6-special-registry;
`ipaddress.is_global` follows them too, but differs between patch releases of one Python.)
"""

from __future__ import annotations

import ipaddress
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

SPECIAL_IPV4 = tuple(
    IPv4Network(block)
    for block in (
        "0.0.0.0/8",  # this network, RFC 791
        "10.0.0.0/8",  # private, RFC 1918
        "100.64.0.0/10",  # shared by carriers, RFC 6598; Alibaba's metadata at 100.100.100.200
        "127.0.0.0/8",  # loopback, RFC 1122
        "168.63.129.16/32",  # Azure's platform: public by its number, local by its meaning
        "169.254.0.0/16",  # link-local, RFC 3927; metadata of most clouds at 169.254.169.254
        "172.16.0.0/12",  # private, RFC 1918
        "192.0.0.0/24",  # protocol assignments, RFC 6890; Oracle's metadata at 192.0.0.192
        "192.0.2.0/24",  # documentation, RFC 5737
        "192.31.196.0/24",  # AS112, RFC 7535
        "192.52.193.0/24",  # multicast tunnelling, RFC 7450
        "192.88.99.0/24",  # 6to4 relays, RFC 7526
        "192.168.0.0/16",  # private, RFC 1918
        "192.175.48.0/24",  # AS112, RFC 7534
        "198.18.0.0/15",  # benchmarking, RFC 2544
        "198.51.100.0/24",  # documentation, RFC 5737
        "203.0.113.0/24",  # documentation, RFC 5737
        "224.0.0.0/4",  # multicast, RFC 5771
        "240.0.0.0/4",  # reserved and broadcast, RFC 1112
    )
)

GLOBAL_UNICAST = IPv6Network("2000::/3")
"""The only part of IPv6 that is given out to the internet (RFC 4291). Outside it lie, among others, loopback,
compatible and translated IPv4 (::/96, ::ffff:0:0:0/96), local NAT64 (64:ff9b:1::/48), discard (100::/64), segment
routing (5f00::/16), unique local (fc00::/7, with Amazon's metadata at fd00:ec2::254), link-local, site-local and
multicast addresses."""

SPECIAL_IPV6 = tuple(
    IPv6Network(block)
    for block in (
        "2001::/23",  # protocol assignments, RFC 2928: Teredo, benchmarking, ORCHID, anycast services
        "2001:db8::/32",  # documentation, RFC 3849
        "2002::/16",  # 6to4, RFC 3056: leads to an IPv4 address of anyone's choice
        "2620:4f:8000::/48",  # AS112, RFC 7534
        "3ffe::/16",  # given back by the 6bone, RFC 3701
        "3fff::/20",  # documentation, RFC 9637
    )
)

_CARRIES_IPV4 = (
    IPv6Network("::ffff:0:0/96"),  # mapped, RFC 4291: to the system the IPv4 address itself
    IPv6Network("64:ff9b::/96"),  # NAT64, RFC 6052: how hosts of the IPv4 internet look from a network of IPv6 only
)


def is_public(text: str) -> bool:
    """Whether the address is an ordinary one of the internet; an IPv4 address inside an IPv6 one decides for it."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    if isinstance(address, IPv4Address):
        return _is_public_4(address)
    if address.scope_id is not None:
        return False
    if any(address in network for network in _CARRIES_IPV4):
        return _is_public_4(IPv4Address(int(address) & 0xFFFFFFFF))
    return _is_public_6(address)


def _is_public_4(address: IPv4Address) -> bool:
    return not any(address in network for network in SPECIAL_IPV4)


def _is_public_6(address: IPv6Address) -> bool:
    return address in GLOBAL_UNICAST and not any(address in network for network in SPECIAL_IPV6)
