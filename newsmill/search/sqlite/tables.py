"""The tables of the SQLite index, one set a generation: made, written, checked. Every call is within a transaction."""

import sqlite3
import uuid
from dataclasses import dataclass
from pathlib import Path

import zstandard

from newsmill.model import Document
from newsmill.search.forms import forms
from newsmill.search.store import Result, WriteVerdict, dated, rank, unreadable
from newsmill.stores import frames
from newsmill.stores.errors import StoreDamaged
from newsmill.stores.raw import to_micros
from newsmill.text import tokens as analysis
from newsmill.text.token_bytes import prepared

SCHEMA = Path(__file__).with_name("schema.sql").read_text()
FORMAT = 1  # of the file; a file of another format is refused
FIRST_COLUMNS = ("title", "text", "description", "keywords", "authors")  # of words_1 in an index of analysis 1
COLUMNS = (*FIRST_COLUMNS, "section")
MOST_LANGUAGES = 200  # looked at; language codes come from a detector that knows fewer
SINCE_FORMS = 2  # the analysis from which on an index has all columns


@dataclass(frozen=True, slots=True)
class Generation:
    """One set of tables. analysis: the version of the tokens in it."""

    number: int
    analysis: int

    @property
    def articles(self) -> str:
        """Its table of articles."""
        return f"articles_{self.number}"

    @property
    def words(self) -> str:
        """Its table of words."""
        return f"words_{self.number}"

    @property
    def forms(self) -> str:
        """Its table of forms; empty where it has none."""
        return f"forms_{self.number}" if self.analysis >= SINCE_FORMS else ""

    @property
    def columns(self) -> tuple[str, ...]:
        """Those of its table of words."""
        return COLUMNS if self.analysis >= SINCE_FORMS else FIRST_COLUMNS


def create(db: sqlite3.Connection, path: Path) -> None:
    """Makes the tables in a new file. Raises StoreDamaged for a file that is something else."""
    found = int(db.execute("PRAGMA user_version").fetchone()[0])
    if found == FORMAT:
        return
    if found or db.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
        raise StoreDamaged(f"{path} is no search index of this version: move it away and run `newsmill reparse`")
    db.execute("CREATE TABLE meta (role TEXT PRIMARY KEY, number INTEGER NOT NULL, analysis INTEGER NOT NULL) STRICT")
    add_generation(db, 1)
    db.execute("INSERT INTO meta VALUES ('live', 1, ?)", (analysis.VERSION,))
    db.execute(f"PRAGMA user_version = {FORMAT}")


def identity(db: sqlite3.Connection) -> str:
    """Which index this is; a file of before 2026-12 is given its name now."""
    db.execute("CREATE TABLE IF NOT EXISTS identity (id TEXT NOT NULL) STRICT")
    found = db.execute("SELECT id FROM identity").fetchone()
    if found is None:
        found = (uuid.uuid4().hex,)
        db.execute("INSERT INTO identity VALUES (?)", found)
    return str(found[0])


def add_generation(db: sqlite3.Connection, number: int) -> None:
    """Makes an empty set of tables."""
    statement = ""
    for line in SCHEMA.splitlines():
        statement += line.partition("--")[0] + "\n"
        if sqlite3.complete_statement(statement):
            db.execute(statement.replace("{n}", str(number)))
            statement = ""


def drop(db: sqlite3.Connection, g: Generation) -> None:
    """Removes a set of tables."""
    db.execute(f"DROP TABLE {g.words}")
    if g.forms:
        db.execute(f"DROP TABLE {g.forms}")
    db.execute(f"DROP TABLE {g.articles}")


def count_found(db: sqlite3.Connection, g: Generation) -> int:
    """How many articles can be found in it."""
    return int(db.execute(f"SELECT count(*) FROM {g.articles} WHERE NOT deleted").fetchone()[0])


def check(db: sqlite3.Connection, g: Generation) -> list[str]:
    """FTS5's own structures, and an entry in it for each article."""
    problems = []
    for table in (g.words, g.forms) if g.forms else (g.words,):
        try:
            db.execute(f"INSERT INTO {table} ({table}) VALUES ('integrity-check')")
        except sqlite3.DatabaseError as error:
            problems.append(f"{table}: {error}")
    missing = f"SELECT count(*) FROM {g.articles} WHERE NOT deleted AND row NOT IN (SELECT rowid FROM {g.words})"
    lost = db.execute(missing).fetchone()[0]
    if lost:
        problems.append(f"{lost} articles of {g.articles} cannot be found: run `newsmill reindex`")
    return problems


