"""What is kept, written to files that other programs read: WARC, JSON lines, Parquet."""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from newsmill.model import Document, RawRecord
from newsmill.stores.archive import write_archive
from newsmill.stores.errors import ObjectDamaged, ObjectMissing
from newsmill.stores.raw import RawStore
from newsmill.urls.canonical import site_of

ROWS = 1000  # documents of one row group: some MB in memory


class NoParquet(Exception):
    """Parquet needs pyarrow: pip install 'newsmill[parquet]'."""


def raw_pages(
    raw: RawStore, since: datetime | None, until: datetime | None, *, site: str, passed_over: Callable[[str], None]
) -> Iterator[RawRecord]:
    """The raw pages of a time and a site; those that cannot be read are told to `passed_over`."""
    for key in raw.keys(since, until):
        try:
            page = raw.get(key)
        except (ObjectMissing, ObjectDamaged) as error:
            passed_over(str(error))
            continue
        host = site_of(page.url)
        if not site or host == site or host.endswith(f".{site}"):
            yield page


def export_warc(out: Path, pages: Iterable[RawRecord], now: datetime) -> int:
    """A standard .warc.gz; returns the number of pages."""
    with _whole(out) as file:
        return write_archive(file, pages, now)


def export_jsonl(out: Path, documents: Iterable[Document]) -> int:
    """A document a line; returns their number."""
    count = 0
    with _whole(out) as file:
        for document in documents:
            file.write(document.model_dump_json().encode() + b"\n")
            count += 1
    return count


def export_parquet(out: Path, documents: Iterable[Document]) -> int:
    """One table, a row a document; returns their number. Raises NoParquet."""
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise NoParquet(NoParquet.__doc__) from error
    text, time, texts = pa.string(), pa.timestamp("us", "UTC"), pa.list_(pa.string())
    kinds = {"version": pa.int64(), "extractor": pa.int32(), "authors": texts, "keywords": texts, "from_source": texts}
    kinds |= {"quality": pa.float64(), "published": time, "modified": time, "fetched": time}
    schema = pa.schema([(name, kinds.get(name, text)) for name in Document.model_fields])
    count = 0
    rest = iter(documents)
    with _whole(out) as file, pq.ParquetWriter(file, schema, compression="zstd") as writer:
        while rows := [document.model_dump() for document in islice(rest, ROWS)]:
            writer.write_table(pa.Table.from_pylist(rows, schema))
            count += len(rows)
    return count


@contextmanager
def _whole(out: Path) -> Iterator[BinaryIO]:
    """A file that stands under its name only when it is complete."""
    part = out.with_name(f"{out.name}.part")
    try:
        with part.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)
