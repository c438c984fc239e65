"""A query tree as SQL over one generation of the SQLite index (pure). Values only ever travel as parameters."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from newsmill.search.rungs import RungStep
from newsmill.search.sqlite.tables import Generation
from newsmill.search.tree import All, Any, Dated, Field, Filter, Not, Place, Query, Words, positive
from newsmill.stores.raw import to_micros

COLUMNS = {
    Place.ARTICLE: "{title text description keywords}",
    Place.TITLE: "title",
    Place.AUTHORS: "authors",
    Place.SECTION: "section",
}
COLUMN = {Field.SITE: "site", Field.LANGUAGE: "language", Field.SOURCE: "source"}
WEIGHTS = {"title": 8.0, "text": 1.0, "description": 2.0, "keywords": 2.0, "authors": 1.0, "section": 1.0}
LEAST_SHARE = 0.25  # of its score that an article keeps, however old: a better one is found among newer
DAY_US = 86_400_000_000  # microseconds


@dataclass(frozen=True, slots=True)
class Sql:
    """A piece of SQL, and its parameters."""

    text: str
    values: tuple[str | int | float, ...] = ()


@dataclass(frozen=True, slots=True)
class QueryPlan:
    """How to find and rank. match: an FTS5 expression that every hit meets, or empty; where: the rest."""

    match: str
    where: Sql


@dataclass(frozen=True, slots=True)
class Age:
    """How relevance falls with age. half_life: days in which half of what can fall has fallen; 0: it does not fall."""

    now: int  # microseconds since the epoch
    half_life: float


def plan(query: Query, live: Generation) -> QueryPlan:
    """The plan of a query as it stands."""
    parts = query.parts if isinstance(query, All) else (query,)
    texts = [part for part in parts if _by_words(part)]
    others = [part for part in parts if not _by_words(part)]
    where = [Sql("NOT a.deleted"), *(_sql(part, live) for part in others)]
    return QueryPlan(" AND ".join(f"({match_expression(part)})" for part in texts), _join(" AND ", where))


def match_expression(query: Query) -> str:
    """FTS5's form of a tree of words. Tokens hold letters, digits and marks only, and stand in quotes."""
    match query:
        case Words(tokens, prefix, place):
            phrase = '"' + " ".join(tokens) + '"' + (" *" if prefix else "")
            return f"{COLUMNS[place]} : {phrase}"
        case All(parts):
            return " AND ".join(f"({match_expression(part)})" for part in parts)
        case Any(parts):
            return " OR ".join(f"({match_expression(part)})" for part in parts)
    raise TypeError(f"not a tree of words: {query}")


def _by_words(query: Query) -> bool:
    """Whether one look into the table of words answers this."""
    match query:
        case Words(place=place):
            return place is not Place.FORMS
        case All(parts) | Any(parts):
            return bool(parts) and all(_by_words(part) for part in parts)
    return False


def rows_with(query: Query, live: Generation) -> Sql:
    """The rows that have these words, each once."""
    match query:
        case _ if _by_words(query):
            return Sql(f"SELECT rowid AS row FROM {live.words} WHERE {live.words} MATCH ?", (match_expression(query),))
        case Words():
            return _with_forms([query], live)
        case Any(parts):
            forms = [part for part in parts if isinstance(part, Words) and part.place is Place.FORMS]
            words = tuple(part for part in parts if _by_words(part))
            sets = [rows_with(Any(words), live)] if words else []
            sets += [_with_forms(forms, live)] if forms else []
            sets += [rows_with(part, live) for part in parts if part not in forms and part not in words]
            return _sets(" UNION ", sets)
        case All(parts):
            return _sets(" INTERSECT ", [rows_with(part, live) for part in parts])
    raise TypeError(f"not a tree of words: {query}")


def _with_forms(forms: Sequence[Words], live: Generation) -> Sql:
    expression = " OR ".join(f'"{form.tokens[0]}"' + (" *" if form.prefix else "") for form in forms)
    return Sql(f"SELECT rowid AS row FROM {live.forms} WHERE {live.forms} MATCH ?", (expression,))


