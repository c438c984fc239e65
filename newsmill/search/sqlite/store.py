"""The search store in one SQLite file: FTS5 over tokens that newsmill/text/tokens.py makes."""

import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from newsmill.model import Document, Rebuild, Span
from newsmill.search.query import ParsedQuery, parse, read_query
from newsmill.search.spelling import replaced
from newsmill.search.sqlite import tables
from newsmill.search.sqlite.find import View, find, in_all_forms, meant
from newsmill.search.sqlite.query import Age, plan, rows_of
from newsmill.search.store import (
    DELETED,
    HALF_LIFE_DAYS,
    OUTDATED,
    SEARCH_S,
    ResultPage,
    Sort,
    WriteVerdict,
    check_window,
    found_page,
    rank,
)
from newsmill.search.tree import Query
from newsmill.stores.errors import NotBuilding, StoreError, sqlite_error
from newsmill.stores.raw import to_micros
from newsmill.text import tokens as analysis
from newsmill.text.tokens import query_tokens

MEANT_S = 0.015  # for the words that were meant; what is not found by then is not told
BUSY_S = 30  # waiting for another process's write; a batch of 200 takes well under one second
LOG_BYTES = 64 << 20  # of the write-ahead log, before it is written into the file at once; queries get slower with it
SCAN_ROWS = 500


