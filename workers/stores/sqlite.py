"""The search store in one SQLite file: FTS5 over tokens that workers/index/analysis.py makes."""

import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from workers.index import analysis
from workers.index.analysis import analysed
from workers.index.query import Query, parse
from workers.messages import Document
from workers.stores import frames
from workers.stores.errors import StoreDamaged, StoreError, sqlite_error
from workers.stores.raw import to_micros
from workers.stores.search import (
    DELETED,
    Facet,
    Facets,
    Page,
    Rebuild,
    Result,
    Sort,
    Verdict,
    check_window,
    found_page,
    rank,
)
from workers.stores.sqlite_query import Plan, plan

SCHEMA = Path(__file__).with_name("schema.sql").read_text()
FORMAT = 1  # of the file; a file of another format is refused
BUSY_S = 30  # waiting for another process's write; a batch of 200 takes well under one second
WEIGHTS = "8.0, 1.0, 2.0, 2.0, 1.0"  # bm25: title, text, description, keywords, authors
FACET_VALUES = 20
SCAN_ROWS = 500


@dataclass(frozen=True, slots=True)
class Generation:
    """One set of tables. analysis: the version of the tokens in it."""

    number: int
    analysis: int

    @property
    def articles(self) -> str:
        return f"articles_{self.number}"

    @property
    def words(self) -> str:
        return f"words_{self.number}"


