"""Texts of many megabytes, and objects that cannot be read back: neither passes between parse and index for ever."""

import time
from datetime import UTC, datetime

import pytest

from newsmill.ledger import Kept
from newsmill.ledger.stages import Stage
from newsmill.model import RawRecord
from newsmill.outcomes import Outcome
from newsmill.stores.documents import DocumentStore
from newsmill.urls.canonical import address_id, host_key
from tests.pipeline.line import Line
from workers.index.step import index_documents
from workers.parse.step import parse_pages

SENTENCE = "The harbour council met on a windy evening to talk about repairs of the old pier. "
LARGE = ((SENTENCE * 4 + "\u0416" * 6_000 + " \n\n") * 700).encode()  # 9 MB, the text of half as many characters
SMALL = ("<html><body><h1>Innocent article</h1><p>" + SENTENCE * 10 + "</p></body></html>").encode()


def kept(line: Line, number: int, body: bytes, content_type: str) -> str:
    url = f"http://h{number}.example/2026/a"
    record = RawRecord(
        id=address_id(url),
        url=url,
        final_url=url,
        status=200,
        headers=(("content-type", content_type),),
        body=body,
        fetched_at=datetime.now(UTC),
    )
    page = Kept(record.id, url, host_key(url), "test", line.wiring.raw.put(record), time.time())
    assert line.frontier.adopt([page], 1_000).taken
    return url


@pytest.mark.slow
def test_a_batch_of_large_pages_is_indexed_with_its_neighbours(line: Line) -> None:
    urls = [kept(line, i, LARGE, "text/plain; charset=utf-8") for i in range(4)] + [kept(line, 9, SMALL, "text/html")]
    ids = [address_id(url) for url in urls]
    assert parse_pages(line.wiring.parse, ids) == 5
    assert len(list(line.wiring.documents.keys())) > 1
    assert index_documents(line.wiring.index, ids) == 5
    assert {line.fate(url)[0] for url in urls} == {Outcome.INDEXED}


def test_an_object_that_cannot_be_read_back_is_given_up_in_the_end(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    url = kept(line, 1, SMALL, "text/html")
    written = DocumentStore._write

    def damaged(store: DocumentStore, *args: object) -> str:
        key = written(store, *args)  # type: ignore[arg-type]
        store.delete(key)
        return key

    monkeypatch.setattr(DocumentStore, "_write", damaged)
    for _ in range(3):
        assert line.entry(url)["stage"] == Stage.PARSE
        parse_pages(line.wiring.parse, [address_id(url)])
        index_documents(line.wiring.index, [address_id(url)])
    outcome, reason = line.fate(url)
    assert outcome == Outcome.QUARANTINED
    assert "could not be read back 3 times" in reason