class SqliteStore:
    """One file, write-ahead log, a connection a thread and process; writers wait for each other."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()
        self._connections: list[tuple[int, sqlite3.Connection]] = []
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._transaction("IMMEDIATE") as db:
            tables.create(db, path)
            self._id = tables.identity(db)

    def identity(self) -> str:
        """See SearchStore."""
        return self._id

    def upsert(self, documents: Sequence[Document]) -> list[WriteVerdict]:
        """See SearchStore."""
        with self._transaction("IMMEDIATE") as db:
            live, *building = tables.generations(db)
            for g in building:
                for document in documents:
                    tables.write(db, g, document)
            return [tables.write(db, live, document) for document in documents]

    def delete(self, items: Sequence[tuple[str, int]], extractor: int = DELETED) -> list[WriteVerdict]:
        """See SearchStore."""
        with self._transaction("IMMEDIATE") as db:
            live, *building = tables.generations(db)
            for g in building:
                for entry_id, version in items:
                    tables.bury(db, g, entry_id, new=rank(version, extractor))
            return [tables.bury(db, live, entry_id, new=rank(version, extractor)) for entry_id, version in items]

    def remove_older(self, before: datetime, most: int) -> int:
        """See SearchStore. Other writers wait meanwhile: about a millisecond an article."""
        with self._transaction("IMMEDIATE") as db:
            return max(tables.forget_older(db, g, to_micros(before), most=most) for g in tables.generations(db))

    def search(
        self,
        query: Query | str,
        limit: int = 10,
        offset: int = 0,
        *,
        sort: Sort = Sort.RELEVANCE,
        marks: tuple[str, str] = ("", ""),
        facets: bool = False,
        collapse: bool = False,
        prefer: Sequence[str] = (),
        within_s: float = SEARCH_S,
        half_life_days: float = HALF_LIFE_DAYS,
    ) -> ResultPage:
        """See SearchStore. Facets are cut first, then the total, then the hits, which come all or not at all."""
        check_window(limit, offset)
        asked = read_query(query) if isinstance(query, str) else ParsedQuery(query)
        view = View(limit, offset, sort is Sort.DATE, collapse, tuple(prefer), facets)
        age = Age(to_micros(datetime.now(UTC)), half_life_days if sort is Sort.RELEVANCE else 0.0)
        with self._transaction("DEFERRED") as db:
            live = tables.generations(db)[0]
            found = find(db, live, asked.tree, view=view, age=age, within_s=within_s)
            typed = [tokens[0] if len(tokens := query_tokens(word)) == 1 else "" for word in found.missing]
            others = meant(db, live, typed, within_s=MEANT_S) if found.missing and isinstance(query, str) else ()
        scored = [(tables.read_body(body), -score) for body, score, _, _ in found.rows]
        told_by = [row[2] for row in found.rows]
        rungs = [found.kinds[rung] for _, _, _, rung in found.rows]
        page = found_page(
            scored,
            found.total,
            rungs,
            query=asked.tree,
            wide=found.wide,
            marks=marks,
            facets=found.facets,
            others=told_by,
        )
        suggestion = replaced(str(query), found.missing, others) if any(others) else ""
        told = {
            "cut": found.cut,
            "rung": found.rung,
            "missing": found.missing,
            "meant": suggestion,
            "notices": asked.notices,
        }
        return page.model_copy(update=told)

    def get(self, entry_id: str) -> Document | None:
        """See SearchStore."""
        return self.get_many([entry_id]).get(entry_id)

    def get_many(self, entry_ids: Sequence[str]) -> dict[str, Document]:
        """See SearchStore."""
        with self._transaction("DEFERRED") as db:
            articles = tables.generations(db)[0].articles
            rows = [
                row
                for entry_id in entry_ids
                for row in db.execute(f"SELECT id, body FROM {articles} WHERE id = ? AND NOT deleted", (entry_id,))
            ]
        return {entry_id: tables.read_body(body) for entry_id, body in rows}

    def scan(self, query: Query | str = "") -> Iterator[Document]:
        """See SearchStore. Goes by rows: one that is written anew meanwhile may come twice."""
        tree = parse(query) if isinstance(query, str) else query
        last = 0
        while True:
            with self._transaction("DEFERRED") as db:
                live = tables.generations(db)[0]
                source = rows_of(live, plan(in_all_forms(db, live, tree), live))
                rows = db.execute(
                    f"SELECT a.row, a.body {source.text} AND a.row > ? ORDER BY a.row LIMIT ?",
                    (*source.values, last, SCAN_ROWS),
                ).fetchall()
            if not rows:
                return
            last = rows[-1][0]
            for _, body in rows:
                yield tables.read_body(body)

    def count(self) -> int:
        """See SearchStore."""
        with self._transaction("DEFERRED") as db:
            return tables.count_found(db, tables.generations(db)[0])

    def begin_rebuild(self) -> None:
        """See SearchStore."""
        with self._transaction("IMMEDIATE") as db:
            live, *building = tables.generations(db)
            if building:
                return
            new = tables.Generation(live.number + 1, analysis.VERSION)
            tables.add_generation(db, new.number)
            db.execute(f"INSERT INTO {new.articles} SELECT * FROM {live.articles} WHERE deleted")
            db.execute("INSERT INTO meta VALUES ('building', ?, ?)", (new.number, new.analysis))

    def spans(self, most: int) -> list[Span]:
        """See SearchStore. Places are row numbers."""
        with self._transaction("DEFERRED") as db:
            live = tables.generations(db)[0]
            least, greatest = db.execute(f"SELECT min(row), max(row) FROM {live.articles} WHERE NOT deleted").fetchone()
        if least is None:
            return []
        step = -(-(greatest - least + 1) // most)
        return [Span(after=str(row), until=str(row + step)) for row in range(least - 1, greatest, step)]

    def read(self, span: Span, most: int) -> tuple[list[Document], Span | None]:
        """See SearchStore."""
        with self._transaction("DEFERRED") as db:
            live = tables.generations(db)[0]
            rows = db.execute(
                f"SELECT row, body FROM {live.articles} WHERE row > ? AND row <= ? AND NOT deleted"
                " ORDER BY row LIMIT ?",
                (int(span.after), int(span.until), most),
            ).fetchall()
        rest = Span(after=str(rows[-1][0]), until=span.until) if len(rows) == most else None
        return [tables.read_body(body) for _, body in rows], rest

    def fill(self, documents: Sequence[Document]) -> list[WriteVerdict]:
        """See SearchStore."""
        with self._transaction("IMMEDIATE") as db:
            _, *building = tables.generations(db)
            if not building:
                raise NotBuilding(f"{self.path}: no index is being built")
            return [tables.write(db, building[0], document) for document in documents]

    def rebuild(self) -> Rebuild | None:
        """See SearchStore."""
        with self._transaction("DEFERRED") as db:
            live, *building = tables.generations(db)
            return (
                Rebuild(live=tables.count_found(db, live), built=tables.count_found(db, building[0]))
                if building
                else None
            )

    def commit_rebuild(self) -> Rebuild:
        """See SearchStore."""
        with self._transaction("IMMEDIATE") as db:
            live, *building = tables.generations(db)
            if not building:
                raise NotBuilding(f"{self.path}: no index is being built")
            done = Rebuild(live=tables.count_found(db, live), built=tables.count_found(db, building[0]))
            db.execute("DELETE FROM meta WHERE role = 'live'")
            db.execute("UPDATE meta SET role = 'live'")
            tables.drop(db, live)
        return done

    def abort_rebuild(self) -> None:
        """See SearchStore."""
        with self._transaction("IMMEDIATE") as db:
            for g in tables.generations(db)[1:]:
                db.execute("DELETE FROM meta WHERE role = 'building'")
                tables.drop(db, g)

    def roll(self) -> str:
        """See SearchStore. One file is all there is."""
        return ""

    def check(self) -> tuple[str, ...]:
        """See SearchStore."""
        with self._transaction("IMMEDIATE") as db:
            found = [str(row[0]) for row in db.execute("PRAGMA integrity_check")]
            problems = [] if found == ["ok"] else found
            for g in tables.generations(db):
                problems += tables.check(db, g)
        return tuple(problems)

    def outdated(self) -> str:
        """See SearchStore."""
        with self._transaction("DEFERRED") as db:
            return OUTDATED if tables.generations(db)[0].analysis < analysis.VERSION else ""

    def trouble(self) -> str:
        """See SearchStore."""
        try:
            with self._transaction("DEFERRED") as db:
                tables.generations(db)
        except StoreError as error:
            return str(error)
        return ""

    def compact(self, deletions_before: datetime) -> None:
        """See SearchStore. Writers wait meanwhile; the disk needs room for a second copy."""
        with self._transaction("IMMEDIATE") as db:
            for g in tables.generations(db):
                oldest = rank(to_micros(deletions_before), 0)
                db.execute(f"DELETE FROM {g.articles} WHERE deleted AND rank < ?", (oldest,))
                for table in (g.words, g.forms) if g.forms else (g.words,):
                    db.execute(f"INSERT INTO {table} ({table}) VALUES ('optimize')")
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
                if kind == "IMMEDIATE":
                    self._bound_log(db)
            finally:
                if db.in_transaction:
                    db.execute("ROLLBACK")
        except sqlite3.Error as error:
            raise sqlite_error(error, str(self.path)) from error

    def _bound_log(self, db: sqlite3.Connection) -> None:
        """SQLite writes its log from the start again only when nobody reads; where somebody always does, it grows on.

        This waits for those who read now; who comes meanwhile reads on. Writers wait.
        """
        with suppress(OSError):  # another process has just ended it
            if os.path.getsize(f"{self.path}-wal") > LOG_BYTES:
                db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()

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


def open_sqlite(url: str, data: Path, _options: object = None) -> SqliteStore:
    """The index at sqlite:///path, or that of the data folder where `url` is empty. Raises StoreError."""
    if url and not url.startswith("sqlite:///"):
        raise StoreError(f"no search store at {url!r}: name sqlite:///path")
    return SqliteStore(Path(url.removeprefix("sqlite://")) if url else data / "search.sqlite")
