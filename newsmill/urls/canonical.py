"""Canonical addresses, their ids, host keys and sites (pure).

The canonical form decides what counts as the same page, so it only does what cannot change the page:
WHATWG parsing, RFC 3986 §6.2.2 percent-encoding, no fragment, no credentials, no tracking or session
parameters. Anything that is true of one site only is a `SiteRule`.
"""

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from types import MappingProxyType
from urllib.parse import parse_qsl, urlsplit

import ada_url
from publicsuffixlist import PublicSuffixList
from pydantic import BaseModel, ConfigDict, field_validator

from newsmill.urls import owners as url_owners
from newsmill.urls import parameters as url_parameters

MAX_ADDRESS = 2048  # characters; the sitemaps protocol's limit for <loc>
MAX_RAW = 8 * MAX_ADDRESS  # characters; data: and script "addresses" are refused before they are parsed
MAX_PASSES = 10  # rewrites until nothing changes; only hostile addresses (redirectors in redirectors) need more

# What surrounds an address in careless HTML and text, and never begins or ends one.
_AROUND = " \t\r\n\f\v\x00\"'<>\u00a0\u200b\u200c\u200d\u2060\ufeff"
_TRAILING_JUNK = ("%20", "%09", "%0A", "%0D", "%22", "%3C", "%3E", "%C2%A0", "%E2%80%8B")
# Escapes that RFC 3986 §6.2.2 writes otherwise: in lower case, or of a character that needs none (§2.3).
_ESCAPE = re.compile("%(?:[a-f][0-9A-Fa-f]|[0-9A-F][a-f]|2[DE]|3[0-9]|4[1-9A-F]|5[0-9AF]|6[1-9A-F]|7[0-9AE])")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_PATH_SESSION = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/;?]*", re.IGNORECASE)
_ASP_SESSION = re.compile(r"/\(S\([a-z0-9]{24}\)\)(?=/)", re.IGNORECASE)  # ASP.NET cookieless session
_AMP_CACHE_PATH = re.compile(r"/[cv]/(s/)?([^/]+\..+)")  # https://developers.google.com/amp/cache/overview
_AMP_VIEWER_PATH = re.compile(r"/amp/(s/)?([^/]+\..+)")
_WIKI_MOBILE = re.compile(r"([a-z-]+)\.m\.(wikipedia|wikinews)\.org")
_LABEL = re.compile(r"[^.]{1,63}")


class BadAddress(ValueError):
    """This is not an http(s) address that can be fetched."""


