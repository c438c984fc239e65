"""How well search finds a known article: `make search-quality NEWS=news-dev.jsonl.xz`.

Beside Newsmill's stores stands plain FTS5 (unicode61, all words, bm25). Exits with 1 below the floors of
`search_floors.json`; `--lower-floors` writes them anew. `--opensearch URL` measures that store too.
"""

import argparse
import json
import math
import re
import sqlite3
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

from newsmill.model import Document
from newsmill.search.store import SearchStore, open_search
from newsmill.search.tree import BadQuery
from training.known_items import LEAST_ARTICLES, Asked, questions, read

FLOORS = Path(__file__).parent / "search_floors.json"
MARGIN = 0.02  # below the measured value: one article of fifty
FIRST = 10  # hits that people look at
BATCH = 200
KINDS = ("rare words", "own headline", "dictionary forms", "headline lacking")
Ask = Callable[[str], Sequence[str]]


def interval(hits: int, asked: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share."""
    z, p = 1.96, hits / asked
    middle = (p + z * z / (2 * asked)) / (1 + z * z / asked)
    spread = z * math.sqrt(p * (1 - p) / asked + z * z / (4 * asked * asked)) / (1 + z * z / asked)
    return middle - spread, middle + spread


def plain(path: Path, documents: Sequence[Document]) -> Ask:
    """SQLite's FTS5 as it comes."""
    db = sqlite3.connect(path)
    db.execute("CREATE VIRTUAL TABLE plain USING fts5 (id UNINDEXED, title, text)")
    db.executemany("INSERT INTO plain VALUES (?, ?, ?)", [(d.id, d.title, d.text) for d in documents])

    def ask(query: str) -> list[str]:
        words = " ".join(f'"{word}"' for word in re.findall(r"\w+", query))
        rows = db.execute("SELECT id FROM plain WHERE plain MATCH ? ORDER BY bm25(plain, 0, 8, 1) LIMIT 10", (words,))
        return [row[0] for row in rows]

    return ask


def asking(store: SearchStore, documents: Sequence[Document]) -> Ask:
    """A store of ours that holds these documents."""
    for at in range(0, len(documents), BATCH):
        store.upsert(documents[at : at + BATCH])

    def ask(query: str) -> Sequence[str]:
        try:
            return store.search(query, FIRST).ids
        except BadQuery:
            return ()

    return ask


def measure(name: str, whole: Ask, untitled: Ask, asked: Sequence[Asked]) -> dict[str, float]:
    """Prints rows of the table. untitled: asks the same articles without their headlines."""
    told: defaultdict[tuple[str, str], list[bool]] = defaultdict(list)
    spent: list[float] = []
    languages = {a.language for a in asked if sum(b.language == a.language for b in asked) >= LEAST_ARTICLES * 3}
    for question in asked:
        began = time.process_time()
        ids = (untitled if question.kind == "headline lacking" else whole)(question.query)
        spent.append(time.process_time() - began)
        language = question.language if question.language in languages else "others"
        for group in ("all", language):
            told[group, question.kind].append(question.id in ids)
    rows: dict[str, float] = {}
    for group in ("all", *sorted(languages), "others"):
        cells = []
        for kind in KINDS:
            found = told[group, kind]
            low, high = interval(sum(found), len(found)) if found else (0.0, 0.0)
            cells.append(f"{sum(found) / len(found):.2f} ({low:.2f}–{high:.2f}) of {len(found)}" if found else "")
            rows |= {f"{name}, {group}, {kind}": round(sum(found) / len(found), 3)} if found else {}
        print(f"| {name} | {group} | {' | '.join(cells)} |", flush=True)
    print(f"{name}: CPU of a query {statistics.median(spent) * 1000:.1f} ms, median", file=sys.stderr)
    return rows


def below_floors(measured: dict[str, float], *, lower: bool) -> list[str]:
    """What fell below its floor. With `lower`, the floors become what was measured less a margin."""
    if lower:
        pinned = {name: round(max(value - MARGIN, 0.0), 3) for name, value in sorted(measured.items())}
        FLOORS.write_text(json.dumps(pinned, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    floors: dict[str, float] = json.loads(FLOORS.read_text(encoding="utf-8"))
    missing = [f"{name} was not measured" for name in floors if name not in measured]
    return missing + [
        f"{name}: {measured[name]:.3f} is below its floor {floor}"
        for name, floor in floors.items()
        if measured.get(name, 1.0) < floor
    ]


def main(arguments: argparse.Namespace) -> int:
    """Print the table; 0 when nothing fell below its floor."""
    documents = read(arguments.news)
    untitled = [d.model_copy(update={"title": "", "text": d.text.replace(d.title, "")}) for d in documents]
    asked = questions(documents)
    print(f"{len(documents)} articles, {len(asked)} queries; recall at {FIRST} (95 %)\n")
    print(f"| store | language | {' | '.join(KINDS)} |\n|" + " --- |" * (len(KINDS) + 2))
    with tempfile.TemporaryDirectory() as folder:
        at = Path(folder)
        measure("plain FTS5", plain(at / "p1", documents), plain(at / "p2", untitled), asked)
        stores = [open_search("", at / name) for name in ("whole", "untitled")]
        measured = measure("SQLite", asking(stores[0], documents), asking(stores[1], untitled), asked)
        if arguments.opensearch:
            from newsmill.search.opensearch.client import OpenSearchOptions

            options = [OpenSearchOptions(alias=f"quality-{name}", refresh="true") for name in ("whole", "untitled")]
            far = [open_search(arguments.opensearch, at, option) for option in options]
            measure("OpenSearch", asking(far[0], documents), asking(far[1], untitled), asked)
    failures = below_floors(measured, lower=arguments.lower_floors)
    print("\n".join(failures))
    return 1 if failures else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("news", help="pages, as news-dev.jsonl.xz")
    parser.add_argument("--lower-floors", action="store_true")
    parser.add_argument("--opensearch", metavar="URL")
    sys.exit(main(parser.parse_args()))
