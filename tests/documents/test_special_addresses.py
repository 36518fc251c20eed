import ipaddress

import pytest

from documents.stores.special_addresses import GLOBAL_UNICAST, SPECIAL_IPV4, SPECIAL_IPV6, is_public


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.100.100.200", "100.127.255.255",
        "127.0.0.1", "127.255.255.254", "168.63.129.16", "169.254.0.1", "169.254.169.254", "169.254.170.2",
        "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.0.8", "192.0.0.9", "192.0.0.10", "192.0.0.170",
        "192.0.0.192", "192.0.0.255", "192.0.2.1", "192.31.196.1", "192.52.193.1", "192.88.99.1", "192.88.99.2",
        "192.168.1.1", "192.175.48.1", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1",
        "233.252.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
    ],
)  # fmt: skip
def test_special_ipv4_addresses_are_not_public(address):
    assert not is_public(address)
    assert not is_public(f"::ffff:{address}"), "mapped"
    assert not is_public(f"64:ff9b::{address}"), "through NAT64"


@pytest.mark.parametrize(
    "address",
    [
        "::", "::1", "::7f00:1", "::127.0.0.1", "::8.8.8.8", "::ffff:0:10.0.0.1", "::ffff:0:8.8.8.8", "64:ff9b:1::",
        "64:ff9b:1::a00:1", "64:ff9b:1:ffff::808:808", "100::1", "100:0:0:1::1", "2001::1", "2001:0:4136:e378::1",
        "2001:0:4136:e378:8000:63bf:f5ff:fffe", "2001:1::1", "2001:1::3", "2001:2::1", "2001:3::1", "2001:4:112::1",
        "2001:10::1", "2001:20::1", "2001:30::1", "2001:1ff:ffff::1", "2001:db8::1", "2001:db8:ffff::1", "2002::1",
        "2002:a00:1::", "2002:808:808::1", "2620:4f:8000::1", "3ffe::1", "3fff::1", "3fff:fff::1", "4000::1", "5f00::1",
        "fc00::1", "fd00:ec2::254", "fd20:ce::254", "fdff::1", "fe80::1", "fe80::1%eth0", "fe80::a9fe:a9fe", "febf::1",
        "fec0::1", "feff::1", "ff02::1", "ff0e::1", "2607:f8b0:4005:805::200e%eth0",
    ],
)  # fmt: skip
def test_special_ipv6_addresses_are_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize("text", ["", "nonsense", "8.8.8", "8.8.8.8.8", "08.8.8.8", "8.8.8.8/32", "0x8.8.8.8", ":::"])
def test_what_is_no_address_is_not_public(text):
    assert not is_public(text)


@pytest.mark.parametrize(
    "address",
    [
        "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255",
        "128.0.0.1", "142.250.1.1", "168.63.129.15", "168.63.129.17", "169.253.255.255", "169.255.0.0", "172.15.0.1",
        "172.32.0.1", "191.255.255.255", "192.0.1.1", "192.0.3.1", "192.88.98.1", "192.88.100.1", "192.167.1.1",
        "192.169.0.1", "198.17.1.1", "198.20.0.1", "198.51.101.1", "203.0.112.1", "203.0.114.1", "223.255.255.255",
    ],
)  # fmt: skip
def test_ordinary_ipv4_addresses_are_public(address):
    assert is_public(address)
    assert is_public(f"::ffff:{address}"), "mapped"
    assert is_public(f"64:ff9b::{address}"), "through NAT64"


@pytest.mark.parametrize(
    "address",
    [
        "2001:200::1",
        "2001:4860:4860::8888",
        "2003::1",
        "2400::1",
        "2607:f8b0:4005:805::200e",
        "2a00:1450::1",
        "2c0f::1",
    ],
)
def test_ordinary_ipv6_addresses_are_public(address):
    assert is_public(address)


def test_nothing_is_public_that_this_python_calls_private():
    """The table may refuse more than `ipaddress` does, never less; both ends of each block are asked."""
    blocks = (*SPECIAL_IPV4, *SPECIAL_IPV6, GLOBAL_UNICAST)
    ends = [end for block in blocks for end in (int(block[0]) - 1, int(block[0]), int(block[-1]), int(block[-1]) + 1)]
    for number in ends:
        for kind in (ipaddress.IPv4Address, ipaddress.IPv6Address):
            if number < 0 or number >= 2 ** kind(0).max_prefixlen:
                continue
            address = kind(number)
            if is_public(str(address)) and str(address) != "168.63.129.16":
                inner = getattr(address, "ipv4_mapped", None) or address
                assert inner.is_global or str(address).startswith("64:ff9b::"), address
