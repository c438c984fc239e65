"""Where in a text stand the words that a query asks for, in any form that found them (pure)."""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, lru_cache
from operator import itemgetter

from newsmill.search.forms import AROUND, FIRST_UNSPACED, HEAD, JOINED, LONG, SOUND, TAIL, cached_forms, forms_of
from newsmill.search.tree import All, Any, Not, Place, Query, Words
from newsmill.text.remembered import Remembered
from newsmill.text.tokens import APOSTROPHE, CACHED_WORD, UNSPACED, fold, is_beginning, marks, tokens, word_tokens

SEGMENT = 800  # characters that are looked at at once; most hits stand in the first
START = 4  # characters of a token by which it may be wanted; a stem is never shorter than two
LONGEST = 2000  # characters without a space; in longer runs of a script without spaces a hit may stay unmarked
PREFIXING = (
    "\u0590",
    "\u06ff",
)  # Hebrew and Arabic: scripts of languages that write articles before words as part of them
BETWEEN = "['’ʼ.,&\\-‐‑]?"  # what may stand within a word that is looked for as joined
MOST_SEEN = 50_000  # words
AHEAD = 400  # characters behind a word in which the rest of a phrase is looked for
LEAST_SOUND = 6  # letters of a name that sounds like another
FIRST_WITHIN = "\u0590"  # from here on are scripts whose words may begin within what is written in one
_CHUNK = re.compile(r"\S+")
_BEYOND = re.compile("([^\x00-\x7f]+)")
_UNEVEN = "\x00"
_JOINING = ("Mn", "Mc", "Me", "Cf")  # kinds of characters that stand within words, and are dropped or change others
_SHOWN = (Place.ARTICLE, Place.TITLE, Place.FORMS)


Span = tuple[int, int, int]  # from, to, number of the target
Mark = tuple[int, int, int, int]  # within a word: from, to, number of the target, and of its phrase that begins here


@dataclass(frozen=True, slots=True)
class Target:
    """One word or phrase of a query. phrases: rows of tokens, and whether the last only begins."""

    phrases: tuple[tuple[tuple[str, ...], bool], ...]
    forms: frozenset[str]
    begun_forms: tuple[str, ...]


@dataclass(slots=True)
class Wanted:
    """What a query wants to see, and what was seen of words so far: one page's articles share many.

    starts: the first characters of every token that may be wanted. tails: what wanted compounds have within.
    beginnings: any of both, anywhere, in a text levelled by `_level`. at_token, at_form: the targets that a token or
    form is, or begins as a phrase: numbers of target and phrase, and whether that goes on. begun, begun_forms: the
    targets whose tokens or forms only begin.
    sounding: the same with names that only sound alike, which is dear to look for. seen: by language.
    """

    targets: tuple[Target, ...]
    starts: frozenset[str]
    firsts: frozenset[str]
    tails: tuple[str, ...]
    sounds: bool
    beginnings: re.Pattern[str]
    at_token: dict[str, list[tuple[int, int, bool]]]
    at_form: dict[str, list[int]]
    begun: list[tuple[int, int, str]]
    begun_forms: list[tuple[int, tuple[str, ...]]]
    sounding: "Wanted | None" = None
    seen: dict[str, dict[str, tuple[Mark, ...]]] = field(default_factory=dict)


