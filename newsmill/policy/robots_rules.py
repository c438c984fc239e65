"""The rules of a robots.txt (RFC 9309) that bind us: read from its bytes, kept small, matched fast (pure).

`reduced` makes of any file a robots.txt with one group, ours, of a bounded size; `Rules` matches paths against that.
What is bounded is bounded towards "no": a rule that is cut forbids more than its host asked for, never less.

Lines end at CR and LF only; names are read as Google's parser reads them (github.com/google/robotstxt), since
webmasters write for it: by their beginning, with its list of misspellings, with white space for a forgotten colon.
"""

import json
import re
from bisect import bisect_right
from codecs import BOM_UTF16_BE, BOM_UTF16_LE, BOM_UTF32_BE, BOM_UTF32_LE
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

SIZE_MAX = 500 * 1024  # bytes parsed; RFC 9309 §2.5 asks for no less
LINE_MAX = 8 * 2083  # characters of a line that are read, as in Google's parser
PATTERN_MAX = 2048  # characters of a rule; our addresses are no longer
TEXT_MAX = 128 * 1024  # characters of rules that are kept; the largest honest files, lists of removed pages, have less
STARS_MAX = 2000  # "*" in all rules together: each is a search in every path that gets so far
CUTS = (256, 128, 64, 32, 16, 8, 4, 2, 1)  # characters that rules are cut to where they are too many

_LINE = re.compile(
    r"(?:(?P<agent>use[rg][ -]?agent)|(?P<Disallow>d[ei]s{1,2}al{1,3}[oa]?w|diasllow)|(?P<Allow>allow)"
    r"|(?P<Delay>crawl[ -]?delay)|(?P<Sitemap>site-?map))[^:\s]*+\s*+(?P<colon>:?)\s*+(?P<value>.*)",
    re.IGNORECASE | re.DOTALL,
)
_MARKS = (
    *((BOM_UTF32_LE, "utf-32-le"), (BOM_UTF32_BE, "utf-32-be")),  # the first begins as UTF-16's
    *((BOM_UTF16_LE, "utf-16-le"), (BOM_UTF16_BE, "utf-16-be")),
)
_UTF8_MARKS = re.compile(
    rb"(?:\xef\xbb\xbf)*+(?:\xef\xbb?(?=[A-Za-z#]))?"
)  # two where files were put together; Google reads halves
_LINE_END = re.compile(r"\r\n?|\n")
_TOKEN = re.compile(r"[A-Za-z_-]+")
_SECONDS = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?")
# An escape, or a character that is compared escaped: "*", "$" and "'" too, so that a path never has a special one.
_UNEVEN = re.compile(r"%[0-9A-Fa-f]{2}|[^A-Za-z0-9\-._~/?:@!&(),;=+%\[\]|\\]")
# Characters that are the same escaped or not: unreserved ones (RFC 3986 §2.3), and reserved ones but "/", "?" and "#",
# of which RFC 9309 §2.2.2 says that they are compared in one form.
_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:@!&(),;=+[]|\\")


@dataclass(frozen=True, slots=True)
class Reduced:
    """text: a robots.txt with our rules alone; empty if there are none. cut: characters that rules were cut to, or 0.

    problem: why the file could not be read.
    """

    text: str = ""
    cut: int = 0
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """allow: or disallow. pattern: as it is compared, escapes evened out."""

    allow: bool
    pattern: str

    def __str__(self) -> str:
        return f"{'Allow' if self.allow else 'Disallow'}: {self.pattern}"


def text_of(body: bytes) -> str:
    """The file's text: UTF-8, with marks, whole or broken, or without; UTF-16 as well; UTF-32 with a mark."""
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(encoding, "replace")
    if b"\0" in body[:2] and len(body) > 1:  # its first character is of ASCII, as every file's
        return body.decode("utf-16-be" if body[0] == 0 else "utf-16-le", "replace")
    return body[_UTF8_MARKS.match(body).end() :].decode("utf-8", "replace")  # type: ignore[union-attr]  # it may be empty


def lines_of(text: str) -> Iterator[tuple[str, str]]:
    """Name and value of each line: agent, Allow, Disallow, Delay or Sitemap."""
    for line in _LINE_END.split(text):
        match = _LINE.match(line[:LINE_MAX].split("#", 1)[0].strip())
        if match is None or not match.lastgroup:
            continue
        value = match["value"]
        if match["colon"] or len(value.split()) <= 1:  # prose begins like that, too
            yield next(name for name in ("agent", "Disallow", "Allow", "Delay", "Sitemap") if match[name]), value