class SqliteStore:
    """One file, write-ahead log, a connection a thread and process; writers wait for each other."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()
        self._connections: list[tuple[int, sqlite3.Connection]] = []
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._transaction("IMMEDIATE") as db:
            _create(db, path)

    def upsert(self, documents: Sequence[Document]) -> list[Verdict]:
        """See SearchStore."""
        with self._transaction("IMMEDIATE") as db:
            live, *building = _generations(db)
            for g in building:
                for document in documents:
                    _write(db, g, document)
            return [_write(db, live, document) for document in documents]

    def delete(self, items: Sequence[tuple[str, int]], extractor: int = DELETED) -> list[Verdict]:
        """See SearchStore."""
        with self._transaction("IMMEDIATE") as db:
            live, *building = _generations(db)
            for g in building:
                for entry_id, version in items:
                    _bury(db, g, entry_id, rank(version, extractor))
            return [_bury(db, live, entry_id, rank(version, extractor)) for entry_id, version in items]

    def search(
        self,
        query: Query | str,
        limit: int = 10,
        offset: int = 0,
        sort: Sort = Sort.RELEVANCE,
        *,
        marks: tuple[str, str] = ("", ""),
        facets: bool = False,
        collapse: bool = False,
    ) -> Page:
        """See SearchStore."""
        check_window(limit, offset)
        tree = parse(query) if isinstance(query, str) else query
        with self._transaction("DEFERRED") as db:
            live = _generations(db)[0]
            found = plan(tree, live.words)
            source, values = _from(live, found)
            counted_rows = "count(DISTINCT a.story)" if collapse else "count(*)"
            total = int(db.execute(f"SELECT {counted_rows} {source}", values).fetchone()[0])
            by_date = sort is Sort.DATE or not found.match
            score = f"bm25({live.words}, {WEIGHTS})" if found.match else "0.0"
            rows = db.execute(_page_sql(live, source, score, by_date, collapse), (*values, limit, offset)).fetchall()
            counted = _facets(db, source, values) if facets else None
        scored = [(_document(body), -score) for body, score, _ in rows]
        return found_page(scored, total, tree, marks, counted, [others for _, _, others in rows])

    def get(self, entry_id: str) -> Document | None:
        """See SearchStore."""
        return self.get_many([entry_id]).get(entry_id)

    def get_many(self, entry_ids: Sequence[str]) -> dict[str, Document]:
        """See SearchStore."""
        with self._transaction("DEFERRED") as db:
            articles = _generations(db)[0].articles
            rows = [
                row
                for entry_id in entry_ids
                for row in db.execute(f"SELECT id, body FROM {articles} WHERE id = ? AND NOT deleted", (entry_id,))
            ]
        return {entry_id: _document(body) for entry_id, body in rows}

    def scan(self, query: Query | str = "") -> Iterator[Document]:
        """See SearchStore. Goes by rows: one that is written anew meanwhile may come twice."""
        tree = parse(query) if isinstance(query, str) else query
        last = 0
        while True:
            with self._transaction("DEFERRED") as db:
                live = _generations(db)[0]
                source, values = _from(live, plan(tree, live.words))
                rows = db.execute(
                    f"SELECT a.row, a.body {source} AND a.row > ? ORDER BY a.row LIMIT ?", (*values, last, SCAN_ROWS)
                ).fetchall()
            if not rows:
                return
            last = rows[-1][0]
            for _, body in rows:
                yield _document(body)

    def count(self) -> int:
        """See SearchStore."""
        with self._transaction("DEFERRED") as db:
            return _count(db, _generations(db)[0])

    def begin_rebuild(self) -> None:
        """See SearchStore."""
        with self._transaction("IMMEDIATE") as db:
            live, *building = _generations(db)
            if building:
                return
            new = Generation(live.number + 1, analysis.VERSION)
            _create_generation(db, new.number)
            db.execute(f"INSERT INTO {new.articles} SELECT * FROM {live.articles} WHERE deleted")
            db.execute("INSERT INTO meta VALUES ('building', ?, ?)", (new.number, new.analysis))

    def rebuild(self) -> Rebuild | None:
        """See SearchStore."""
        with self._transaction("DEFERRED") as db:
            live, *building = _generations(db)
            return Rebuild(live=_count(db, live), built=_count(db, building[0])) if building else None

    def commit_rebuild(self) -> Rebuild:
        """See SearchStore."""
        with self._transaction("IMMEDIATE") as db:
            live, *building = _generations(db)
            if not building:
                raise StoreError(f"{self.path}: no index is being built")
            done = Rebuild(live=_count(db, live), built=_count(db, building[0]))
            db.execute("DELETE FROM meta WHERE role = 'live'")
            db.execute("UPDATE meta SET role = 'live'")
            _drop_generation(db, live)
        return done

    def abort_rebuild(self) -> None:
        """See SearchStore."""
        with self._transaction("IMMEDIATE") as db:
            for g in _generations(db)[1:]:
                db.execute("DELETE FROM meta WHERE role = 'building'")
                _drop_generation(db, g)

    def check(self) -> tuple[str, ...]:
        """See SearchStore."""
        with self._transaction("IMMEDIATE") as db:
            found = [str(row[0]) for row in db.execute("PRAGMA integrity_check")]
            problems = [] if found == ["ok"] else found
            for g in _generations(db):
                problems += _check_generation(db, g)
        return tuple(problems)

    def trouble(self) -> str:
        """See SearchStore."""
        try:
            with self._transaction("DEFERRED") as db:
                _generations(db)
        except StoreError as error:
            return str(error)
        return ""

    def compact(self, deletions_before: datetime) -> None:
        """See SearchStore. Writers wait meanwhile; the disk needs room for a second copy."""
        with self._transaction("IMMEDIATE") as db:
            for g in _generations(db):
                oldest = rank(to_micros(deletions_before), 0)
                db.execute(f"DELETE FROM {g.articles} WHERE deleted AND rank < ?", (oldest,))
                db.execute(f"INSERT INTO {g.words} ({g.words}) VALUES ('optimize')")
        try:
            self._connection().execute("VACUUM")
        except sqlite3.Error as error:
            raise sqlite_error(error, str(self.path)) from error

    def close(self) -> None:
        """See SearchStore. Connections that a parent process opened are left to it."""
        for pid, connection in self._connections:
            if pid == os.getpid():
                connection.close()
        self._connections.clear()
        self._local = threading.local()

    @contextmanager
    def _transaction(self, kind: str) -> Iterator[sqlite3.Connection]:
        try:
            db = self._connection()
            db.execute(f"BEGIN {kind}")
            try:
                yield db
                db.execute("COMMIT")
            finally:
                if db.in_transaction:
                    db.execute("ROLLBACK")
        except sqlite3.Error as error:
            raise sqlite_error(error, str(self.path)) from error

    def _connection(self) -> sqlite3.Connection:
        """This thread's connection. One inherited through a fork is never used (sqlite.org/howtocorrupt.html §2.6)."""
        if getattr(self._local, "pid", None) != os.getpid():
            db = sqlite3.connect(self.path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
            self._local.pid, self._local.db = os.getpid(), db
            self._connections.append((os.getpid(), db))
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = FULL")  # a batch is settled in the ledger once this store has it
            db.execute("PRAGMA cache_size = -65536")  # KiB
        connection: sqlite3.Connection = self._local.db
        return connection


def _create(db: sqlite3.Connection, path: Path) -> None:
    found = int(db.execute("PRAGMA user_version").fetchone()[0])
    if found == FORMAT:
        return
    if found or db.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
        raise StoreDamaged(f"{path} is no search index of this version: move it away and run `newsmill reindex`")
    db.execute("CREATE TABLE meta (role TEXT PRIMARY KEY, number INTEGER NOT NULL, analysis INTEGER NOT NULL) STRICT")
    _create_generation(db, 1)
    db.execute("INSERT INTO meta VALUES ('live', 1, ?)", (analysis.VERSION,))
    db.execute(f"PRAGMA user_version = {FORMAT}")


def _create_generation(db: sqlite3.Connection, number: int) -> None:
    statement = ""
    for line in SCHEMA.splitlines():
        statement += line.partition("--")[0] + "\n"
        if sqlite3.complete_statement(statement):
            db.execute(statement.replace("{n}", str(number)))
            statement = ""


def _drop_generation(db: sqlite3.Connection, g: Generation) -> None:
    db.execute(f"DROP TABLE {g.words}")
    db.execute(f"DROP TABLE {g.articles}")


def _count(db: sqlite3.Connection, g: Generation) -> int:
    return int(db.execute(f"SELECT count(*) FROM {g.articles} WHERE NOT deleted").fetchone()[0])


def _check_generation(db: sqlite3.Connection, g: Generation) -> list[str]:
    """FTS5's own structures, and an entry in it for each article."""
    problems = []
    try:
        db.execute(f"INSERT INTO {g.words} ({g.words}) VALUES ('integrity-check')")
    except sqlite3.DatabaseError as error:
        problems.append(f"{g.words}: {error}")
    missing = f"SELECT count(*) FROM {g.articles} WHERE NOT deleted AND row NOT IN (SELECT rowid FROM {g.words})"
    lost = db.execute(missing).fetchone()[0]
    if lost:
        problems.append(f"{lost} articles of {g.articles} cannot be found: run `newsmill reindex`")
    return problems


def _generations(db: sqlite3.Connection) -> list[Generation]:
    """The live one, then the one being built, if any."""
    rows = db.execute("SELECT number, analysis FROM meta ORDER BY role = 'live' DESC").fetchall()
    return [Generation(number, version) for number, version in rows]


def _write(db: sqlite3.Connection, g: Generation, document: Document) -> Verdict:
    new = rank(document.version, document.extractor)
    body = document.model_dump_json().encode()
    old = db.execute(f"SELECT row, rank, deleted, body FROM {g.articles} WHERE id = ?", (document.id,)).fetchone()
    if old and old[1] > new:
        return Verdict(document.id, Result.STALE)
    if old and old[1] == new and not old[2] and frames.decompress(old[3]) == body:
        return Verdict(document.id, Result.UNCHANGED)
    if old:
        _forget(db, g, old)
    row = db.execute(
        f"INSERT INTO {g.articles} (id, rank, deleted, url, title, site, source, language, date, story, body)"
        " VALUES (?, ?, 0, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            document.id,
            new,
            document.url,
            document.title,
            document.site.lower(),
            document.source.lower(),
            document.language.lower(),
            to_micros(document.published or document.fetched),
            document.story or document.id,
            frames.compress(body),
        ),
    ).lastrowid
    db.execute(f"INSERT INTO {g.words} (rowid, {TOKEN_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)", (row, *_tokens(document)))
    return Verdict(document.id, Result.WRITTEN)