def _sets(word: str, parts: Sequence[Sql]) -> Sql:
    if len(parts) == 1:
        return parts[0]
    text = word.join(f"SELECT row FROM ({part.text})" for part in parts)
    return Sql(text, tuple(value for part in parts for value in part.values))


def _sql(query: Query, live: Generation) -> Sql:
    match query:
        case _ if positive(query):
            found = rows_with(query, live)
            return Sql(f"a.row IN ({found.text})", found.values)
        case Filter(Field.SITE, value):
            return Sql("(a.site = ? OR substr(a.site, ?) = ?)", (value, -len(value) - 1, f".{value}"))
        case Filter(Field.URL, value):
            return Sql("instr(lower(a.url), ?)", (value,))
        case Filter(field, value):
            return Sql(f"a.{COLUMN[field]} = ?", (value,))
        case Dated(since, until):
            parts = [Sql("a.date >= ?", (to_micros(since),))] if since else []
            return _join(" AND ", parts + ([Sql("a.date < ?", (to_micros(until),))] if until else []))
        case Not(part):
            inner = _sql(part, live)
            return Sql(f"NOT ({inner.text})", inner.values)
        case All(parts_):
            return _join(" AND ", [_sql(part, live) for part in parts_])
        case Any(parts_):
            return _join(" OR ", [_sql(part, live) for part in parts_])
    raise TypeError(f"not a query: {query}")


def _join(word: str, parts: Sequence[Sql]) -> Sql:
    if not parts:
        return Sql("1")
    return Sql(
        "(" + word.join(part.text for part in parts) + ")", tuple(value for part in parts for value in part.values)
    )


def rows_of(live: Generation, found: QueryPlan) -> Sql:
    """What comes after SELECT and its columns."""
    if not found.match:
        return Sql(f"FROM {live.articles} a WHERE {found.where.text}", found.where.values)
    return Sql(
        f"FROM {live.words} JOIN {live.articles} a ON a.row = {live.words}.rowid"
        f" WHERE {live.words} MATCH ? AND {found.where.text}",
        (found.match, *found.where.values),
    )


def ranked_exact(live: Generation, exact: QueryPlan, age: Age) -> Sql:
    """Rows of row, score and rung of the first rung."""
    rows = rows_of(live, exact)
    if not exact.match:
        return Sql(f"SELECT a.row, 0.0, 0 {rows.text}", rows.values)
    score = _aged(f"bm25({live.words}, {', '.join(str(WEIGHTS[name]) for name in live.columns)})", age)
    return Sql(f"SELECT a.row, {score.text}, 0 {rows.text}", (*score.values, *rows.values))


def ranked_loose(live: Generation, step: RungStep, number: int, *, age: Age) -> Sql:
    """Rows of row, score and rung of a further rung, by how rare the words are that an article has.

    A word weighs what it does in BM25. What is in an earlier rung (the table `rung0` and so on) is left out.
    """
    values: list[str | float] = []
    sets = []
    for word, weight in zip(step.words, step.weights, strict=True):
        found = rows_with(word, live)
        sets.append(f"SELECT row, ? AS weight FROM ({found.text})")
        values += [weight, *found.values]
    union = " UNION ALL ".join(sets)
    weighed = f"SELECT row, sum(weight) AS weight FROM ({union}) GROUP BY row HAVING count(*) >= ?"
    return _ranked(live, Sql(weighed, (*values, step.least)), step, number=number, age=age)


def ranked_rows(live: Generation, weights: Mapping[int, float], step: RungStep, *, number: int, age: Age) -> Sql:
    """The same where it is known which rows have enough of the words, and what those weigh."""
    listed = Sql(
        "SELECT CAST(key AS INTEGER) AS row, value AS weight FROM json_each(?)",
        (json.dumps(weights, separators=(",", ":")),),
    )
    return _ranked(live, listed, step, number=number, age=age)


