"""What every kind of source keeps: any bytes, in linear time and bounded memory, with a reason and without harm."""

import time
from datetime import UTC, datetime
from typing import ClassVar

from newsmill.sources.confined_documents import reading
from newsmill.sources.kinds import Item, Polled, reader_of

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
ROWS = (2_000, 20_000)  # items of a short and of a long document
GROWTH_MOST = 25.0  # times the CPU for ten times the items; quadratic would be 100
CPU_MOST_S = 20.0  # for the long one; produce gives a document two seconds before it calls it slow
NEVER_ONE = (
    b"",
    b"\0" * 1000,
    b"\xff\xfe" * 500,
    b"<" * 20_000,
    b"[" * 20_000,
    b"{" * 20_000,
    b"\n" * 100_000,
    b'"' * 20_000,
)


class SourceKindContract:
    """kind: its name. document: one that lists at least one item. row: bytes that may be repeated after it, with `{n}`
    where a number makes each another item; empty if documents cannot grow in this way."""

    kind: ClassVar[str]
    document: ClassVar[bytes]
    row: ClassVar[bytes] = b""
    url: ClassVar[str] = "https://news.example/source"
    content_type: ClassVar[str] = ""

    def polled(self, body: bytes) -> Polled:
        """As a poll hands it over."""
        return Polled(body, self.content_type, self.url, NOW)

    def read(self, body: bytes) -> tuple[list[Item], str, dict[str, int]]:
        """Items, problem, and what was left out, read in the process where workers read."""
        with reading(self.kind, self.polled(body)) as read:
            return list(read.items), read.problem(), read.left_out()

    def grown(self, rows: int) -> bytes:
        """A document of so many items."""
        return self.document + b"".join(self.row.replace(b"{n}", str(n).encode()) for n in range(rows))

    def test_a_document_lists_items_without_a_problem(self) -> None:
        items, problem, _ = self.read(self.document)
        assert items
        assert not problem
        for item in items:
            assert item.url
            for moment in (item.published, item.modified):
                assert moment is None or moment.tzinfo is not None, "times are aware"

    def test_the_same_document_says_the_same(self) -> None:
        assert self.read(self.document) == self.read(self.document)

    def test_what_is_no_document_has_a_problem_or_lists_nothing(self) -> None:
        for body in (*NEVER_ONE, self.document[: len(self.document) // 2], self.document[::-1]):
            items, problem, left = self.read(body)
            assert len(items) + sum(left.values()) <= len(body)
            assert len(problem) < 1000

    def test_a_problem_is_one_line(self) -> None:
        for body in NEVER_ONE:
            assert "\n" not in self.read(body)[1]

    def test_a_long_document_costs_linear_time_and_is_not_held_as_a_whole(self) -> None:
        if not self.row:
            return
        reader_of(self.kind)
        took = []
        for rows in ROWS:
            begun = time.process_time()
            count = sum(1 for _ in reader_of(self.kind)(self.polled(self.grown(rows))).items)
            took.append(time.process_time() - begun)
            assert count >= rows
        assert took[1] < CPU_MOST_S
        assert took[1] < GROWTH_MOST * max(took[0], 0.001), f"{ROWS} items took {took} s of CPU"