def _bury(db: sqlite3.Connection, g: Generation, entry_id: str, new: int) -> Verdict:
    old = db.execute(f"SELECT row, rank, deleted, body FROM {g.articles} WHERE id = ?", (entry_id,)).fetchone()
    if old and old[1] > new:
        return Verdict(entry_id, Result.STALE)
    if old and old[1] == new and old[2]:
        return Verdict(entry_id, Result.UNCHANGED)
    if old:
        _forget(db, g, old)
    db.execute(f"INSERT INTO {g.articles} VALUES (NULL, ?, ?, 1, '', '', '', '', '', 0, '', x'')", (entry_id, new))
    return Verdict(entry_id, Result.WRITTEN)


def _forget(db: sqlite3.Connection, g: Generation, old: tuple[int, int, int, bytes]) -> None:
    """Remove a row. FTS5 needs the very tokens it was given; an entry of other tokens stays, and joins no article."""
    row, _, deleted, body = old
    if not deleted and g.analysis == analysis.VERSION:
        db.execute(
            f"INSERT INTO {g.words} ({g.words}, rowid, {TOKEN_COLUMNS}) VALUES ('delete', ?, ?, ?, ?, ?, ?)",
            (row, *_tokens(_document(body))),
        )
    db.execute(f"DELETE FROM {g.articles} WHERE row = ?", (row,))