def wanted(query: Query) -> Wanted:
    """The words that are not excluded. Of a widened query each word with all its forms is one target."""
    targets = tuple(_targets(query))
    firsts = [phrase[0] for target in targets for phrase, _ in target.phrases]
    forms = [form for target in targets for form in (*target.forms, *target.begun_forms)]
    begins = {*firsts, *(form[1:] for form in forms if form[0] not in (TAIL, SOUND))}
    tails = tuple(sorted({form[:0:-1] for form in forms if form[0] == TAIL}))
    sounds = any(form[0] == SOUND for form in forms)
    starts, initials = frozenset(b[:START] for b in begins), frozenset(b[0] for b in begins)
    apart = {BETWEEN.join(map(re.escape, form[1 : START + 1])) for form in forms if form[0] == JOINED}
    levelled = {start.replace("ss", "s") for start in (*starts, *tails)}
    beginnings = re.compile("|".join(sorted({*map(re.escape, {*starts, *tails, *levelled}), *apart})) or "(?!)")
    at_token: dict[str, list[tuple[int, int, bool]]] = {}
    at_form: dict[str, list[int]] = {}
    begun = []
    for number, target in enumerate(targets):
        for which, (phrase, prefix) in enumerate(target.phrases):
            if prefix and len(phrase) == 1:
                begun.append((number, which, phrase[0]))
            else:
                at_token.setdefault(phrase[0], []).append((number, which, len(phrase) > 1))
        for form in target.forms:
            at_form.setdefault(form, []).append(number)
    begun_forms = [(number, target.begun_forms) for number, target in enumerate(targets) if target.begun_forms]
    tables = (at_token, at_form, begun, begun_forms)
    sounding = Wanted(targets, starts, initials, tails, True, beginnings, *tables) if sounds else None
    return Wanted(targets, starts, initials, tails, False, beginnings, *tables, sounding)


def _targets(query: Query) -> Iterator[Target]:
    match query:
        case Words(place=place) if place in _SHOWN:
            yield _target([query])
        case Any(parts) if parts and isinstance(parts[0], Words):
            ways = [part for part in parts if isinstance(part, Words) and part.place in _SHOWN]
            if ways:
                yield _target(ways)
            for part in parts:
                if not isinstance(part, (Words, Not)):
                    yield from _targets(part)
        case All(parts) | Any(parts):
            for part in parts:
                yield from _targets(part)


def _target(ways: list[Words]) -> Target:
    words = [(way.tokens, way.prefix) for way in ways if way.place is not Place.FORMS]
    forms = [way for way in ways if way.place is Place.FORMS]
    return Target(
        tuple(words),
        frozenset(way.tokens[0] for way in forms if not way.prefix),
        tuple(way.tokens[0] for way in forms if way.prefix),
    )


def spans(text: str, want: Wanted, language: str) -> Iterator[tuple[int, list[Span]]]:
    """Where targets stand, by stretches: where each ends, and what stands in it, in order and apart."""
    at = 0
    while at < len(text):
        end = _stretch(text, at)
        yield end, list(_apart(sorted(_in(text, at, end, want=want, language=language))))
        at = end


def _stretch(text: str, at: int) -> int:
    """The end of a stretch, at white space where there is some; stretches grow, so that a long text takes few."""
    size = SEGMENT + at
    if at + size >= len(text):
        return len(text)
    space = max(text.rfind(" ", at, at + size), text.rfind("\n", at, at + size))
    return space + 1 if space > at else at + size


def _apart(found: list[Span]) -> Iterator[Span]:
    last: Span | None = None
    for span in found:
        if last and span[0] < last[1]:
            last = (last[0], max(last[1], span[1]), last[2])
            continue
        if last:
            yield last
        last = span
    if last:
        yield last


def _in(text: str, begin: int, end: int, *, want: Wanted, language: str) -> Iterator[Span]:
    stretch, known = text[begin:end], want.seen.setdefault(language, {})
    folded = None if want.sounds else _level(stretch)
    # Where there is no telling which character was folded into which, every word is looked at, each once.
    candidates = _all_of(stretch, want, language, known=known) if folded is None else _candidates(stretch, folded, want)
    for at, chunk in candidates:
        for mark in known[chunk] if chunk in known else _seen(chunk, want, language, known=known):
            if mark[1]:
                yield begin + at + mark[0], begin + at + mark[1], mark[2]
            elif till := _phrase(text, begin + at, chunk, mark=mark, want=want):
                yield begin + at + mark[0], till, mark[2]


def _seen(chunk: str, want: Wanted, language: str, *, known: dict[str, tuple[Mark, ...]]) -> tuple[Mark, ...]:
    """The targets in what stands between spaces. known: those of what was looked at before."""
    seen = known.get(chunk)
    if seen is None:
        seen = _marks(chunk, want, language) if _likely(chunk, want) else ()
        if len(known) < MOST_SEEN:
            known[chunk] = seen
    return seen


