"""Which addresses a request may go to: global unicast only, unless a network is allowed (pure).

Sources: the IANA special-purpose registries (RFC 6890 and what updates it), RFC 4291, RFC 6052 (NAT64),
RFC 3056 (6to4), RFC 4380 (Teredo), RFC 5214 (ISATAP). Own tables, because `ipaddress.is_global` differs
between Python releases and knows nothing of addresses carried inside addresses.
"""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

IpAddress = IPv4Address | IPv6Address
IpNetwork = IPv4Network | IPv6Network

_FORBIDDEN_V4: tuple[tuple[IPv4Network, str], ...] = tuple(
    (IPv4Network(network), reason)
    for network, reason in (
        ("0.0.0.0/8", "this network"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "carrier-grade NAT"),
        ("127.0.0.0/8", "loopback"),
        ("168.63.129.16/32", "cloud metadata"),  # Azure's host agent: a public number that never leaves the host
        ("169.254.0.0/16", "link-local"),  # 169.254.169.254 and its kin: cloud metadata
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "protocol assignments"),
        ("192.0.2.0/24", "documentation"),
        ("192.88.99.0/24", "6to4 relay"),
        ("192.168.0.0/16", "private"),
        ("198.18.0.0/15", "benchmarking"),
        ("198.51.100.0/24", "documentation"),
        ("203.0.113.0/24", "documentation"),
        ("224.0.0.0/4", "multicast"),
        ("255.255.255.255/32", "broadcast"),
        ("240.0.0.0/4", "reserved"),
    )
)
_GLOBAL_V6 = IPv6Network("2000::/3")  # all that IANA has given out as global unicast
_FORBIDDEN_V6: tuple[tuple[IPv6Network, str], ...] = tuple(
    (IPv6Network(network), reason)
    for network, reason in (
        ("2001::/32", "Teredo"),
        ("2001:db8::/32", "documentation"),
        ("2001::/23", "protocol assignments"),
        ("3fff::/20", "documentation"),
    )
)
_NAMED_V6: tuple[tuple[IPv6Network, str], ...] = tuple(
    (IPv6Network(network), reason)
    for network, reason in (
        ("::/128", "unspecified"),
        ("::1/128", "loopback"),
        ("64:ff9b:1::/48", "local NAT64"),
        ("100::/64", "discard"),
        ("fc00::/7", "private"),
        ("fe80::/10", "link-local"),
        ("fec0::/10", "site-local"),
        ("ff00::/8", "multicast"),
    )
)
_LOW_32 = 0xFFFFFFFF
_NAT64 = IPv6Network("64:ff9b::/96")
_MAPPED = IPv6Network("::ffff:0:0/96")
_TRANSLATED = IPv6Network("::ffff:0:0:0/96")  # RFC 2765
_COMPATIBLE = IPv6Network("::/96")
_SIX_TO_FOUR = IPv6Network("2002::/16")
_ISATAP = (0x00005EFE, 0x02005EFE)  # the interface identifier's upper half


def parse_networks(networks: Iterable[str]) -> tuple[IpNetwork, ...]:
    """Networks in CIDR notation, from configuration. Raises ValueError naming the one that is not."""
    return tuple(ip_network(network, strict=False) for network in networks)


def parse_literal(host: str) -> IpAddress | None:
    """The address that `host` spells in standard notation (brackets allowed), or None for a name.

    Other spellings (octal, hexadecimal, one number) count as names: the resolver turns them into
    addresses, and those are checked.
    """
    try:
        return ip_address(host.removeprefix("[").removesuffix("]"))
    except ValueError:
        return None


def embedded_v4(ip: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that traffic to `ip` may end at (mapped, NAT64, 6to4, ISATAP, compatible), or None."""
    number = int(ip)
    if ip in _MAPPED or ip in _NAT64 or ip in _TRANSLATED:
        return IPv4Address(number & _LOW_32)
    if ip in _SIX_TO_FOUR:
        return IPv4Address((number >> 80) & _LOW_32)
    if ip in _COMPATIBLE and number > 1:
        return IPv4Address(number & _LOW_32)
    if (number >> 32) & _LOW_32 in _ISATAP:
        return IPv4Address(number & _LOW_32)
    return None


def check_ip(ip: IpAddress | str, allow_networks: tuple[IpNetwork, ...] = ()) -> str | None:
    """Why no request may go to `ip`, or None if one may. `ip` as the resolver gave it, a zone id included.

    Something that is no address is forbidden too: the guard fails closed.
    """
    if isinstance(ip, str):
        literal = parse_literal(ip)
        if literal is None:
            return f"{ip[:60]!r} is not an IP address"
        ip = literal
    if isinstance(ip, IPv4Address):
        return _check_v4(ip, allow_networks)
    if _allowed(ip, allow_networks):
        return None
    inner = embedded_v4(ip)
    if inner is not None:
        reason = _check_v4(inner, allow_networks)
        if reason is not None:
            return f"{ip} carries {reason}"
        return None if ip in _MAPPED or ip in _NAT64 else _check_v6(ip)
    return _check_v6(ip)


def _check_v4(ip: IPv4Address, allow: tuple[IpNetwork, ...]) -> str | None:
    if _allowed(ip, allow):
        return None
    return next((f"{ip} is {reason}" for network, reason in _FORBIDDEN_V4 if ip in network), None)


def _check_v6(ip: IPv6Address) -> str | None:
    for network, reason in _NAMED_V6 + _FORBIDDEN_V6:
        if ip in network:
            return f"{ip} is {reason}"
    return None if ip in _GLOBAL_V6 else f"{ip} is not global unicast"


def _allowed(ip: IpAddress, allow: tuple[IpNetwork, ...]) -> bool:
    return any(ip in network for network in allow if network.version == ip.version)
