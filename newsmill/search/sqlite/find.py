"""A search in the SQLite index: down the rungs as far as it needs, within its time. Every call is in a transaction."""

import sqlite3
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import chain

from newsmill.search.rungs import (
    ENOUGH,
    Count,
    Rung,
    RungStep,
    Word,
    all_forms,
    apart,
    asked,
    asks_for_words,
    common,
    forms_in,
    languages_of,
    most_words,
    only_with,
    widened,
    without_forms,
)
from newsmill.search.spelling import SURE_LETTERS, mistakes, nearest
from newsmill.search.sqlite import tables
from newsmill.search.sqlite.query import (
    Age,
    Sql,
    page_sql,
    plan,
    ranked_exact,
    ranked_known,
    ranked_loose,
    ranked_rows,
    rows_with,
    with_found,
)
from newsmill.search.sqlite.tables import Generation
from newsmill.search.store import Facet, Facets
from newsmill.search.tree import All, Any, Query, positive

FACET_VALUES = 20
MOST_ROWS = 20_000  # of a word that are kept while a search lasts (1 MB); SQLite reads those of others again and again
VARIABLES = 500  # in one statement; SQLite takes 999 in its oldest builds
PROGRESS_STEPS = 1000  # of SQLite's machine between two looks at the clock: about a tenth of a millisecond
EVERYTHING = All()
STRUCTURE = 10  # the row in which FTS5 keeps it
MOST_KNOWN = 20_000  # forms of which it is known whether the index has them, 4 MB, and words that are common


@dataclass(slots=True)
class Known:
    """What was asked of an index as it is: queries share many words, and all of them its languages.

    state: FTS5's own record of what its table of words is made of, another one after each write. forms: whether any
    article has them. common: words that too many articles have to tell one by.
    """

    state: bytes
    languages: frozenset[str]
    forms: dict[str, bool] = field(default_factory=dict)
    common: set[Query] = field(default_factory=set)


_KNOWN: dict[tuple[str, int], Known] = {}  # by file and generation


@dataclass(frozen=True, slots=True)
class View:
    """Which hits are wanted, and how."""

    limit: int
    offset: int
    by_date: bool
    collapse: bool
    prefer: tuple[str, ...]
    facets: bool


@dataclass(slots=True)
class Found:
    """What was found until the time was over. Rows: body, score (lower is better), others of its story, rung."""

    rows: list[tuple[bytes, float, int, int]]
    total: int = 0
    facets: Facets | None = None
    cut: bool = True
    rung: Rung = Rung.EXACT
    missing: tuple[str, ...] = ()
    kinds: list[Rung] = field(default_factory=lambda: [Rung.EXACT])  # what the numbers in rows stand for
    wide: Query = EVERYTHING  # the query with its words in all forms


def in_all_forms(db: sqlite3.Connection, live: Generation, tree: Query) -> Query:
    """The query with its words in every form that the index has."""
    if not live.forms:
        return without_forms(tree)
    if not asks_for_words(tree):
        return widened(tree, frozenset())
    known = _known(db, live)
    wide = widened(tree, languages_of(tree, known.languages))
    asked_for = list(dict.fromkeys(forms_in(wide)))
    present = {form for form in asked_for if known.forms.get(form)}
    if unknown := [form for form in asked_for if form not in known.forms]:
        found = _present(db, live, unknown)
        present |= found
        if len(known.forms) + len(unknown) > MOST_KNOWN:
            known.forms.clear()
        known.forms.update((form, form in found) for form in unknown)
    return only_with(wide, present) if asked_for else wide


def _present(db: sqlite3.Connection, live: Generation, forms: Sequence[str]) -> set[str]:
    """Those of the forms that any article has."""
    terms = f"temp.terms_{live.number}"
    db.execute(f"CREATE VIRTUAL TABLE IF NOT EXISTS {terms} USING fts5vocab (main, {live.forms}, row)")
    found: set[str] = set()
    for at in range(0, len(forms), VARIABLES):
        some = forms[at : at + VARIABLES]
        listed = ", ".join("?" * len(some))
        found.update(row[0] for row in db.execute(f"SELECT term FROM {terms} WHERE term IN ({listed})", some))
    return found