def sitemaps_in(body: bytes) -> list[str]:
    """The sitemaps that a robots.txt names (https://www.sitemaps.org/protocol.html#submit_robots)."""
    return [value for name, value in lines_of(text_of(body[:SIZE_MAX])) if name == "Sitemap"]


def reduced(body: bytes, token: str, text_max: int = TEXT_MAX) -> Reduced:
    """Our rules: those for `token`, else those for everybody.

    Groups for one token are merged (RFC 9309 §2.2.1). Tokens compare whole and without case; some write several on a
    line.
    """
    whole = body[:SIZE_MAX]
    if len(body) > SIZE_MAX:
        whole = whole[: max(whole.rfind(b"\n"), whole.rfind(b"\r")) + 1]  # half a line is no rule
    group = _group(lines_of(text_of(whole)), token)
    return _bounded(group, text_max) if group else Reduced()


def reduced_frames(head: bytes, document: bytes) -> Iterator[bytes]:
    """`reduced`, for a confined process. head: JSON of token and text_max."""
    found = reduced(document, *json.loads(head))
    yield json.dumps([found.text, found.cut]).encode()


def _group(lines: Iterable[tuple[str, str]], token: str) -> list[tuple[str, str]]:
    """The lines of our group; of one that has no rules, a rule that allows all."""
    groups: dict[str, list[tuple[str, str]]] = {"us": [], "all": []}
    named: set[str] = set()
    ruled: set[str] = set()  # whom the rules that follow are for
    slowed: set[str] = set()  # ... and a Crawl-delay, which is each agent's own
    in_agents = in_slowed = False
    for name, value in lines:
        if name == "agent":
            ruled, slowed = ruled if in_agents else set(), slowed if in_slowed else set()
            in_agents = in_slowed = True
            if who := _whom(value, token):
                ruled.add(who)
                slowed.add(who)
                named.add(who)
        elif name == "Delay":
            in_slowed = False  # but a group goes on: only rules end its list of agents (RFC 9309 §2.2.4)
            for who in slowed:
                groups[who].append((name, value))
        elif name != "Sitemap":
            in_agents = in_slowed = False
            for who in ruled:
                groups[who].append((name, value))
    who = "us" if "us" in named else "all"
    return groups[who] or ([("Allow", "/")] if who in named else [])


def _whom(value: str, token: str) -> str:
    if value.startswith("*"):
        return "all"
    return "us" if token.lower() in (word.lower() for word in _TOKEN.findall(value)) else ""


def _bounded(group: list[tuple[str, str]], text_max: int) -> Reduced:
    """The group as text. Rules that are too many are cut: a shorter Disallow forbids more, an Allow is left out."""
    delays = [float(value) for name, value in group if name == "Delay" and _SECONDS.fullmatch(value)]
    head = "User-agent: *\n" + (f"Crawl-delay: {max(delays):g}\n" if delays else "")
    stars = STARS_MAX
    rules: dict[Rule, None] = {}
    for name, value in group:
        if name == "Delay" or not value.startswith(("/", "*")):
            continue  # an empty Disallow allows all, what begins with neither matches nothing
        rule = Rule(name == "Allow", _pattern(value))
        stars -= rule.pattern.count("*")
        if kept := _cut(rule, PATTERN_MAX if stars >= 0 else rule.pattern.find("*")):
            rules[kept] = None
            if folder := _folder(kept):
                rules[folder] = None
    for cut in (0, *CUTS):
        kept_rules = dict.fromkeys(filter(None, (_cut(rule, cut) for rule in rules))) if cut else rules
        text = head + "".join(f"{rule}\n" for rule in kept_rules)
        if len(text) <= text_max:
            return Reduced(text, cut)
    return Reduced(head + "Disallow: /\n", 1)


def _folder(rule: Rule) -> Rule | None:
    """Who allows a folder's index.html allows the folder, as Google reads it (google/robotstxt, HandleAllow)."""
    name = rule.pattern.rfind("/") + 1
    return Rule(True, rule.pattern[:name] + "$") if rule.allow and rule.pattern.startswith("index.htm", name) else None


