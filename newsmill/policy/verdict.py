"""What an answer means for the address: one table of status codes, and the rules around it (pure).

| answer                                  | verdict                                                      |
|-----------------------------------------|--------------------------------------------------------------|
| 200 201 203                             | Keep if it is a page; Excluded by type or size                |
|   that sends on at once (Refresh)       | Redirect temporary                                            |
| 204 205                                 | Keep (parse finds it empty)                                   |
| 202                                     | Retry: "not ready yet", in practice a bot check               |
| 301 308 / 300 302 303 307               | Redirect permanent / temporary; loops and bad targets: Failed |
| 304                                     | Unchanged if we asked conditionally, else Retry               |
| 401 402 407                             | Excluded: a login or a payment stands before it               |
| 451                                     | Excluded: withheld for legal reasons                          |
| 403 and other 4xx, 501, 505, 999        | Failed: the site refuses us; only a person can change that    |
| 404 410                                 | Gone                                                          |
| 408 421 425                             | Retry                                                         |
| 429 503                                 | Retry, and the whole host slows down                          |
| 500 502 504 and other 5xx               | Retry                                                         |
| no answer                               | Retry, unless the address itself is forbidden or malformed    |

401, 402 and 451 are not failures of ours or theirs: asking again is pointless, so they count as excluded.
403 is most often a block, so it is a failure an operator should see, and may `newsmill retry`.
"""

from dataclasses import dataclass, field
from urllib.parse import quote

from newsmill.http.answer import BadRequest, Fetched, FetchError, ForbiddenAddress
from newsmill.http.caching import retry_after_s
from newsmill.http.content import classify
from newsmill.http.cookies import Jar
from newsmill.http.refresh import refresh_target
from newsmill.urls.canonical import BadAddress, as_named, canonicalize, host_key

_PERMANENT = frozenset({301, 308})
_REDIRECTS = frozenset({300, 301, 302, 303, 307, 308})
_PAGES = frozenset({200, 201, 203})
_NO_BODY = frozenset({204, 205})
_GONE = frozenset({404, 410})
_WITHHELD = {401: "needs a login", 402: "behind a payment", 407: "needs a login", 451: "withheld for legal reasons"}
_RETRY = frozenset({202, 408, 421, 425, 429})
_NEVER = frozenset({501, 505, 511})  # 5xx that no waiting mends
_HOST_WIDE = frozenset({429, 503})


@dataclass(frozen=True, slots=True)
class VerdictOptions:
    """How patient we are.

    retry_delays_s: pauses after the first, second, ... attempt; as many retries as there are pauses.
    """

    retry_delays_s: tuple[float, ...] = (60, 900, 7200, 43200)  # a restart, a deploy, an outage, a bad night
    retry_after_max_s: float = 86400.0  # a day: longer wishes are honoured as a day
    redirects_max: int = 5  # hops; RFC 9309 §2.3.1.2 asks for five, browsers stop at twenty


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known about the entry. attempts: made so far, this one included. chain: addresses asked before.

    jar: the chain's cookies. rendered: a browser made the page, and went where it sent it.
    """

    attempts: int = 1
    had_validators: bool = False
    chain: tuple[str, ...] = ()
    jar: Jar = field(default_factory=Jar)
    rendered: bool = False


@dataclass(frozen=True, slots=True)
class Keep:
    """Store the raw page and parse it. content_type: what the body really is."""

    content_type: str


@dataclass(frozen=True, slots=True)
class Redirect:
    """Ask `to` instead, on its own host's turn, with `jar`. permanent: the address itself has moved.

    to: as the server named it, which need not be canonical.
    """

    to: str
    permanent: bool
    jar: Jar = field(default_factory=Jar)


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The page is as it was (304)."""


@dataclass(frozen=True, slots=True)
class Gone:
    """The page no longer exists."""

    reason: str


@dataclass(frozen=True, slots=True)
class Excluded:
    """Not a page for the index, and asking again is pointless."""

    reason: str


@dataclass(frozen=True, slots=True)
class Retry:
    """Ask again after `after_s` seconds. host_level: the trouble is the host's, not this page's."""

    reason: str
    after_s: float
    host_level: bool


@dataclass(frozen=True, slots=True)
class Failed:
    """Given up."""

    reason: str
    host_level: bool = False


Verdict = Keep | Redirect | Unchanged | Gone | Excluded | Retry | Failed