def languages(db: sqlite3.Connection, g: Generation) -> frozenset[str]:
    """The languages of its articles: a step in the index for each."""
    if g.analysis < SINCE_FORMS:
        return frozenset()
    found: list[str] = []
    following = f"SELECT min(language) FROM {g.articles} WHERE NOT deleted AND language > ?"
    while (language := db.execute(following, (found[-1] if found else "",)).fetchone()[0]) is not None:
        found.append(language)
        if len(found) > MOST_LANGUAGES:
            break
    return frozenset(found)


def generations(db: sqlite3.Connection) -> list[Generation]:
    """The live one, then the one being built, if any."""
    rows = db.execute("SELECT number, analysis FROM meta ORDER BY role = 'live' DESC").fetchall()
    return [Generation(number, version) for number, version in rows]


def write(db: sqlite3.Connection, g: Generation, document: Document) -> WriteVerdict:
    """Writes an article, unless something newer is there."""
    new = rank(document.version, document.extractor)
    body = document.model_dump_json().encode()
    old = db.execute(f"SELECT row, rank, deleted, body FROM {g.articles} WHERE id = ?", (document.id,)).fetchone()
    if old and old[1] > new:
        return WriteVerdict(document.id, Result.STALE, there=old[1])
    if old and old[1] == new and not old[2] and frames.decompress(old[3]) == body:
        return WriteVerdict(document.id, Result.UNCHANGED)
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
            to_micros(dated(document)),
            document.story or document.id,
            frames.compress(body),
        ),
    ).lastrowid
    places = ", ".join("?" * len(g.columns))
    columns = f"rowid, {', '.join(g.columns)}"
    db.execute(f"INSERT INTO {g.words} ({columns}) VALUES (?, {places})", (row, *_tokens(document, g)))
    if g.forms:
        db.execute(f"INSERT INTO {g.forms} (rowid, forms) VALUES (?, ?)", (row, forms(document)))
    return WriteVerdict(document.id, Result.WRITTEN)


def bury(db: sqlite3.Connection, g: Generation, entry_id: str, *, new: int) -> WriteVerdict:
    """Writes a deletion, unless something newer is there. new: its rank."""
    old = db.execute(f"SELECT row, rank, deleted, body FROM {g.articles} WHERE id = ?", (entry_id,)).fetchone()
    if old and old[1] > new:
        return WriteVerdict(entry_id, Result.STALE, there=old[1])
    if old and old[1] == new and old[2]:
        return WriteVerdict(entry_id, Result.UNCHANGED)
    if old:
        _forget(db, g, old)
    db.execute(f"INSERT INTO {g.articles} VALUES (NULL, ?, ?, 1, '', '', '', '', '', 0, '', x'')", (entry_id, new))
    return WriteVerdict(entry_id, Result.WRITTEN)


def forget_older(db: sqlite3.Connection, g: Generation, before: int, *, most: int) -> int:
    """Removes at most `most` articles dated before this time (microseconds since the epoch); returns how many."""
    old = db.execute(
        f"SELECT row, rank, deleted, body FROM {g.articles} WHERE NOT deleted AND date < ? ORDER BY date LIMIT ?",
        (before, most),
    ).fetchall()
    for article in old:
        _forget(db, g, article)
    return len(old)


def _forget(db: sqlite3.Connection, g: Generation, old: tuple[int, int, int, bytes]) -> None:
    """Remove a row. FTS5 needs the very tokens it was given; an entry of other tokens stays, and joins no article."""
    row, _, deleted, body = old
    if not deleted and g.analysis == analysis.VERSION:
        document = read_body(body)
        db.execute(
            f"INSERT INTO {g.words} ({g.words}, rowid, {', '.join(g.columns)})"
            f" VALUES ('delete', ?, {', '.join('?' * len(g.columns))})",
            (row, *_tokens(document, g)),
        )
        db.execute(f"INSERT INTO {g.forms} ({g.forms}, rowid, forms) VALUES ('delete', ?, ?)", (row, forms(document)))
    db.execute(f"DELETE FROM {g.articles} WHERE row = ?", (row,))


def _tokens(document: Document, g: Generation) -> tuple[str, ...]:
    found = (
        prepared(document.title),
        prepared(document.text),
        prepared(document.description),
        prepared("\n".join(document.keywords)),
        prepared("\n".join(document.authors)),
    )
    return (*found, prepared(document.section)) if len(g.columns) > len(found) else found


def read_body(body: bytes) -> Document:
    """The document of a row. Raises StoreDamaged."""
    try:
        return Document.stored(frames.decompress(body))
    except (zstandard.ZstdError, ValueError) as error:
        raise unreadable(error) from error