def meant(db: sqlite3.Connection, live: Generation, words: Sequence[str], *, within_s: float) -> list[str]:
    """For each of these words, which no article has, the one of the vocabulary that is most like it, or nothing."""
    terms = f"temp.words_{live.number}_terms"
    db.execute(f"CREATE VIRTUAL TABLE IF NOT EXISTS {terms} USING fts5vocab (main, {live.words}, row)")
    found: list[str] = []
    with _deadline(db, within_s):
        for word in words:
            begins = word[:SURE_LETTERS]
            like = f"SELECT term, doc FROM {terms} WHERE term >= ? AND term < ? AND length(term) BETWEEN ? AND ?"
            off = mistakes(len(word))
            bounds = (begins, begins + "\U0010ffff", len(word) - off, len(word) + off)
            found.append(nearest(word, db.execute(like, bounds)) if off else "")
    return [*found, *[""] * (len(words) - len(found))]


def _known(db: sqlite3.Connection, live: Generation) -> Known:
    file = db.execute("PRAGMA database_list").fetchone()[2]
    state = db.execute(f"SELECT block FROM {live.words}_data WHERE id = {STRUCTURE}").fetchone()[0]
    known = _KNOWN.get((file, live.number))
    if known is None or known.state != state:
        _KNOWN[file, live.number] = known = Known(state, tables.languages(db, live))
    return known


def find(db: sqlite3.Connection, live: Generation, tree: Query, *, view: View, age: Age, within_s: float) -> Found:
    """The hits, then the number of stories, then the facets: in this order they are cut."""
    found = Found([], facets=Facets() if view.facets else None)
    with _deadline(db, within_s):
        tree = tree if live.forms else without_forms(tree)
        found.wide = in_all_forms(db, live, tree)
        of = asked(tree, found.wide)
        ranks = bool(of.words) or any(positive(part) for part in of.required)
        view = view if ranks else replace(view, by_date=True)
        rungs = [ranked_exact(live, plan(tree if ranks else found.wide, live), age)]
        articles = _articles(db, live)
        rows: dict[Query, frozenset[int]] = {}
        counts = _counts(db, live, of.words, articles=articles, rows=rows)
        if of.words and _none_has(of.words, rows):
            rungs = [ranked_known((), 0)]
        if ranks and (step := all_forms(of, counts, articles)):
            rungs.append(_ranked(live, step, len(rungs), age=age, rows=rows))
            found.kinds.append(Rung.FORMS)
        known = _page(db, live, with_found(rungs, ranks), view=view, found=found)
        if ranks and found.total < ENOUGH and of.words:
            words = apart(of.words, lambda part: in_all_forms(db, live, part))
            counts = _counts(db, live, words, articles=articles, rows=rows) if words != of.words else counts
            if step := most_words(words, counts, of, articles=articles):
                if len(known) == found.total:  # what is known is not looked for again
                    rungs = [ranked_known(known, number) for number in range(len(rungs))]
                rungs.append(_ranked(live, step, len(rungs), age=age, rows=rows))
                found.missing = step.missing
                found.kinds.append(Rung.MOST)
                _page(db, live, with_found(rungs, ranks), view=view, found=found)
        table = with_found(rungs, ranks)
        if view.collapse:
            stories = f"{table.text} SELECT count(DISTINCT a.story) FROM found JOIN {live.articles} a USING (row)"
            found.total = int(db.execute(stories, table.values).fetchone()[0])
        found.facets = _facets(db, live, table) if view.facets else None
        found.cut = False
    return found


def _page(
    db: sqlite3.Connection, live: Generation, table: Sql, *, view: View, found: Found
) -> list[tuple[int, float, int]]:
    """The rows, the number of all, and the last rung that has one. Returns row, score and rung of each."""
    page = page_sql(live, table, view.by_date, collapse=view.collapse, prefer=view.prefer)
    rows = db.execute(page.text, (*page.values, view.limit, view.offset)).fetchall()
    found.rows = [row[:4] for row in rows]
    found.total = view.offset + len(found.rows)
    counted = rows[0][4:6] if rows else (0, 0)
    if not rows and (view.offset or not view.limit):
        counted = db.execute(f"{table.text} SELECT count(*), max(rung) FROM found", table.values).fetchone()
    found.total, found.rung = int(counted[0]), found.kinds[counted[1] or 0]
    return [(row[6], row[1], row[3]) for row in rows]


def _counts(
    db: sqlite3.Connection,
    live: Generation,
    words: Sequence[Word],
    *,
    articles: int,
    rows: dict[Query, frozenset[int]],
) -> list[Count]:
    """How many articles have each word. rows: of several words those of each are noted, so that they are read once."""
    if len(words) == 1:
        return [_count(db, live, words[0], articles=articles)]
    return [_noted(db, live, word, articles=articles, rows=rows) for word in words]


