"""Lists of addresses."""

import gzip

from newsmill.sources.formats.lists import MAX_BAD_SHOWN, AddressList, BadLine, ListReader, parse_list

TEXT = """\ufeff# our list
https://news.example/1
  https://news.example/2?utm_source=x   # a comment

https://News.Example/1#again
news.example/3
https://news.example/4\tfirst seen yesterday
"""


def test_list() -> None:
    found = parse_list(TEXT)
    assert found.addresses == ("https://news.example/1", "https://news.example/2", "https://news.example/4")
    assert found.bad == (BadLine(6, "news.example/3", "not an address: 'news.example/3'"),)
    assert str(found.bad[0]) == "line 6: not an address: 'news.example/3'"


def test_bytes_of_any_make() -> None:
    assert parse_list(TEXT.encode()) == parse_list(TEXT)
    assert parse_list(TEXT.encode("utf-16")) == parse_list(TEXT)
    assert parse_list(gzip.compress(TEXT.encode())) == parse_list(TEXT)
    assert parse_list(TEXT.replace("\n", "\r\n")) == parse_list(TEXT)
    assert parse_list(b"") == AddressList(())


def test_relative_lines_of_a_list_over_http() -> None:
    assert parse_list("/1", "https://news.example/list.txt").addresses == ("https://news.example/1",)


def test_many_bad_lines_are_counted_not_kept() -> None:
    found = parse_list("nonsense\n" * 1000)
    assert (len(found.bad), found.bad_count) == (MAX_BAD_SHOWN, 1000)


def test_going_on_where_a_reader_stopped() -> None:
    lines = [f"https://news.example/{n}" for n in range(10)]
    first = ListReader()
    stream = first.addresses(iter(lines))
    assert [next(stream) for _ in range(4)] == lines[:4]
    assert list(ListReader(skip=first.lines).addresses(iter(lines))) == lines[4:]
