"""What each step costs, in seconds of a person's time: bytecodes that Python runs, and CPU beside a work like it.

    python -m bench.micro [--data ../shared/wcxb-dev.jsonl.xz] [--pin]

- *Bytecodes* (counted with sys.settrace, hashes fixed) are the same on a busy machine and a quiet one. Above those of
  `floors.json` by a tenth is a failure: make it cheaper, or write them anew with --pin and say why. They are those of
  one minor version of Python, on the demo's articles; with another, or with --data, they are shown only.
- *CPU* is the median over rounds of the step's time over that of a work that has nothing to do with us, on the same
  values, one right after the other. It sees what bytecodes do not: regular expressions, numpy, SQLite.
"""

import argparse
import json
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from bench.pages import pages
from newsmill import extract
from newsmill.model import Document, RawRecord
from newsmill.search.forms import forms
from newsmill.search.sqlite.store import SqliteStore
from newsmill.stores import frames, warc
from newsmill.text.fingerprint import exact_fingerprint
from newsmill.text.minhash import signature
from newsmill.urls.canonical import canonicalize

FLOORS = Path(__file__).with_name("floors.json")
TOO_MANY = 1.10  # times the pinned bytecodes
ROUNDS = 7
PAGES = 60
COUNTED = 8  # pages whose bytecodes are counted: a microsecond each
BATCH = 25  # documents a write, as pages come
NOW = datetime(2026, 11, 1, tzinfo=UTC)
PLAIN = "CREATE VIRTUAL TABLE plain USING fts5 (title, text)"


@dataclass(frozen=True, slots=True)
class Step:
    """work: once over values; beside: the same of a work to compare with. each: how many values."""

    name: str
    work: Callable[[int], object]
    beside: Callable[[int], object]
    what: str  # the work beside
    each: int


def steps(bodies: Sequence[bytes], folder: Path) -> list[Step]:
    """All of them, over these pages. Each takes how many values to work on, from the first."""
    urls = [
        f"http://www.news.example/section/{i}/a-story-of-today?utm_source=feed&id={i}#top" for i in range(len(bodies))
    ]
    articles = [extract(body, url, None, NOW) for body, url in zip(bodies, urls, strict=True)]
    raws = [
        RawRecord(
            id=f"{i:016x}",
            url=url,
            final_url=url,
            status=200,
            headers=(("content-type", "text/html"),),
            body=body,
            fetched_at=NOW,
        )
        for i, (url, body) in enumerate(zip(urls, bodies, strict=True))
    ]
    documents = [
        Document(
            id=raw.id,
            version=1,
            url=raw.url,
            site="news.example",
            source="bench",
            title=a.title,
            text=a.text,
            description=a.description,
            authors=a.authors,
            fetched=NOW,
            language=a.language,
            fingerprint=a.fingerprint,
        )
        for raw, a in zip(raws, articles, strict=True)
    ]
    lines = [document.model_dump_json().encode() for document in documents]
    packed = [frames.compress(warc.encode(raw)) for raw in raws]
    found = SqliteStore(folder / "found.sqlite")
    found.upsert(documents)
    plain = sqlite3.connect(folder / "plain.sqlite", isolation_level=None)
    plain.execute(PLAIN)
    plain.executemany("INSERT INTO plain VALUES (?, ?)", [(d.title, d.text) for d in documents])
    words = [max(document.title.split() or ["news"], key=len).strip(".,:;!?«»„“”()'\"") for document in documents]

    def writes(count: int) -> None:
        store = SqliteStore(folder / f"w{time.monotonic_ns()}.sqlite")
        for at in range(0, count, BATCH):
            batch = documents[at : min(at + BATCH, count)]
            for document in batch:
                signature(document.text)
            store.upsert(batch)
        store.close()

    def plain_writes(count: int) -> None:
        db = sqlite3.connect(folder / f"p{time.monotonic_ns()}.sqlite", isolation_level=None)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute(PLAIN)
        for at in range(0, count, BATCH):
            db.execute("BEGIN")
            batch = documents[at : min(at + BATCH, count)]
            db.executemany("INSERT INTO plain VALUES (?, ?)", [(d.title, d.text) for d in batch])
            db.execute("COMMIT")
        db.close()

    def asks(queries: Sequence[str]) -> Callable[[int], object]:
        return lambda count: [found.search(query) for query in queries[:count]]

    def plain_asks(queries: Sequence[str]) -> Callable[[int], object]:
        sql = "SELECT snippet(plain, 1, '', '', '', 40) FROM plain WHERE plain MATCH ? ORDER BY rank LIMIT 10"
        quoted = [" ".join(f'"{word}"' for word in query.replace('"', "").split()) for query in queries]
        return lambda count: [plain.execute(sql, (query,)).fetchall() for query in quoted[:count]]

    titles = [document.title for document in documents]
    return [
        Step("extract", lambda n: [extract(b, u, None, NOW) for b, u in zip(bodies[:n], urls, strict=False)],
             lambda n: [LexborHTMLParser(b) for b in bodies[:n]], "lexbor's parse", PAGES),
        Step("fingerprint", lambda n: [exact_fingerprint(a.text) for a in articles[:n]],
             lambda n: [a.text.casefold().split() for a in articles[:n]], "casefold, split", PAGES),
        Step("near-copy signature", lambda n: [signature(f"{d.text} {i}") for i, d in enumerate(documents[:n])],
             lambda n: [a.text.casefold().split() for a in articles[:n]], "casefold, split", PAGES),
        Step("forms", lambda n: [forms(d) for d in documents[:n]],
             lambda n: [a.text.casefold().split() for a in articles[:n]], "casefold, split", PAGES),
        Step("index", writes, plain_writes, "FTS5 alone", PAGES),
        Step("search, a word", asks(words), plain_asks(words), "FTS5 with its snippet()", PAGES),
        Step("search, a headline", asks(titles), plain_asks(titles), "FTS5 with its snippet()", PAGES),
        Step("raw page, written", lambda n: [frames.compress(warc.encode(raw)) for raw in raws[:n]],
             lambda n: [zlib.compress(body, 1) for body in bodies[:n]], "zlib 1", PAGES),
        Step("raw page, read", lambda n: [warc.decode(frames.decompress(one)) for one in packed[:n]],
             lambda n: [zlib.crc32(body) for body in bodies[:n]], "crc32", PAGES),
        Step("document, written and read", lambda n: [Document.stored(d.model_dump_json()) for d in documents[:n]],
             lambda n: [json.loads(line) for line in lines[:n]], "json.loads", PAGES),
        Step("canonical address", lambda n: [canonicalize(url) for url in urls[:n]],
             lambda n: [json.loads(line) for line in lines[:n]], "json.loads", PAGES),
    ]  # fmt: skip