def _cut(rule: Rule, length: int) -> Rule | None:
    """The rule in `length` characters (below 0: as it is); None for an Allow that is longer."""
    if length < 0 or len(rule.pattern) <= length:
        return rule
    if rule.allow:
        return None
    return Rule(False, re.sub(r"%[0-9A-F]?$", "", rule.pattern[:length]) or "/")


def _pattern(value: str) -> str:
    """A rule's value with escapes evened out; what is special in it ("*", and "$" at its end) stays."""
    end = "$" if value.endswith("$") else ""
    pieces = [even(piece) for piece in value.removesuffix("$").split("*")]
    return re.sub(r"\*{2,}", "*", "*".join(pieces)) + end


def even(path: str) -> str:
    """`path` as it is compared (RFC 9309 §2.2.2)."""
    return _UNEVEN.sub(_evened, path) if _UNEVEN.search(path) else path


def _evened(match: re.Match[str]) -> str:
    found = match[0]
    if len(found) == 3:
        character = chr(int(found[1:], 16))
        return character if character in _PLAIN else found.upper()
    return "".join(f"%{byte:02X}" for byte in found.encode("utf-8", "replace"))


@dataclass(frozen=True, slots=True)
class _Glob:
    """A pattern with "*", or with "$" at its end. pieces: what stands behind its head, between the stars."""

    rule: Rule
    head: str
    pieces: tuple[str, ...]
    anchored: bool

    @classmethod
    def of(cls, rule: Rule) -> "_Glob":
        head, *pieces = rule.pattern.removesuffix("$").split("*")
        return cls(rule, head, tuple(pieces), rule.pattern.endswith("$"))

    @property
    def needle(self) -> str:
        """Its longest piece, without which no path matches."""
        return max((self.head, *self.pieces), key=len)

    def matches(self, path: str) -> bool:
        """Whether `path` fits. Every piece is looked for once, further on than the last."""
        if not path.startswith(self.head):
            return False
        at = len(self.head)
        *middle, last = self.pieces or ("",)
        for piece in middle:
            found = path.find(piece, at)
            if found < 0:
                return False
            at = found + len(piece)
        if not self.anchored:
            return path.find(last, at) >= 0
        return path.endswith(last, at) if self.pieces else at == len(path)


class Rules:
    """The rules of a reduced text. The longest that matches decides, Allow before Disallow (RFC 9309 §2.2.2)."""

    def __init__(self, text: str) -> None:
        self.crawl_delay_s: float | None = None
        plain: dict[str, Rule] = {}
        globs: list[_Glob] = []
        for name, value in lines_of(text):
            if name == "Delay":
                self.crawl_delay_s = float(value) if _SECONDS.fullmatch(value) else self.crawl_delay_s
            elif name in ("Allow", "Disallow") and value.startswith(("/", "*")):
                rule = Rule(name == "Allow", _pattern(value))
                if "*" in rule.pattern or rule.pattern.endswith("$"):
                    globs.append(_Glob.of(rule))
                elif rule.allow or rule.pattern not in plain:
                    plain[rule.pattern] = rule
        self._prefixes = sorted(plain)
        self._plain = [plain[prefix] for prefix in self._prefixes]
        self._parents = _parents(self._prefixes)
        self._globs = [(glob.needle, glob) for glob in sorted(globs, key=lambda glob: _rank(glob.rule))]

    def deciding(self, path: str) -> Rule | None:
        """The rule that decides on a path (with its query); None if none does."""
        path = even(path)
        best = self._longest_prefix(path)
        for needle, glob in self._globs:
            if needle in path and glob.matches(path):
                return glob.rule if best is None or _rank(glob.rule) < _rank(best) else best
        return best

    def _longest_prefix(self, path: str) -> Rule | None:
        """Of the rules that are nothing but a beginning: it is the one before `path` in order, or a parent of that."""
        at = bisect_right(self._prefixes, path) - 1
        while at >= 0 and not path.startswith(self._prefixes[at]):
            at = self._parents[at]
        return self._plain[at] if at >= 0 else None


def _rank(rule: Rule) -> tuple[int, bool]:
    """Smaller is stronger."""
    return -len(rule.pattern), not rule.allow


def _parents(prefixes: list[str]) -> list[int]:
    """For each of these sorted texts the longest other one that it begins with; -1 for none."""
    parents: list[int] = []
    above: list[int] = []
    for number, prefix in enumerate(prefixes):
        while above and not prefix.startswith(prefixes[above[-1]]):
            above.pop()
        parents.append(above[-1] if above else -1)
        above.append(number)
    return parents
