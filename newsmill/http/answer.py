"""What one request came to: a `Fetched` answer, or a `FetchError` that says why there is none (pure).

A host is blamed for what kept it from answering at all. Once the head of an answer is there, the fault is the page's.

FetchError                       reason             host_level
├─ BadRequest                    bad-request        no    the request itself cannot be sent (address, header)
├─ ForbiddenAddress              forbidden-address  no    resolves to a network we must not enter
├─ NoResources                   no-resources       no    our own process has no socket left
├─ NoConnection
│  ├─ DnsFailure                 dns                yes   the name does not resolve
│  ├─ Refused                    refused            yes   nobody listens, or no route
│  ├─ TlsFailure                 tls                yes   handshake or certificate
│  └─ ConnectTimeout             timeout-connect    yes
├─ Interrupted
│  ├─ Reset                      reset              yes*  closed before or within the answer
│  ├─ ReadTimeout                timeout-read       yes*  nothing came for read_s seconds
│  └─ TotalTimeout               timeout-total      no    something came, but not all of it within total_s
└─ BadAnswer                     bad-response       no    not HTTP, wrong length, undecodable body
   └─ HeaderTooLarge             header-too-large   no

* no, when it happened within the body (`answered`)
"""

from dataclasses import dataclass
from typing import ClassVar


class FetchError(Exception):
    """There is no answer. `detail` is for people, `reason` for counters, `host_level` blames the host, not the page.

    ended_at: seconds since the epoch when it was given up; the host's delay counts from here. answered: the head of
    an answer was there. The client sets both.
    """

    reason: ClassVar[str] = "fetch"
    silent: ClassVar[bool] = False  # raised while the host has not answered yet, it is the host's fault

    def __init__(self, detail: str, ended_at: float = 0.0, ip: str = "") -> None:
        super().__init__(detail)
        self.detail = detail
        self.ended_at = ended_at
        self.ip = ip
        self.answered = False

    @property
    def host_level(self) -> bool:
        """Whether the host did not answer at all."""
        return self.silent and not self.answered

    def __str__(self) -> str:
        return f"{self.reason}: {self.detail}"


class BadRequest(FetchError):
    """The request cannot be sent."""

    reason = "bad-request"


class ForbiddenAddress(FetchError):
    """The host resolves to an address that no request may go to."""

    reason = "forbidden-address"


class NoResources(FetchError):
    """No request left: this process has no file descriptor or memory for it. Raise its limit of open files."""

    reason = "no-resources"


class NoConnection(FetchError):
    """No connection to the host."""

    silent = True


class DnsFailure(NoConnection):
    """The name does not resolve."""

    reason = "dns"


class Refused(NoConnection):
    """Nobody listens there, or there is no route."""

    reason = "refused"


class TlsFailure(NoConnection):
    """The TLS handshake or the certificate failed."""

    reason = "tls"


class ConnectTimeout(NoConnection):
    """The connection was not there in time."""

    reason = "timeout-connect"


class Interrupted(FetchError):
    """The exchange began and did not end."""

    silent = True


class Reset(Interrupted):
    """The host closed the connection before its answer was complete."""

    reason = "reset"


class ReadTimeout(Interrupted):
    """The host went silent."""

    reason = "timeout-read"


class TotalTimeout(Interrupted):
    """The host went on sending, too slowly."""

    reason = "timeout-total"
    silent = False


class BadAnswer(FetchError):
    """What came back is not a proper HTTP answer."""

    reason = "bad-response"


class HeaderTooLarge(BadAnswer):
    """The header of the answer is larger than any honest one."""

    reason = "header-too-large"


@dataclass(frozen=True, slots=True)
class Fetched:
    """One complete answer, or the beginning of one that was cut off (`truncated`).

    headers: as sent, latin-1 text. body: decoded (no content-encoding). Times: seconds since the epoch.
    stopped: the body was not wanted (its type is hopeless): `body` has its first bytes, and `truncated` is True.
    """

    url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    ip: str
    started_at: float
    ended_at: float
    elapsed_s: float
    truncated: bool = False
    stopped: bool = False
    http_version: str = "HTTP/1.1"

    def header(self, name: str) -> str | None:
        """The first header of that name (any case), or None."""
        return first_header(self.headers, name)


def first_header(headers: tuple[tuple[str, str], ...], name: str) -> str | None:
    """The value of the first header called `name` (any case), without surrounding space; None if there is none."""
    wanted = name.lower()
    return next((value.strip() for key, value in headers if key.lower() == wanted), None)
