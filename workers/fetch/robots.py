"""robots.txt by RFC 9309: what a host's file allows us, for how long, and why (pure).

A file is first reduced to the rules that bind our product token (`our_rules`): a few hundred bytes to keep
a host, and a bound on the work that a hostile file of 500 KiB can cause. Protego then matches paths.
"""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from protego import Protego
from pydantic import BaseModel, ConfigDict

from workers.fetch.answer import Fetched, FetchError, ForbiddenAddress
from workers.fetch.content import HTML, sniff
from workers.fetch.retry_after import max_age_s, retry_after_s
from workers.urls import BadAddress, as_named

SIZE_MAX = 500 * 1024  # bytes parsed; RFC 9309 §2.5
TTL_MAX_S = 24 * 3600  # RFC 9309 §2.4: a cached file is not used for more than a day
TTL_MIN_S = 600  # "no-cache" files would otherwise be asked for before every page
UNREACHABLE_FIRST_S = 300  # first pause after a 5xx or no answer; it doubles up to TTL_MAX_S
REDIRECTS_MAX = 5  # RFC 9309 §2.3.1.2
RULES_MAX = 5000  # of our group; the largest honest ones have some hundreds

_FIELDS = {
    "user-agent": "agent",
    "useragent": "agent",
    "user agent": "agent",
    "allow": "Allow",
    "disallow": "Disallow",
    "dissallow": "Disallow",
    "dissalow": "Disallow",
    "disalow": "Disallow",
    "crawl-delay": "Crawl-delay",
    "crawl delay": "Crawl-delay",
    "crawldelay": "Crawl-delay",
}
_TOKEN = re.compile(r"[A-Za-z_-]+")


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
    fails: consecutive times it was unreachable. reason: for people.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    state: Literal["rules", "allow", "wait"]
    reason: str
    expires_at: float
    text: str = ""
    fails: int = 0

    def dump(self) -> str:
        """A small JSON text for the cache."""
        return self.model_dump_json(exclude_defaults=True)

    @classmethod
    def load(cls, text: str | bytes) -> "RobotsFile":
        """The file that `dump` made. Raises pydantic.ValidationError for anything else."""
        return cls.model_validate_json(text)

    @cached_property
    def _parsed(self) -> Protego:
        return Protego.parse(self.text)

    def allowed(self, url: str) -> Decision:
        """Whether `url` (canonical, of this host) may be asked for."""
        if self.state == "allow":
            return Decision(True, self.reason)
        if self.state == "wait":
            return Decision(False, self.reason)
        if self._parsed.can_fetch(url, "*"):
            return Decision(True, "no rule against it")
        return Decision(False, _deciding_rule(self.text, url))

    def explain(self, url: str) -> Decision:
        """As `allowed`, and names the Allow rule too: for people, not for the hot path."""
        decision = self.allowed(url)
        if self.state == "rules" and decision.allowed:
            return Decision(True, _deciding_rule(self.text, url) or decision.rule)
        return decision

    def crawl_delay_s(self, options: RobotsOptions) -> float | None:
        """The delay asked for, capped; None if the file asks for none."""
        wish = self.crawl_delay_wish_s()
        return None if wish is None else min(wish, options.crawl_delay_max_s)

    def crawl_delay_wish_s(self) -> float | None:
        """The delay asked for, as it is in the file: what is above the cap is reported, not ignored."""
        if self.state != "rules":
            return None
        delay = self._parsed.crawl_delay("*")
        return None if delay is None else float(delay)


def robots_from_response(
    answer: Fetched | FetchError,
    now: float,
    options: RobotsOptions,
    *,
    hops: int = 0,
    previous: RobotsFile | None = None,
) -> RobotsFile | RobotsRedirect:
    """What the answer to a request for /robots.txt means (RFC 9309 §2.3.1).

    hops: redirects followed so far. previous: the file known until now, for its count of failures.
    429 counts as unreachable, not as "no rules": a host that is overrun has not said yes.
    """
    if isinstance(answer, ForbiddenAddress):
        return RobotsFile(state="allow", reason=f"robots.txt cannot be asked for: {answer}", expires_at=now + TTL_MAX_S)
    if isinstance(answer, FetchError):
        return _unreachable(str(answer), None, now, previous)
    status = answer.status
    if 200 <= status < 300:
        return _rules(answer, now, options)
    if status in (301, 302, 303, 307, 308):
        return _redirect(answer, now, hops)
    if status == 429 or status >= 500:
        return _unreachable(f"status {status}", retry_after_s(answer.header("retry-after"), now), now, previous)
    return RobotsFile(state="allow", reason=f"no robots.txt (status {status})", expires_at=now + _ttl_s(answer))


