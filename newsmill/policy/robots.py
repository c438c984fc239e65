"""robots.txt by RFC 9309: what a host's file allows us, for how long, and why (pure).

A file is first reduced to the rules that bind our product token (robots_rules.py): a few hundred bytes to keep a host,
and a bound on what a hostile file of 500 KiB can take.
"""

from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal
from urllib.parse import urlsplit
from zlib import compress, decompress

from pydantic import BaseModel, ConfigDict

from newsmill.http.answer import Fetched, FetchError, ForbiddenAddress
from newsmill.http.caching import max_age_s, retry_after_s
from newsmill.http.content import HTML, sniff
from newsmill.policy.robots_rules import SIZE_MAX, Reduced, Rules, reduced
from newsmill.urls.canonical import BadAddress, as_named

TTL_MAX_S = 24 * 3600  # RFC 9309 §2.4: a cached file is not used for more than a day
TTL_MIN_S = 600  # "no-cache" files would otherwise be asked for before every page
UNREACHABLE_FIRST_S = 300  # first pause after a 5xx or no answer; it doubles up to TTL_MAX_S
REDIRECTS_MAX = 5  # RFC 9309 §2.3.1.2
PACK_FROM = 1000  # characters of rules from which packing them is worth it

Reduce = Callable[[bytes, str], Reduced]  # of a file's bytes and our product token


class RobotsOptions(BaseModel):
    """token: our product token, as in `User-agent: Newsmill`. crawl_delay_max_s: a longer wish is honoured as this."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    token: str = "Newsmill"
    crawl_delay_max_s: float = 60.0  # 1,440 pages a day from a host: enough for any news site


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether an address may be asked for, and the rule or the circumstance that says so."""

    allowed: bool
    rule: str


@dataclass(frozen=True, slots=True)
class RobotsRedirect:
    """The file is elsewhere: ask for `to` (on its own host's turn), with one hop more."""

    to: str


