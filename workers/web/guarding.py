"""Which requests are let in at all (pure): their Host and Origin, and what every answer says to browsers."""

from collections.abc import Mapping
from urllib.parse import urlsplit

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
COOKIE = "newsmill_session"
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # with none at all browsers would send no Origin that can be checked
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def hostname(host: str) -> str:
    """The name in a Host header, without its port and brackets; empty where it is none."""
    try:
        return (urlsplit(f"//{host}").hostname or "") if host and "/" not in host and "@" not in host else ""
    except ValueError:
        return ""


def host_refused(host: str, origin: str) -> str:
    """Why a request with this Host is not answered, or empty. origin: where the console is said to be, or empty.

    A name of somebody else that leads to this machine (DNS rebinding) stands in Host: only our own names are answered.
    """
    if hostname(host) in LOOPBACK or (origin and host.lower() == urlsplit(origin).netloc.lower()):
        return ""
    return f"this console does not answer as {host[:100]!r}: set web.origin to the address that browsers use"


def origin_refused(headers: Mapping[str, str], scheme: str, origin: str) -> str:
    """Why a request that changes something is not done, or empty: it has to come from a page of our own.

    headers: with names in lower case, as Starlette has them.
    """
    sent = headers.get("origin", "")
    if sent:
        ours = {f"{scheme}://{headers.get('host', '')}".lower(), origin.lower()}
        return "" if sent.lower() in ours else f"a page of {sent[:100]} asked for this"
    return "" if headers.get("sec-fetch-site") == "same-origin" else "it does not say which page asked for this"
