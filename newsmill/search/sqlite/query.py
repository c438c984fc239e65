"""A query tree as SQL over one generation of the SQLite index (pure). Values only ever travel as parameters."""

from dataclasses import dataclass

from newsmill.search.query import All, Any, Dated, Field, Filter, Not, Query, Words
from newsmill.search.sqlite.tables import Generation
from newsmill.stores.raw import to_micros

COLUMNS = "{title text description keywords}"
COLUMN = {Field.SITE: "site", Field.LANGUAGE: "language", Field.SOURCE: "source"}


@dataclass(frozen=True, slots=True)
class Sql:
    """A boolean expression over `a` (an articles table), and its parameters."""

    text: str
    values: tuple[str | int, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """How to find and rank. match: an FTS5 expression that every hit meets, or empty; where: the rest."""

    match: str
    where: Sql


def plan(query: Query, words: str) -> Plan:
    """The plan of a query over the FTS table named `words`."""
    parts = query.parts if isinstance(query, All) else (query,)
    texts = [part for part in parts if _positive(part)]
    others = [part for part in parts if not _positive(part)]
    where = [Sql("NOT a.deleted"), *(_sql(part, words) for part in others)]
    return Plan(" AND ".join(f"({match_expression(part)})" for part in texts), _join(" AND ", where))


def match_expression(query: Query) -> str:
    """FTS5's form of a tree of words. Tokens hold letters, digits and marks only, and stand in quotes."""
    match query:
        case Words(tokens, prefix, authors):
            phrase = '"' + " ".join(tokens) + '"' + (" *" if prefix else "")
            return f"{'authors' if authors else COLUMNS} : {phrase}"
        case All(parts):
            return " AND ".join(f"({match_expression(part)})" for part in parts)
        case Any(parts):
            return " OR ".join(f"({match_expression(part)})" for part in parts)
    raise TypeError(f"not a tree of words: {query}")


def _positive(query: Query) -> bool:
    match query:
        case Words():
            return True
        case All(parts) | Any(parts):
            return bool(parts) and all(_positive(part) for part in parts)
    return False


def _sql(query: Query, words: str) -> Sql:
    match query:
        case _ if _positive(query):
            return Sql(f"a.row IN (SELECT rowid FROM {words} WHERE {words} MATCH ?)", (match_expression(query),))
        case Filter(Field.SITE, value):
            return Sql("(a.site = ? OR substr(a.site, ?) = ?)", (value, -len(value) - 1, f".{value}"))
        case Filter(field, value):
            return Sql(f"a.{COLUMN[field]} = ?", (value,))
        case Dated(since, until):
            parts = [Sql("a.date >= ?", (to_micros(since),))] if since else []
            return _join(" AND ", parts + ([Sql("a.date < ?", (to_micros(until),))] if until else []))
        case Not(part):
            inner = _sql(part, words)
            return Sql(f"NOT ({inner.text})", inner.values)
        case All(parts_):
            return _join(" AND ", [_sql(part, words) for part in parts_])
        case Any(parts_):
            return _join(" OR ", [_sql(part, words) for part in parts_])
    raise TypeError(f"not a query: {query}")


def _join(word: str, parts: list[Sql]) -> Sql:
    if not parts:
        return Sql("1")
    return Sql(
        "(" + word.join(part.text for part in parts) + ")", tuple(value for part in parts for value in part.values)
    )


def rows_of(live: Generation, found: Plan) -> tuple[str, tuple[str | int, ...]]:
    """What comes after SELECT and its columns, and the values in it."""
    if not found.match:
        return f"FROM {live.articles} a WHERE {found.where.text}", found.where.values
    return (
        f"FROM {live.words} JOIN {live.articles} a ON a.row = {live.words}.rowid"
        f" WHERE {live.words} MATCH ? AND {found.where.text}",
        (found.match, *found.where.values),
    )


def page_sql(live: Generation, source: str, score: str, by_date: bool, collapse: bool, preferred: int = 0) -> str:
    """Rows of body, score and the number of other articles of the story; takes preferred sources, limit and offset."""
    order = "date DESC, row" if by_date else "score, date DESC, row"
    found = f"SELECT a.row AS row, a.date AS date, a.story AS story, {score} AS score, a.id, a.source {source}"
    others = "0 AS others"
    if collapse:  # of each story one; a materialised subquery, since bm25 cannot stand in a window
        first = "".join("source = ? DESC, " for _ in range(preferred)) + f"id = story DESC, {order}"
        ranked = f"row_number() OVER (PARTITION BY story ORDER BY {first})"
        found = (
            f"SELECT row, date, score, {ranked} AS place, count(*) OVER (PARTITION BY story) - 1 AS others"
            f" FROM (SELECT * FROM ({found}) LIMIT -1)"
        )
        found, others = f"SELECT * FROM ({found}) WHERE place = 1", "others"
    page = f"SELECT row, date, score, {others} FROM ({found}) ORDER BY {order} LIMIT ? OFFSET ?"
    ordered = order.replace("date", "p.date").replace("row", "p.row").replace("score", "p.score")
    return f"SELECT a.body, p.score, p.others FROM ({page}) p JOIN {live.articles} a USING (row) ORDER BY {ordered}"