class SiteRule(BaseModel):
    """What is true of the addresses of one site only. `site` covers the host of that name and all below it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    site: str  # host name, lower case: "example.com" also covers "www.example.com"
    host: str = ""  # the host that serves the same pages: for "m.example.com", "www.example.com"
    drop: frozenset[str] = frozenset()  # query parameters that do not change the page, lower case; "*": all
    keep: frozenset[str] = frozenset()  # query parameters that do, whatever the general rules say
    strip_end: tuple[str, ...] = ()  # ends of the path that lead to the same article: "/amp", "/amp/"

    @field_validator("site", "host")
    @classmethod
    def _a_host(cls, value: str) -> str:
        value = value.strip().lower().rstrip(".")
        if not value:
            return value
        if set(value) & set(" /:@?#[]\\"):
            raise ValueError(f"not a host name: {value!r}")
        return host_key(_parse(f"http://{value}/", None))


@dataclass(frozen=True, slots=True)
class CanonicalRules:
    """How addresses become canonical: general parameter rules, and rules of single sites by host name."""

    drop: frozenset[str] = url_parameters.TRACKING
    drop_prefixes: tuple[str, ...] = url_parameters.TRACKING_PREFIXES
    sites: Mapping[str, SiteRule] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def with_sites(cls, rules: tuple[SiteRule, ...]) -> "CanonicalRules":
        """The general rules and these. Raises ValueError where hosts are mapped in a circle or a chain."""
        made = cls(sites=MappingProxyType({rule.site: rule for rule in rules}))
        for rule in rules:
            after = made.of(rule.host) if rule.host else None
            if after and after.host not in ("", rule.host):
                raise ValueError(f"{rule.site!r} leads to {rule.host!r}, which leads to {after.host!r}")
        return made

    def of(self, host: str) -> SiteRule | None:
        """The rule of the closest site that covers `host`."""
        if not self.sites:
            return None
        while host:
            if rule := self.sites.get(host):
                return rule
            host = host.partition(".")[2]
        return None


DEFAULT_RULES = CanonicalRules()


def canonicalize(url: str, base: str | None = None, rules: CanonicalRules = DEFAULT_RULES) -> str:
    """The canonical form of `url` (resolved against `base`). Applying it again changes nothing.

    The host stays what it was, but for AMP caches and redirectors that name the page's own address inside
    theirs, Wikipedia's mobile hosts, and hosts that a SiteRule maps. Raises BadAddress.
    """
    canonical = _parse(url, base)
    for _ in range(MAX_PASSES):
        rewritten = _rewrite(canonical, rules)
        if rewritten == canonical:
            break
        canonical = _parse(rewritten, None)
    else:
        raise BadAddress(f"an address in an address, over and over: {url[:200]!r}")
    if len(canonical) > MAX_ADDRESS:
        raise BadAddress(f"longer than {MAX_ADDRESS} characters: {canonical[:200]!r}")
    return canonical


def as_named(url: str, base: str | None = None) -> str:
    """`url` (resolved against `base`) as its server named it: what is asked for. Raises BadAddress.

    Only fragment and credentials are left out. The canonical form is for identity: a server may insist on escapes or
    parameters that make no difference to it.
    """
    canonicalize(url, base)  # what is no address under the rules is none here
    named = _parse(url, base)
    if len(named) > MAX_ADDRESS:
        raise BadAddress(f"longer than {MAX_ADDRESS} characters: {named[:200]!r}")
    return named


def _parse(url: str, base: str | None) -> str:
    """`url` as the WHATWG URL standard serialises it, without fragment and credentials."""
    if len(url) > MAX_RAW:
        raise BadAddress(f"longer than {MAX_RAW} characters: {url[:200]!r}")
    try:
        bare = url.strip(_AROUND)
        href = str(ada_url.join_url(base, bare) if base else ada_url.normalize_url(bare))
    except (ValueError, UnicodeError) as error:
        raise BadAddress(f"not an address: {url[:200]!r}") from error
    scheme, separator, rest = href.partition("://")
    if not separator or scheme not in ("http", "https"):
        raise BadAddress(f"only http and https addresses can be fetched: {url[:200]!r}")
    rest = rest.partition("#")[0].rstrip(_AROUND)  # again: what the fragment stood behind is the end now
    authority, slash, path = rest.partition("/")
    return f"{scheme}://{authority.rpartition('@')[2]}{slash}{path}"


def _rewrite(href: str, rules: CanonicalRules) -> str:
    """One pass of the rules over a parsed address."""
    scheme, _, rest = href.partition("://")
    authority, _, tail = rest.partition("/")
    path, mark, query = ("/" + tail).partition("?")
    host, port = _split_port(authority)
    if inner := _inside(host, path, query):
        return inner
    rule = rules.of(host)
    path = _path(path, rule)
    if mark:
        query = _query(query, rule, rules)
    if twin := _twin(host, rule):
        host, port = twin, ""
    return f"{scheme}://{host}{port}{path}{'?' + query if query else ''}"


@lru_cache(maxsize=10_000)  # links of a page lead to few hosts
def _split_port(authority: str) -> tuple[str, str]:
    """Host without the root dot, and ":port" or nothing."""
    if authority.startswith("["):  # IPv6
        host, bracket, port = authority.partition("]")
        return host + bracket, port
    host, colon, port = authority.partition(":")
    host = host.removesuffix(".")
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in host.split(".")):  # RFC 1035 §2.3.4
        raise BadAddress(f"not a host name: {host[:200]!r}")
    return host, colon + port


def _inside(host: str, path: str, query: str) -> str:
    """The address that an AMP cache or a redirector carries in its own, or nothing."""
    match = None
    if host.endswith("cdn.ampproject.org"):
        match = _AMP_CACHE_PATH.fullmatch(path)
    elif host.startswith(("www.google.", "www.bing.")):
        if path == "/url" and host.startswith("www.google."):  # links of Google Alerts feeds
            values = dict(parse_qsl(query, max_num_fields=100)) if query.count("&") < 100 else {}
            target = values.get("url") or values.get("q") or ""
            return target if target.startswith(("http://", "https://")) else ""
        match = _AMP_VIEWER_PATH.fullmatch(path)
    if match is None:
        return ""
    return f"http{'s' if match[1] else ''}://{match[2]}{'?' + query if query else ''}"


def _twin(host: str, rule: SiteRule | None) -> str:
    """The host that serves the same pages, where that is certain."""
    if ".m.wiki" in host and (match := _WIKI_MOBILE.fullmatch(host)):
        return f"{match[1]}.{match[2]}.org"
    return rule.host if rule and rule.host != host else ""


def _path(path: str, rule: SiteRule | None) -> str:
    if "%" in path:
        path = _without_trailing_junk(_ESCAPE.sub(_normal_escape, path))
    if ";" in path:
        path = _PATH_SESSION.sub("", path)
    if "/(" in path:
        path = _ASP_SESSION.sub("", path)
    for end in rule.strip_end if rule else ():
        if len(path) > len(end) and path.endswith(end):
            path = path.removesuffix(end)
    return path or "/"


def _query(query: str, rule: SiteRule | None, rules: CanonicalRules) -> str:
    """The parameters that may change the page, in their order."""
    if "%" in query:
        query = _ESCAPE.sub(_normal_escape, query)
    query = query.replace("&amp;", "&")  # escaped twice: common in feeds
    kept = [part for part in query.split("&") if part and not _dropped(part, rule, rules)]
    while kept and (last := _without_trailing_junk(kept[-1])) != kept[-1]:
        kept.pop()
        if last and not _dropped(last, rule, rules):
            kept.append(last)
    return "&".join(kept)


def _without_trailing_junk(text: str) -> str:
    end = len(text)
    while junk := next((junk for junk in _TRAILING_JUNK if text.endswith(junk, 0, end)), ""):
        end -= len(junk)
    return text[:end]


def _dropped(part: str, rule: SiteRule | None, rules: CanonicalRules) -> bool:
    name, _, value = part.partition("=")
    name = name.lower()
    if rule:
        if name in rule.keep:
            return False
        if name in rule.drop or "*" in rule.drop:
            return True
    return name in rules.drop or name.startswith(rules.drop_prefixes) or url_parameters.dropped_for_value(name, value)


def _normal_escape(match: re.Match[str]) -> str:
    escape = match[0].upper()
    character = chr(int(escape[1:], 16))
    return character if character in _UNRESERVED else escape


def address_id(canonical: str) -> str:
    """16 characters (80 bits of BLAKE2b, base32 lower case): at 10^8 addresses a collision has odds of 4e-9."""
    return base64.b32encode(hashlib.blake2b(canonical.encode(), digest_size=10).digest()).decode().lower()


def host_key(url: str) -> str:
    """The unit of politeness: the host name, lower case, without port."""
    return (urlsplit(url).hostname or "").rstrip(".")


def site_of(url: str) -> str:
    """The registrable domain of an address ("bbc.co.uk" of "news.bbc.co.uk"), else its host.

    By the public suffix list, its private part and `url_owners` included: two blogs of one platform are two sites.
    """
    return site_of_host(host_key(url))


@lru_cache(maxsize=65_536)  # hosts in use; 20 µs each without
def site_of_host(host: str) -> str:
    """The registrable domain of a host (see `host_key`), else the host."""
    if ":" in host or host.rpartition(".")[2].isdigit():
        return host
    return url_owners.shared_site(host) or _suffixes().privatesuffix(host) or host


def same_site(a: str, b: str) -> bool:
    """Whether two addresses belong to one registrable domain."""
    return site_of(a) == site_of(b)


def same_owner(a: str, b: str) -> bool:
    """Whether two canonical addresses are of one owner: one site, one tenant of it, and the same port."""
    return same_site(a, b) and url_owners.tenant(a) == url_owners.tenant(b) and _port(a) == _port(b)


def _port(url: str) -> int:
    """0 for the usual port of its scheme."""
    return urlsplit(url).port or 0


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()  # 60 ms to read, so only where it is asked for