def _rules(answer: Fetched, now: float, options: RobotsOptions) -> RobotsFile:
    expires_at = now + _ttl_s(answer)
    body = answer.body[:SIZE_MAX]
    if sniff(body) == HTML:
        return RobotsFile(state="allow", reason="robots.txt is an HTML page, without rules", expires_at=expires_at)
    if len(answer.body) > SIZE_MAX or answer.truncated:
        body = body[: body.rfind(b"\n") + 1]  # RFC 9309 §2.5; half a line is no rule
    text = our_rules(body.decode("utf-8", "replace"), options.token)
    if not text:
        return RobotsFile(state="allow", reason="robots.txt has no rules for us", expires_at=expires_at)
    return RobotsFile(state="rules", reason="robots.txt", expires_at=expires_at, text=text)


def _redirect(answer: Fetched, now: float, hops: int) -> RobotsFile | RobotsRedirect:
    try:
        to = as_named(answer.header("location") or "", answer.url)
    except BadAddress:
        to = answer.url
    if hops >= REDIRECTS_MAX or to == answer.url:
        reason = "no robots.txt (redirects lead nowhere)"  # RFC 9309 §2.3.1.2: may be taken as unavailable
        return RobotsFile(state="allow", reason=reason, expires_at=now + _ttl_s(answer))
    return RobotsRedirect(to)


def _unreachable(reason: str, wish_s: float | None, now: float, previous: RobotsFile | None) -> RobotsFile:
    fails = (previous.fails if previous else 0) + 1
    pause_s = UNREACHABLE_FIRST_S * 2 ** min(fails - 1, 10)
    pause_s = min(max(pause_s, wish_s or 0.0), TTL_MAX_S)
    reason = f"robots.txt unreachable: {reason}"
    return RobotsFile(state="wait", reason=reason, expires_at=now + pause_s, fails=fails)


def _ttl_s(answer: Fetched) -> float:
    age = max_age_s(answer.header("cache-control"))
    return TTL_MAX_S if age is None else max(TTL_MIN_S, min(age, TTL_MAX_S))


def our_rules(text: str, token: str) -> str:
    """The rules for `token`, else those for everybody, as the text of a robots.txt with one group; empty if none.

    Groups for one token are merged (RFC 9309 §2.2.1). Tokens compare whole and without case.
    """
    ours: list[str] = []
    everyone: list[str] = []
    named = False
    current: set[str] = set()  # who the group being read is for: "us", "all"
    in_agents = False
    for line in text.removeprefix("\ufeff").splitlines():
        field, value = _field(line)
        if field == "agent":
            if not in_agents:
                current = set()
            in_agents = True
            who = _TOKEN.match(value)
            if value.startswith("*"):
                current.add("all")
            elif who and who.group().lower() == token.lower():
                current.add("us")
                named = True
        elif field:
            in_agents = False
            if value:
                ours += [f"{field}: {value}"] if "us" in current and len(ours) < RULES_MAX else []
                everyone += [f"{field}: {value}"] if "all" in current and len(everyone) < RULES_MAX else []
    rules = ours if named else everyone
    return "User-agent: *\n" + "\n".join(rules) + "\n" if rules else ""


def _field(line: str) -> tuple[str, str]:
    line = line.split("#", 1)[0].strip()
    name, colon, value = line.partition(":")
    if not colon or name.strip().lower() not in _FIELDS:
        name, _, value = line.partition(" ")
    return _FIELDS.get(name.strip().lower(), ""), value.strip()[:2000]


def _deciding_rule(text: str, url: str) -> str:
    """The longest rule that matches `url`, Allow before Disallow (RFC 9309 §2.2.2); empty if none does."""
    rules = [line for line in text.splitlines() if line.startswith(("Allow", "Disallow"))]
    for rule in sorted(rules, key=lambda r: (-len(r.partition(": ")[2]), r)):
        pattern = rule.partition(": ")[2]
        if not Protego.parse(f"User-agent: *\nDisallow: {pattern}").can_fetch(url, "*"):
            return rule
    return ""
