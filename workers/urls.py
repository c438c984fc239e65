"""Canonical addresses, their ids and their host keys (pure)."""

import base64
import hashlib
from urllib.parse import urlsplit

import ada_url


class BadAddress(ValueError):
    """This is not an http(s) address that can be fetched."""


def canonicalize(url: str, base: str | None = None) -> str:
    """The canonical form of `url` (resolved against `base`): WHATWG-normalised, no fragment, no credentials.

    Raises BadAddress.
    """
    try:
        parsed = ada_url.URL(url.strip(), base) if base else ada_url.URL(url.strip())
    except ValueError as error:
        raise BadAddress(f"not an address: {url[:200]!r}") from error
    if parsed.protocol not in ("http:", "https:") or not parsed.hostname:
        raise BadAddress(f"only http and https addresses can be fetched: {url[:200]!r}")
    parsed.hash = ""
    parsed.username = ""
    parsed.password = ""
    return str(parsed.href)


def address_id(canonical: str) -> str:
    """16 characters (80 bits of BLAKE2b, base32 lower case): at 10^8 addresses a collision has odds of 4e-9."""
    return base64.b32encode(hashlib.blake2b(canonical.encode(), digest_size=10).digest()).decode().lower()


def host_key(url: str) -> str:
    """The unit of politeness: the host name, lower case, without port."""
    return (urlsplit(url).hostname or "").rstrip(".")
