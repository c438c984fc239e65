from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsmill.http.guard import check_ip, parse_literal, parse_networks

FORBIDDEN = [
    "127.0.0.1",
    "127.255.255.254",
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "100.100.100.200",
    "169.254.169.254",
    "169.254.170.2",
    "168.63.129.16",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.1",
    "192.168.255.255",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.7",
    "203.0.113.9",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:a9fe:a9fe",
    "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::10.0.0.1",
    "64:ff9b::169.254.169.254",
    "64:ff9b:1::8.8.8.8",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::",
    "2002:c0a8:101::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:db8::1",
    "2001:20::1",
    "2001:2::1",
    "3fff::1",
    "5f00::1",
    "100::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "4000::1",
    "2606:4700::5efe:127.0.0.1",
    "2606:4700::200:5efe:a00:1",
]

GLOBAL = [
    "1.1.1.1",
    "8.8.8.8",
    "93.184.216.34",
    "100.63.255.255",
    "100.128.0.1",
    "172.15.0.1",
    "172.32.0.1",
    "192.0.1.1",
    "198.17.0.1",
    "198.20.0.1",
    "223.255.255.255",
    "2606:4700::1111",
    "2a00:1450:4001:82a::200e",
    "::ffff:8.8.8.8",
    "64:ff9b::8.8.8.8",
    "2002:808:808::1",
    "2620:4f:8000::1",
]


@pytest.mark.parametrize("ip", FORBIDDEN)
def test_forbidden(ip: str) -> None:
    assert check_ip(ip)


@pytest.mark.parametrize("ip", GLOBAL)
def test_global_unicast_is_free(ip: str) -> None:
    assert check_ip(ip) is None


@pytest.mark.parametrize(
    ("allow", "ip", "free"),
    [
        ("127.0.0.0/8", "127.0.0.1", True),
        ("127.0.0.0/8", "::ffff:127.0.0.1", True),
        ("127.0.0.0/8", "64:ff9b::127.0.0.1", True),
        ("127.0.0.0/8", "10.0.0.1", False),
        ("127.0.0.0/8", "::1", False),
        ("::1/128", "::1", True),
        ("fd00::/8", "fd00::5", True),
        ("10.0.0.0/8", "169.254.169.254", False),
    ],
)
def test_allowed_networks(allow: str, ip: str, free: bool) -> None:
    assert (check_ip(ip, parse_networks([allow])) is None) is free


@pytest.mark.parametrize("text", ["", "localhost", "127.1", "0x7f.0.0.1", "0177.0.0.1", "2130706433", "1.2.3.4.5", "["])
def test_what_is_no_address_is_forbidden_and_counts_as_a_name(text: str) -> None:
    assert check_ip(text)
    assert parse_literal(text) is None


def test_brackets() -> None:
    assert parse_literal("[::1]") == IPv6Address("::1")
    assert check_ip("[::1]")


def test_a_network_that_is_none_is_named() -> None:
    with pytest.raises(ValueError, match=r"300\.0"):
        parse_networks(["300.0.0.0/8"])


@given(st.ip_addresses(v=4))
def test_every_v4_address_has_the_same_fate_in_every_dress(ip: IPv4Address) -> None:
    plain = check_ip(ip) is None
    assert (check_ip(f"::ffff:{ip}") is None) is plain
    assert (check_ip(f"64:ff9b::{ip}") is None) is plain


@given(st.ip_addresses())
def test_what_python_knows_as_private_is_never_free(ip: IPv4Address | IPv6Address) -> None:
    if check_ip(ip) is None:
        assert not ip.is_loopback
        assert not ip.is_link_local
        assert not ip.is_multicast
        assert ip.is_global or isinstance(ip, IPv6Address) or not ip_address(int(ip)).is_private