class RobotsFile(BaseModel):
    """What is kept of a host's robots.txt. Goes through the cache as `dump()` and `load()`.

    state: rules (obey `text`), allow (no rules at all), wait (unreachable: nothing is allowed until expires_at).
    text: our rules alone, as a robots.txt with one group. expires_at: seconds since the epoch; then ask again.
    packed: the text where it is long, in zlib and base64. fails: consecutive times it was unreachable.
    reason: for people.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    state: Literal["rules", "allow", "wait"]
    reason: str
    expires_at: float
    text: str = ""
    packed: str = ""
    fails: int = 0

    def dump(self) -> str:
        """A small JSON text for the cache."""
        if len(self.text) < PACK_FROM:
            return self.model_dump_json(exclude_defaults=True)
        packed = b64encode(compress(self.text.encode())).decode()
        return self.model_copy(update={"text": "", "packed": packed}).model_dump_json(exclude_defaults=True)

    @classmethod
    def load(cls, text: str | bytes) -> "RobotsFile":
        """The file that `dump` made. Raises pydantic.ValidationError for anything else."""
        file = cls.model_validate_json(text, extra="ignore")  # a newer version may have cached it
        if not file.packed:
            return file
        return file.model_copy(update={"text": decompress(b64decode(file.packed)).decode(), "packed": ""})

    @cached_property
    def rules(self) -> Rules:
        """Its rules, ready to match."""
        return Rules(self.text)

    def allowed(self, url: str) -> Decision:
        """Whether `url` (canonical, of this host) may be asked for."""
        if self.state == "allow":
            return Decision(True, self.reason)
        if self.state == "wait":
            return Decision(False, self.reason)
        parts = urlsplit(url)
        if parts.path == "/robots.txt":  # RFC 9309 §2.2.2
            return Decision(True, "robots.txt itself")
        rule = self.rules.deciding((parts.path or "/") + ("?" + parts.query if parts.query else ""))
        return Decision(rule is None or rule.allow, str(rule or "no rule against it"))

    def crawl_delay_s(self, options: RobotsOptions) -> float | None:
        """The delay asked for, capped; None if the file asks for none."""
        wish = self.crawl_delay_wish_s()
        return None if wish is None else min(wish, options.crawl_delay_max_s)

    def crawl_delay_wish_s(self) -> float | None:
        """The delay asked for, as it is in the file: what is above the cap is reported, not ignored."""
        return self.rules.crawl_delay_s if self.state == "rules" else None


def robots_from_response(
    answer: Fetched | FetchError,
    now: float,
    options: RobotsOptions,
    *,
    hops: int = 0,
    previous: RobotsFile | None = None,
    reduce: Reduce = reduced,
) -> RobotsFile | RobotsRedirect:
    """What the answer to a request for /robots.txt means (RFC 9309 §2.3.1).

    hops: redirects followed so far. previous: the file known until now, for its count of failures.
    reduce: how its rules are read.
    429 counts as unreachable, not as "no rules": a host that is overrun has not said yes.
    """
    if isinstance(answer, ForbiddenAddress):
        return RobotsFile(state="allow", reason=f"robots.txt cannot be asked for: {answer}", expires_at=now + TTL_MAX_S)
    if isinstance(answer, FetchError):
        return _unreachable(str(answer), None, now, previous=previous)
    status = answer.status
    if 200 <= status < 300:
        return _rules(answer, now, reduce(answer.body, options.token), previous=previous)
    if status in (301, 302, 303, 307, 308):
        return _redirect(answer, now, hops)
    if status == 429 or status >= 500:
        return _unreachable(
            f"status {status}", retry_after_s(answer.header("retry-after"), now), now, previous=previous
        )
    return RobotsFile(state="allow", reason=f"no robots.txt (status {status})", expires_at=now + _ttl_s(answer))


def _rules(answer: Fetched, now: float, found: Reduced, *, previous: RobotsFile | None) -> RobotsFile:
    expires_at = now + _ttl_s(answer)
    if sniff(answer.body[:SIZE_MAX]) == HTML:
        return RobotsFile(state="allow", reason="robots.txt is an HTML page, without rules", expires_at=expires_at)
    if found.problem:
        return _unreachable(found.problem, None, now, previous=previous)
    if not found.text:
        return RobotsFile(state="allow", reason="robots.txt has no rules for us", expires_at=expires_at)
    return RobotsFile(state="rules", reason=_cut_reason(found.cut), expires_at=expires_at, text=found.text)


def _redirect(answer: Fetched, now: float, hops: int) -> RobotsFile | RobotsRedirect:
    try:
        to = as_named(answer.header("location") or "", answer.url)
    except BadAddress:
        to = answer.url
    if hops >= REDIRECTS_MAX or to == answer.url:
        reason = "no robots.txt (redirects lead nowhere)"  # RFC 9309 §2.3.1.2: may be taken as unavailable
        return RobotsFile(state="allow", reason=reason, expires_at=now + _ttl_s(answer))
    return RobotsRedirect(to)


def _unreachable(reason: str, wish_s: float | None, now: float, *, previous: RobotsFile | None) -> RobotsFile:
    fails = (previous.fails if previous else 0) + 1
    pause_s = UNREACHABLE_FIRST_S * 2 ** min(fails - 1, 10)
    pause_s = min(max(pause_s, wish_s or 0.0), TTL_MAX_S)
    reason = f"robots.txt unreachable: {reason}"
    return RobotsFile(state="wait", reason=reason, expires_at=now + pause_s, fails=fails)


def _ttl_s(answer: Fetched) -> float:
    age = max_age_s(answer.header("cache-control"))
    return TTL_MAX_S if age is None else max(TTL_MIN_S, min(age, TTL_MAX_S))


def narrowed(file: RobotsFile, text_max: int) -> RobotsFile:
    """The file with its rules cut to so many characters in all."""
    found = reduced(file.text.encode(), "", text_max)
    return file.model_copy(update={"text": found.text, "reason": _cut_reason(found.cut)})


def _cut_reason(cut: int) -> str:
    return f"robots.txt, with more rules than are kept: cut to {cut} characters" if cut else "robots.txt"