TOKEN_COLUMNS = "title, text, description, keywords, authors"


def _tokens(document: Document) -> tuple[str, ...]:
    return (
        analysed(document.title),
        analysed(document.text),
        analysed(document.description),
        analysed("\n".join(document.keywords)),
        analysed("\n".join(document.authors)),
    )


def _document(body: bytes) -> Document:
    return Document.model_validate_json(frames.decompress(body))


def _from(live: Generation, found: Plan) -> tuple[str, tuple[str | int, ...]]:
    if not found.match:
        return f"FROM {live.articles} a WHERE {found.where.text}", found.where.values
    return (
        f"FROM {live.words} JOIN {live.articles} a ON a.row = {live.words}.rowid"
        f" WHERE {live.words} MATCH ? AND {found.where.text}",
        (found.match, *found.where.values),
    )


def _page_sql(live: Generation, source: str, score: str, by_date: bool, collapse: bool) -> str:
    """Rows of body, score and the number of other articles of the story; takes limit and offset."""
    order = "date DESC, row" if by_date else "score, date DESC, row"
    found = f"SELECT a.row AS row, a.date AS date, a.story AS story, {score} AS score {source}"
    others = "0 AS others"
    if collapse:  # of each story the best one; a materialised subquery, since bm25 cannot stand in a window
        ranked = f"row_number() OVER (PARTITION BY story ORDER BY {order})"
        found = (
            f"SELECT row, date, score, {ranked} AS place, count(*) OVER (PARTITION BY story) - 1 AS others"
            f" FROM (SELECT * FROM ({found}) LIMIT -1)"
        )
        found, others = f"SELECT * FROM ({found}) WHERE place = 1", "others"
    page = f"SELECT row, date, score, {others} FROM ({found}) ORDER BY {order} LIMIT ? OFFSET ?"
    ordered = order.replace("date", "p.date").replace("row", "p.row").replace("score", "p.score")
    return f"SELECT a.body, p.score, p.others FROM ({page}) p JOIN {live.articles} a USING (row) ORDER BY {ordered}"


def _facets(db: sqlite3.Connection, source: str, values: tuple[str | int, ...]) -> Facets:
    def top(expression: str, order: str = "2 DESC, 1") -> tuple[Facet, ...]:
        rows = db.execute(
            f"SELECT {expression}, count(*) {source} GROUP BY 1 ORDER BY {order} LIMIT {FACET_VALUES}", values
        )
        return tuple(Facet(value=value, count=count) for value, count in rows if value)

    month = "strftime('%Y-%m', a.date / 1000000, 'unixepoch')"
    return Facets(site=top("a.site"), language=top("a.language"), source=top("a.source"), month=top(month, "1 DESC"))
