import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsmill.http.content import classify, hopeless

PAGE = b"<!DOCTYPE html><html><body><p>News</p></body></html>"
XHTML = b'<?xml version="1.0"?>\n<!-- x --><html xmlns="http://www.w3.org/1999/xhtml"></html>'
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)


@pytest.mark.parametrize(
    ("header", "body", "kind"),
    [
        ("text/html; charset=utf-8", PAGE, "text/html"),
        ("TEXT/HTML", PAGE, "text/html"),
        ("text/html, text/html", PAGE, "text/html"),
        ("application/xhtml+xml", XHTML, "application/xhtml+xml"),
        ("text/xml", XHTML, "text/html"),
        ("text/plain", b"Words and words.", "text/plain"),
        ("text/plain", PAGE, "text/html"),
        (None, PAGE, "text/html"),
        ("", b"\xef\xbb\xbf  \n" + PAGE, "text/html"),
        ("application/octet-stream", PAGE, "text/html"),
        ("image/jpeg", PAGE, "text/html"),
        ("application/pdf", PAGE, "text/html"),
        (None, b"Words.", "text/plain"),
        (None, b"", "text/plain"),
        ("text/html", b"", "text/html"),
        ("text/html", b'{"a": 1}', "text/html"),
        ("text/html", "<!doctype html>".encode("utf-16"), "text/html"),
    ],
)
def test_pages(header: str | None, body: bytes, kind: str) -> None:
    content = classify(header, body)
    assert content.is_page, content.reason
    assert content.type == kind


@pytest.mark.parametrize(
    ("header", "body", "reason"),
    [
        ("application/pdf", b"%PDF-1.7", "content type application/pdf"),
        ("text/html", b"%PDF-1.7", "content type application/pdf (sent as text/html)"),
        (None, PNG, "content type image/png"),
        ("text/html", b"RIFF\x00\x00\x00\x00WEBPVP8", "content type image/webp (sent as text/html)"),
        ("application/json", b"{}", "content type application/json"),
        ("application/xml", b'<?xml version="1.0"?><rss version="2.0">', "content type application/rss+xml"),
        ("text/html", b'<?xml version="1.0"?><feed>', "content type application/atom+xml (sent as text/html)"),
        ("video/mp4", b"\x00\x00\x00\x18ftypmp42", "content type video/mp4"),
        (None, bytes(100), "content type unknown binary (sent as nothing)"),
        ("text/plain", b"a\x00\x01", "content type unknown binary (sent as text/plain)"),
    ],
)
def test_no_pages(header: str | None, body: bytes, reason: str) -> None:
    assert classify(header, body).reason == reason


@pytest.mark.parametrize(
    ("header", "encoding", "head", "stop"),
    [
        ("video/mp4", None, bytes(100), True),
        ("image/png", None, PAGE, False),
        ("text/html", None, PNG, True),
        ("text/html", None, PAGE, False),
        ("video/mp4", "gzip", bytes(100), False),
        ("video/mp4", "identity", bytes(100), True),
        ("video/mp4", None, b"<!", False),
        ("application/json", None, b"{" * 100, False),
    ],
)
def test_hopeless(header: str, encoding: str | None, head: bytes, stop: bool) -> None:
    assert hopeless(header, encoding, head) is stop


@given(st.one_of(st.none(), st.text(max_size=30)), st.binary(max_size=200))
def test_any_body_is_something(header: str | None, body: bytes) -> None:
    content = classify(header, body)
    assert content.is_page is (content.reason == "")
    if hopeless(header, None, body):
        assert not content.is_page