def _all_of(
    stretch: str, want: Wanted, language: str, *, known: dict[str, tuple[Mark, ...]]
) -> Iterator[tuple[int, str]]:
    """What stands between spaces and holds a target, and where."""
    chunks = set(stretch.split())
    if want.sounds:  # what else is wanted was looked for before, in vain
        chunks = {chunk for chunk in chunks if len(chunk) >= LEAST_SOUND and not chunk.islower()}
    holding = {
        chunk for chunk in chunks if (known[chunk] if chunk in known else _seen(chunk, want, language, known=known))
    }
    if holding:
        yield from ((found.start(), found[0]) for found in _CHUNK.finditer(stretch) if found[0] in holding)


def _candidates(stretch: str, folded: str, want: Wanted) -> Iterator[tuple[int, str]]:
    """What stands between spaces and may hold a target, and where."""
    search, within, at = want.beginnings.search, bool(want.tails), 0
    while found := search(folded, at):
        at = found.start()
        before = folded[at - 1 : at]
        if not within and before < FIRST_WITHIN and before.isalnum():  # in the middle of a word
            at += 1
            continue
        chunk = _CHUNK.match(stretch, at if before.isspace() else _begin(stretch, at))
        if chunk is None:
            at += 1
            continue
        yield chunk.start(), chunk[0]
        at = max(chunk.end(), at + 1)


def _level(stretch: str) -> str | None:
    """The stretch folded, character by character, ß as s; None where one becomes several, or falls out of words."""
    if stretch.isascii():
        return stretch.lower()
    parts = _BEYOND.split(stretch)
    parts[1::2] = map(_LEVEL.__getitem__, parts[1::2])
    folded = "".join(parts).lower()
    return None if _UNEVEN in folded else folded


def _level_run(run: str) -> str:
    """The same of characters beyond ASCII: what separates in any way is as many spaces."""
    folded = fold(run.replace("ß", "s"))
    if len(folded) == len(run):
        return folded
    within_words = any(c.isalnum() or unicodedata.category(c) in _JOINING for c in run + folded)
    return _UNEVEN if within_words else " " * len(run)


_LEVEL = Remembered(_level_run, entries=1 << 14, longest=CACHED_WORD)  # 6 MB at most


def _begin(stretch: str, at: int) -> int:
    """Where what stands between white space begins that goes on at `at`."""
    before = stretch[max(0, at - LONGEST) : at]
    spaces = max(before.rfind(" "), before.rfind("\n"))
    return at - len(before) + spaces + 1 if spaces >= 0 else at - len(before)


def _likely(chunk: str, want: Wanted) -> bool:
    """Whether this may hold a target: cheap, for most words of most texts are none."""
    if not chunk.isalnum():
        chunk = chunk.strip(AROUND)
    long = bool(want.tails) and len(chunk) >= LONG
    if chunk.isalpha() and not long:
        if want.sounds and len(chunk) >= LEAST_SOUND and chunk[0].isupper():
            return True
        if chunk.isascii():
            return _begun(chunk.lower(), want.starts)
        prefixing = PREFIXING[0] <= chunk[0] <= PREFIXING[1]
        if max(chunk) < FIRST_UNSPACED and not prefixing and _first(chunk[0]) not in want.firsts:
            return False
    elif want.sounds and len(chunk) >= LEAST_SOUND and chunk[0].isupper():
        return True
    own = word_tokens(chunk) if len(chunk) <= CACHED_WORD else tuple(tokens(chunk))
    for token in (*own, "".join(own)) if len(own) > 1 else own:
        if _begun(token, want.starts) or (long and any(tail in token for tail in want.tails)):
            return True
        if PREFIXING[0] <= token[0] <= PREFIXING[1] and any(start in token for start in want.starts):
            return True
    return False


def _begun(token: str, starts: frozenset[str]) -> bool:
    return token[:4] in starts or token[:3] in starts or token[:2] in starts or token[:1] in starts