def _count(db: sqlite3.Connection, live: Generation, word: Word, *, articles: int) -> Count:
    """Common words are counted as far as tells that they are."""
    exact = rows_with(word.typed, live)
    most = common(articles) + 1
    typed = db.execute(f"SELECT count(*) FROM ({exact.text} LIMIT {most})", exact.values).fetchone()[0]
    if word.wide == word.typed or typed >= most:
        return Count(typed, typed)
    wide = rows_with(word.wide, live)
    return Count(typed, db.execute(f"SELECT count(*) FROM ({wide.text})", wide.values).fetchone()[0])


def _noted(
    db: sqlite3.Connection, live: Generation, word: Word, *, articles: int, rows: dict[Query, frozenset[int]]
) -> Count:
    most = common(articles) + 1
    if most > MOST_ROWS:
        return _count(db, live, word, articles=articles)
    known_common = _known(db, live).common
    if word.typed in known_common:
        return Count(most, most)
    typed = _rows(db, rows_with(word.typed, live), most)
    if len(typed) >= most:
        if len(known_common) < MOST_KNOWN:
            known_common.add(word.typed)
        return Count(most, most)
    rows[word.typed] = known = frozenset(typed)
    if word.wide == word.typed:
        return Count(len(known), len(known))
    parts = word.wide.parts if isinstance(word.wide, Any) else (word.wide,)
    others = tuple(part for part in parts if part != word.typed)
    more = _rows(db, rows_with(Any(others) if len(others) > 1 else others[0], live), MOST_ROWS)
    if len(more) >= MOST_ROWS:
        return _count(db, live, word, articles=articles)
    rows[word.wide] = known | frozenset(more)
    return Count(len(known), len(rows[word.wide]))


def _rows(db: sqlite3.Connection, source: Sql, most: int) -> list[int]:
    """The first rows."""
    return [row[0] for row in db.execute(f"{source.text} LIMIT {most}", source.values)]


def _none_has(words: Sequence[Word], rows: Mapping[Query, frozenset[int]]) -> bool:
    """Whether no article has all words as typed, as far as the rows are known."""
    known = [rows[word.typed] for word in words if word.typed in rows]
    return bool(known) and not frozenset.intersection(*known)


def _ranked(live: Generation, step: RungStep, number: int, *, age: Age, rows: Mapping[Query, frozenset[int]]) -> Sql:
    """A further rung, from what is known of its words, or else by SQLite."""
    if any(word not in rows for word in step.words):
        return ranked_loose(live, step, number, age=age)
    known = [rows[word] for word in step.words]
    if step.least == len(known):
        whole = sum(step.weights)
        return ranked_rows(live, dict.fromkeys(frozenset.intersection(*known), whole), step, number=number, age=age)
    times = Counter(chain.from_iterable(known))
    weights = {row: 0.0 for row, count in times.items() if count >= step.least}
    for of_word, weight in zip(known, step.weights, strict=True):
        for row in weights.keys() & of_word:
            weights[row] += weight
    return ranked_rows(live, weights, step, number=number, age=age)


def _articles(db: sqlite3.Connection, live: Generation) -> int:
    """About how many articles there are: what was ever written, which takes no count."""
    return int(db.execute(f"SELECT coalesce(max(row), 0) FROM {live.articles}").fetchone()[0])


@contextmanager
def _deadline(db: sqlite3.Connection, seconds: float) -> Iterator[None]:
    """Statements in the block are ended after so many seconds, and with them the block."""
    ends = time.monotonic() + seconds
    db.set_progress_handler(lambda: time.monotonic() >= ends, PROGRESS_STEPS)
    try:
        yield
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
            raise
    finally:
        db.set_progress_handler(None, 0)


def _facets(db: sqlite3.Connection, live: Generation, table: Sql) -> Facets:
    def top(expression: str, order: str = "2 DESC, 1") -> tuple[Facet, ...]:
        rows = db.execute(
            f"{table.text} SELECT {expression}, count(*) FROM found JOIN {live.articles} a USING (row)"
            f" GROUP BY 1 ORDER BY {order} LIMIT {FACET_VALUES}",
            table.values,
        )
        return tuple(Facet(value=value, count=count) for value, count in rows if value)

    month = "strftime('%Y-%m', a.date / 1000000, 'unixepoch')"
    return Facets(site=top("a.site"), language=top("a.language"), source=top("a.source"), month=top(month, "1 DESC"))