def bytecodes(step: Step) -> int:
    """How many bytecodes Python runs for a value, once it has done the same before."""
    step.work(COUNTED)
    count = 0

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal count
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        count += event == "opcode"
        return trace

    sys.settrace(trace)
    try:
        step.work(COUNTED)
    finally:
        sys.settrace(None)
    return count // COUNTED


def cpu(step: Step) -> tuple[float, float]:
    """CPU ms a value, the least of all rounds, and the median of its share of the work beside."""
    own, share = [], []
    for _ in range(ROUNDS):
        started = time.thread_time()
        step.work(step.each)
        between = time.thread_time()
        step.beside(step.each)
        own.append(between - started)
        share.append((between - started) / max(time.thread_time() - between, 1e-9))
    return min(own) / step.each * 1000, statistics.median(share)


def measured(data: Path | None, only_count: bool) -> dict[str, dict[str, float | str]]:
    """By step: bytecodes, and where asked for CPU."""
    found: dict[str, dict[str, float | str]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for step in steps(pages(data)[:PAGES], Path(folder)):
            found[step.name] = {"bytecodes": bytecodes(step)}
            if not only_count:
                ms, share = cpu(step)
                found[step.name] |= {"ms": ms, "share": share, "what": step.what}
    return found


def counted(data: Path | None = None) -> dict[str, dict[str, float | str]]:
    """Bytecodes by step, in a process of its own with fixed hashes: sets have their order from these."""
    words = [sys.executable, "-m", "bench.micro", "--count", *(["--data", str(data)] if data else [])]
    root = Path(__file__).parents[1]
    done = subprocess.run(words, env=os.environ | {"PYTHONHASHSEED": "0"}, cwd=root, capture_output=True, check=True)
    found: dict[str, dict[str, float | str]] = json.loads(done.stdout)
    return found


def python() -> str:
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def pins() -> dict[str, int]:
    """The bytecodes that are pinned for this Python; none for another."""
    found: dict[str, int] = json.loads(FLOORS.read_text()).get(python(), {}) if FLOORS.exists() else {}
    return found


def dearer(found: dict[str, dict[str, float | str]], pinned: dict[str, int]) -> list[str]:
    """What runs more bytecodes than are pinned, a sentence each."""
    return [
        f"{name}: {found[name]['bytecodes']} bytecodes, {most} are pinned"
        for name, most in pinned.items()
        if float(found[name]["bytecodes"]) > TOO_MANY * most
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument(
        "--pin", action="store_true", help="write the bytecodes of the demo's articles into floors.json"
    )
    parser.add_argument("--count", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.count:
        print(json.dumps(measured(options.data, only_count=True)))
        return
    counts = counted(options.data)
    pinned = pins()
    print(f"{'':28}{'CPU ms':>8}{'times':>8}  {'':26}{'bytecodes':>10}{'pinned':>9}   load {os.getloadavg()[0]:.1f}")
    for name, one in measured(options.data, only_count=False).items():
        count, known = counts[name]["bytecodes"], "" if options.data else pinned.get(name, "")
        print(f"{name:28}{one['ms']:8.3f}{one['share']:8.2f}  {one['what']:26}{count:>10}{known:>9}")
    if options.pin:
        kept = json.loads(FLOORS.read_text()) if FLOORS.exists() else {}
        kept[python()] = {name: one["bytecodes"] for name, one in counts.items()}
        FLOORS.write_text(json.dumps(kept, indent=1) + "\n")
    elif not options.data and (problems := dearer(counts, pinned)):
        sys.exit("\n".join(problems))


if __name__ == "__main__":
    main()