@lru_cache(maxsize=1 << 14)
def _first(character: str) -> str:
    return fold(character)[:1]


def _marks(chunk: str, want: Wanted, language: str) -> tuple[Mark, ...]:
    """The targets that stand in what stands between spaces, or begin there as a phrase (then `to` is 0)."""
    found: list[Mark] = []
    located = _located(chunk)
    formed = _formed(chunk, language) if want.at_form or want.begun_forms else []
    for token, start, end in located:
        for number, which, goes_on in want.at_token.get(token, ()):
            found.append((start, 0 if goes_on else end, number, which))
        for number, which, beginning in want.begun:
            if token.startswith(beginning):
                found.append((start, start + 1 if is_beginning(beginning) else end, number, which))
    for form, start, end in formed:
        found += [(start, end, number, 0) for number in want.at_form.get(form, ())]
        if form[0] in (HEAD, TAIL):
            found += [(start, end, number, 0) for number, begun in want.begun_forms if form.startswith(begun)]
    return tuple(found)


def _phrase(text: str, at: int, chunk: str, *, mark: Mark, want: Wanted) -> int:
    """Where the phrase ends that begins with this mark; 0 if it does not go on."""
    start, _, number, which = mark
    phrase, prefix = want.targets[number].phrases[which]
    every = _located(chunk)
    first = bisect_left(every, start, key=itemgetter(1))
    return _rest(text, at, len(chunk), located=every[first : first + len(phrase)], phrase=phrase, prefix=prefix)


def _rest(
    text: str,
    at: int,
    length: int,
    *,
    located: tuple[tuple[str, int, int], ...],
    phrase: tuple[str, ...],
    prefix: bool,
) -> int:
    """Where a phrase ends that begins with the first of these tokens; 0 if it does not go on."""
    if len(located) < len(phrase):
        behind = text[at + length : at + length + AHEAD]
        more = (located_at for chunk in _CHUNK.finditer(behind) for located_at in _moved(chunk, length))
        following = [*located]
        for one in more:
            following.append(one)
            if len(following) >= len(phrase):
                break
        located = tuple(following)
    if len(located) < len(phrase):
        return 0
    *whole, last = phrase
    ends = located[len(whole)][0]
    same = all(token[0] == want for token, want in zip(located, whole, strict=False))
    if not same or not (ends == last or (prefix and ends.startswith(last))):
        return 0
    return at + (located[len(whole)][1] + 1 if prefix and is_beginning(last) else located[len(whole)][2])


def _moved(chunk: re.Match[str], by: int) -> Iterator[tuple[str, int, int]]:
    for token, start, end in _located(chunk[0]):
        yield token, start + chunk.start() + by, end + chunk.start() + by


@lru_cache(maxsize=256)
def _located(chunk: str) -> tuple[tuple[str, int, int], ...]:
    """The tokens of what stands between spaces, each with where it stands."""
    found: list[tuple[str, int, int]] = []
    for unit in _units().finditer(chunk):
        own = tokens(unit[0])
        pairs = len(own) > 1 and len(fold(unit[0])) == len(unit[0]) == len(own)
        for place, token in enumerate(own):
            start = unit.start() + place if pairs else unit.start()
            found.append((token, start, min(start + 2, unit.end()) if pairs else unit.end()))
    return tuple(found)


def _formed(chunk: str, language: str) -> list[tuple[str, int, int]]:
    """The forms of what stands between spaces, each with where it stands."""
    bare = chunk.strip(AROUND)
    start = chunk.find(bare)
    found = [(form, start, start + len(bare)) for form in forms_of(bare, language) if form[0] == JOINED]
    for unit in _units().finditer(chunk):
        found += [(form, unit.start(), unit.end()) for form in cached_forms(unit[0], language)]
    return found


@cache
def _units() -> re.Pattern[str]:
    """Runs of one kind: of a script without spaces, or of letters, digits and marks of the others."""
    return re.compile(f"[{UNSPACED}]+|(?:[^\\W_{UNSPACED}]|[{marks()}]|{APOSTROPHE.pattern})+")