def _ranked(live: Generation, weighed: Sql, step: RungStep, *, number: int, age: Age) -> Sql:
    required = _join(" AND ", [Sql("NOT a.deleted"), *(_sql(part, live) for part in step.required)])
    score = _aged("-w.weight", age)
    earlier = "".join(f" AND a.row NOT IN (SELECT row FROM rung{at})" for at in range(number))
    return Sql(
        f"SELECT a.row, {score.text}, {number} FROM ({weighed.text}) w CROSS JOIN {live.articles} a USING (row)"
        f" WHERE {required.text}{earlier}",
        (*score.values, *weighed.values, *required.values),
    )


def ranked_known(rows: Sequence[tuple[int, float, int]], number: int) -> Sql:
    """Rows of row, score and rung of a rung of which all rows are known."""
    own = [row for row in rows if row[2] == number]
    if not own:
        return Sql(f"SELECT 0, 0.0, {number} WHERE 0")
    return Sql(f"VALUES {', '.join(['(?, ?, ?)'] * len(own))}", tuple(value for row in own for value in row))


def _aged(score: str, age: Age) -> Sql:
    """A score as it is now. What is dated in the future counts as old: nobody gets ahead by it."""
    if not age.half_life:
        return Sql(score)
    falls = f"CASE WHEN a.date > ? THEN 0.0 ELSE {1 - LEAST_SHARE} / (1 + max(? - a.date, 0) / ?) END"
    return Sql(f"{score} * ({LEAST_SHARE} + {falls})", (age.now + DAY_US, age.now, age.half_life * DAY_US))


def with_found(rungs: Sequence[Sql], match: bool) -> Sql:
    """The table `found` (row, score, rung) for what follows. match: it comes from the index of words, and once only."""
    how = "MATERIALIZED" if match else "NOT MATERIALIZED"
    tables = [f"rung{at}(row, score, rung) AS {how} ({part.text})" for at, part in enumerate(rungs)]
    union = " UNION ALL ".join(f"SELECT * FROM rung{at}" for at in range(len(rungs)))
    text = f"WITH {', '.join(tables)}, found AS {how} ({union})"
    return Sql(text, tuple(value for part in rungs for value in part.values))


def page_sql(live: Generation, found: Sql, by_date: bool, *, collapse: bool, prefer: Sequence[str]) -> Sql:
    """Rows of body, score, number of other articles of the story, and rung; takes limit and offset.

    Behind them stand the number of all that was found, its last rung, and the number of the row.
    """
    order = "date DESC, row" if by_date else "rung, score, date DESC, row"
    rows = f"SELECT f.row, f.score, f.rung, a.date, 0 AS others FROM found f JOIN {live.articles} a USING (row)"
    if collapse:  # of each story one
        first = "".join("source = ? DESC, " for _ in prefer) + f"id = story DESC, {order}"
        window = f"row_number() OVER (PARTITION BY story ORDER BY {first}) AS place"
        joined = f"SELECT f.*, a.date, a.story, a.id, a.source FROM found f JOIN {live.articles} a USING (row)"
        placed = f"SELECT *, {window}, count(*) OVER (PARTITION BY story) - 1 AS others FROM ({joined})"
        rows = f"SELECT row, score, rung, date, others FROM ({placed}) WHERE place = 1"
    ordered = ", ".join(f"p.{part}" for part in order.split(", "))
    page = f"SELECT * FROM ({rows}) ORDER BY {order} LIMIT ? OFFSET ?"
    return Sql(
        f"{found.text} SELECT a.body, p.score, p.others, p.rung,"
        " (SELECT count(*) FROM found), (SELECT max(rung) FROM found), p.row"
        f" FROM ({page}) p JOIN {live.articles} a USING (row) ORDER BY {ordered}",
        (*found.values, *(prefer if collapse else ())),
    )
