"""What it costs to be told: CPU of holding an article against followed queries, and searches through the API.

    python bench/followers.py ../shared/news-dev.jsonl.xz [--pages 300]

Real pages, extracted; queries are one to three words of their titles, as people follow names and topics.
"""

import argparse
import json
import lzma
import random
import statistics
import tempfile
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import httpx
import uvicorn

from newsmill.extraction import extract
from newsmill.ledger import Frontier
from newsmill.model import Document
from newsmill.search.matching import Followed, Matched
from newsmill.search.query import parse
from newsmill.settings import Settings, WebSettings
from newsmill.urls.canonical import BadAddress, address_id, canonicalize, site_of
from workers.local.broker import LocalBroker
from workers.runtime.wiring import Wiring, connect
from workers.web.app import make_app
from workers.web.console import Board
from workers.web.server import listening

FOLLOWED = (1, 10, 100, 1000)
SEARCHES = 200
AT_ONCE = (1, 8)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--pages", type=int, default=300)
    given = parser.parse_args()
    documents = list(articles(given.data, given.pages))
    words = sum(len(document.text.split()) for document in documents) / len(documents)
    print(f"{len(documents)} articles of {words:.0f} words on average")
    dice = random.Random(1)
    queries = [query_of(dice.choice(documents), dice) for _ in range(max(FOLLOWED))]
    matching(documents, queries)
    searching(documents, queries[:SEARCHES])


def articles(data: Path, pages: int):  # type: ignore[no-untyped-def]
    now = datetime.now(UTC)
    with lzma.open(data, "rt", encoding="utf-8") as lines:
        for line in islice(lines, pages):
            page = json.loads(line)
            html = page["html_bytes"]
            found = extract(html.encode("utf-8", "surrogateescape"), page["url"])
            try:
                url = canonicalize(page["url"])
            except BadAddress:
                continue
            if found.is_article and len(found.title.split()) > 2:
                yield Document(
                    id=address_id(url), version=1, url=url, site=site_of(url), source="bench", title=found.title,
                    text=found.text, description=found.description, keywords=found.keywords, language=found.language,
                    published=found.published, fetched=now, fingerprint=found.fingerprint,
                )  # fmt: skip


def query_of(document: Document, dice: random.Random) -> str:
    words = [word for word in document.title.split() if word.isalpha()] or ["news"]
    return " ".join(dice.sample(words, min(len(words), dice.randint(1, 3))))


def matching(documents: Sequence[Document], queries: Sequence[str]) -> None:
    trees = [Followed(parse(query)) for query in queries]
    for tree in trees:  # as followed queries are: known for long
        for document in documents[:40]:
            tree.finds(Matched(document.model_copy(update={"text": ""})))
    for many in FOLLOWED:
        some = documents if many <= 100 else documents[:50]
        began, found = time.process_time(), 0
        for document in some:
            article = Matched(document)
            found += sum(tree.finds(article) for tree in trees[:many])
        cpu_ms = 1000 * (time.process_time() - began) / len(some)
        print(f"{many:>5} queries: {cpu_ms:7.2f} ms of CPU an article, {found / len(some):.2f} of them find it")


def searching(documents: Sequence[Document], queries: Sequence[str]) -> None:
    with tempfile.TemporaryDirectory() as folder, LocalBroker(Path(folder)) as url:
        wiring = Wiring(
            Settings(data=Path(folder), web=WebSettings(searches_per_minute=100_000)), Frontier(connect(url))
        )
        wiring.search.upsert(documents)
        sock = listening("127.0.0.1", 0)
        board = Board(wiring, Path(folder) / "sources.toml", "once")
        server = uvicorn.Server(uvicorn.Config(make_app(board), log_config=None, lifespan="off"))
        threading.Thread(target=server.run, kwargs={"sockets": [sock]}, daemon=True).start()
        base = f"http://127.0.0.1:{sock.getsockname()[1]}/api/v1"
        while not server.started:
            time.sleep(0.01)
        for at_once in AT_ONCE:
            cpu, began = time.process_time(), time.perf_counter()
            with httpx.Client(base_url=base, timeout=60) as client, ThreadPoolExecutor(at_once) as pool:
                took = list(pool.map(lambda query, asks=client: one(asks, query), queries))
            passed, cpu = time.perf_counter() - began, time.process_time() - cpu
            p50, p99 = statistics.median(took), statistics.quantiles(took, n=100)[98]
            print(
                f"{at_once} at once: {len(took) / passed:6.1f} searches a second, p50 {p50:.1f} ms, p99 {p99:.1f} ms, "
                f"{1000 * cpu / len(took):.1f} ms of CPU each, client included"
            )
        server.should_exit = True
        wiring.search.close()


def one(client: httpx.Client, query: str) -> float:
    began = time.perf_counter()
    client.get("/search", params={"q": query}).raise_for_status()
    return 1000 * (time.perf_counter() - began)


if __name__ == "__main__":
    main()
