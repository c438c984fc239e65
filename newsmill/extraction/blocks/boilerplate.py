"""Lines of text that are a site's, not the article's, told by their words alone (pure).

Needed where markup does not tell: plain text, and templates without names. Four kinds: teasers that end in a
"read more", cookie notices, lines in another script than the article's, and lines that occur again and again.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from newsmill.extraction.blocks.phrases import CONSENT, COOKIE, READ_MORE
from newsmill.text.characters import units

_ELLIPSIS = re.compile(r"(?:…|\.\.\.)[\s\])]*")
_ARROWS = "»>→›"
MAX_CUT_WORDS = 4  # between an ellipsis and an arrow
_NO_LETTERS = bytes(i for i in range(128) if not chr(i).isalpha())
_AROUND = " \t\n.:[]()«»<>›‹→»•|–—-…"
MAX_MORE_CHARS = 40  # the longest "read more"
SCRIPT_CHARS = 120  # of a line; enough to tell its script
MAX_NOTICE_CHARS = 600
MAX_NOTICE_UNITS = 60  # a longer paragraph about cookies is an article about cookies
MAX_FOREIGN_UNITS = 8  # inside the article a longer foreign line is a quotation
MAX_FOREIGN_SHARE = 0.3  # of the text; above it the article itself is written in two scripts


def is_teaser(line: str) -> bool:
    """Whether the line is a "read more", or breaks off into one, in any of some forty languages."""
    tail = line[-MAX_MORE_CHARS - 10 :]
    if len(line) <= MAX_MORE_CHARS and _says_more(line):
        return True
    if "…" not in tail and "..." not in tail:
        return False
    rest = tail[list(_ELLIPSIS.finditer(tail))[-1].end() :]
    return _says_more(rest) or _leads_on(rest.strip())


def _leads_on(rest: str) -> bool:
    """Whether few words with an arrow behind them are all there is."""
    if len(rest) < 2 or rest[-1] not in _ARROWS:
        return False
    words = rest.split(None, MAX_CUT_WORDS + 1)
    more = words[MAX_CUT_WORDS:]
    return not more or (len(more) == 1 and not more[0].strip(_ARROWS))


def _says_more(text: str) -> bool:
    return text.strip(_AROUND).casefold() in READ_MORE


def is_cookie_notice(line: str) -> bool:
    """Whether the line asks to accept cookies."""
    if len(line) > MAX_NOTICE_CHARS:
        return False
    folded = line.casefold()
    return any(stem in folded for stem in COOKIE) and bool(CONSENT.search(line)) and units(line) <= MAX_NOTICE_UNITS


def article_lines(lines: Sequence[str]) -> list[int]:
    """The indexes of the lines that are not chrome."""
    whole = "\n".join(lines)
    folded = whole.casefold()
    kept = [i for i, line in enumerate(lines) if not is_teaser(line)]
    if any(stem in folded for stem in COOKIE):
        kept = [i for i in kept if not is_cookie_notice(lines[i])]
    return kept if whole.isascii() else _of_main_script(lines, kept)


def script_of(text: str) -> str:
    """The script of most letters of `text`, as Unicode names it (LATIN, CYRILLIC, ...); empty without letters."""
    sample = text[:SCRIPT_CHARS]
    if sample.isascii():
        return "LATIN" if any(map(str.isalpha, sample)) else ""
    ascii_only = sample.encode("ascii", "ignore")
    if 2 * (len(sample) - len(ascii_only)) < len(ascii_only.translate(None, _NO_LETTERS)):
        return "LATIN"  # most letters are ASCII
    counts = Counter(_script(char) for char in sample if char.isalpha())
    return counts.most_common(1)[0][0] if counts else ""


_SAME_SCRIPT = {"HIRAGANA": "CJK", "KATAKANA": "CJK", "HANGUL": "CJK", "FULLWIDTH": "LATIN", "HALFWIDTH": "CJK"}


@lru_cache(maxsize=5000)
def _script(char: str) -> str:
    if char.isascii():
        return "LATIN"
    name = unicodedata.name(char, "").split(" ", 1)[0]
    return _SAME_SCRIPT.get(name, name)


def _of_main_script(lines: Sequence[str], kept: list[int]) -> list[int]:
    """Without the foreign lines before and after the article, and the short ones in it."""
    weight: Counter[str] = Counter()
    scripts: dict[int, str] = {}
    for i in kept:
        scripts[i] = script_of(lines[i])
        weight[scripts[i]] += len(lines[i]) if scripts[i] else 0
    if len(weight) < 2:
        return kept
    main, most = weight.most_common(1)[0]
    if sum(weight.values()) - most > MAX_FOREIGN_SHARE * sum(weight.values()):
        return kept
    own = [i for i in kept if scripts[i] == main]
    return [
        i for i in kept if scripts[i] in (main, "") or (own[0] < i < own[-1] and units(lines[i]) > MAX_FOREIGN_UNITS)
    ]