def judge(answer: Fetched | FetchError, facts: Facts, now: float, *, options: VerdictOptions | None = None) -> Verdict:
    """What `answer` means for the entry. `now`: seconds since the epoch, for dates in Retry-After."""
    options = options or VerdictOptions()
    if isinstance(answer, FetchError):
        return _judge_error(answer, facts, options)
    status = answer.status
    if status in _PAGES:
        return sent_on(answer, facts, options) or _judge_page(answer)
    if status in _NO_BODY:
        return Keep("text/html")
    if status in _REDIRECTS:
        return _judge_redirect(answer, facts, options)
    if status == 304 and facts.had_validators:
        return Unchanged()
    if verdict := withdrawn(status):
        return verdict
    if status in _RETRY or status == 304 or (500 <= status < 600 and status not in _NEVER):
        wish = retry_after_s(answer.header("retry-after"), now)
        return _again(f"status {status}", facts, options, wish_s=wish, host_level=status in _HOST_WIDE)
    return Failed(f"status {status}")


def withdrawn(status: int) -> Gone | Excluded | None:
    """What a status says that means the page is not (any more) for everybody to read; None for the others."""
    if status in _GONE:
        return Gone(f"status {status}")
    return Excluded(f"status {status}: {_WITHHELD[status]}") if status in _WITHHELD else None


def _judge_error(error: FetchError, facts: Facts, options: VerdictOptions) -> Verdict:
    if isinstance(error, ForbiddenAddress):
        return Excluded(str(error))
    if isinstance(error, BadRequest):
        return Failed(str(error))
    return _again(str(error), facts, options, wish_s=None, host_level=error.host_level)


def _judge_page(answer: Fetched) -> Verdict:
    content = classify(answer.header("content-type"), answer.body)
    if not content.is_page:
        return Excluded(content.reason)
    if answer.stopped:
        return Excluded(f"content type {content.type}")
    if answer.truncated:
        return Excluded(f"too large: more than {len(answer.body)} bytes")
    return Keep(content.type)


def sent_on(answer: Fetched, facts: Facts, options: VerdictOptions | None = None) -> Redirect | Failed | None:
    """Where a page that is there sends its reader at once; None if it stays, or only loads itself again."""
    to = None if facts.rendered else refresh_target(answer)
    if to is None:
        return None
    jar = _jar_after(answer, facts)
    if canonicalize(to) == canonicalize(answer.url) and jar == facts.jar:
        return None
    return _hop(answer, to, False, facts=facts, options=options or VerdictOptions())


def _judge_redirect(answer: Fetched, facts: Facts, options: VerdictOptions) -> Verdict:
    location = answer.header("location")
    if not location:
        return Failed(f"status {answer.status} without a Location")
    try:
        to = _target(readable_location(location), answer.url, facts)
    except BadAddress as error:
        return Failed(f"redirect to nowhere: {error}")
    return _hop(answer, to, answer.status in _PERMANENT, facts=facts, options=options)


def _target(location: str, base: str, facts: Facts) -> str:
    """What is asked for next: the address as it was named, or the one that a redirector or an AMP cache has in it."""
    named, canonical = as_named(location, base), canonicalize(location, base)
    straight = host_key(named) == host_key(canonical) or canonical in (*facts.chain, base)
    return named if straight else canonical


def _hop(answer: Fetched, to: str, permanent: bool, *, facts: Facts, options: VerdictOptions) -> Redirect | Failed:
    """One redirect of a chain. An address may come twice in it only if cookies were set since it was asked for."""
    asked, jar = (*facts.chain, answer.url), _jar_after(answer, facts)
    with_cookies = ", although it got the cookies that were set on the way" if jar else ""
    if to in asked and jar.changed < len(asked) - 1 - asked[::-1].index(to):
        return Failed(f"redirect loop: back to {to[:200]}{with_cookies}")
    if len(facts.chain) >= options.redirects_max:
        return Failed(f"more than {options.redirects_max} redirects{with_cookies}")
    return Redirect(to, permanent, jar)


def _jar_after(answer: Fetched, facts: Facts) -> Jar:
    return facts.jar.after(answer.url, answer.headers, len(facts.chain), now=answer.ended_at)


def _again(reason: str, facts: Facts, options: VerdictOptions, *, wish_s: float | None, host_level: bool) -> Verdict:
    if facts.attempts > len(options.retry_delays_s):
        return Failed(f"{reason} (after {facts.attempts} attempts)", host_level)
    delay_s = options.retry_delays_s[max(0, facts.attempts - 1)]
    return Retry(reason, max(delay_s, min(wish_s or 0.0, options.retry_after_max_s)), host_level)


def readable_location(location: str) -> str:
    """A Location header (latin-1 text, as headers are read) with its bytes outside ASCII percent-encoded.

    Servers send UTF-8, or anything, where RFC 9110 wants ASCII; the bytes are kept as they came, as browsers do.
    """
    if location.isascii():
        return location
    return "".join(c if c.isascii() else quote(c.encode("latin-1", "replace")) for c in location)
