import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsmill.download.needs_browser import needs_browser

SCRIPT = "<script src=/app.js></script>"
WORDS = "word " * 200


@pytest.mark.parametrize(
    ("html", "needed"),
    [
        (f"<html><body><div id=root></div>{SCRIPT}</body></html>", True),
        (f'<body><div id="__next"><p>Loading</p></div>{SCRIPT}', True),
        (f"<body><app-root></app-root>{SCRIPT}", True),
        (f"<body><noscript>You need to enable JavaScript to run this app.</noscript><div></div>{SCRIPT}", True),
        (f"<body><noscript>Bitte aktivieren Sie JavaScript.</noscript>{SCRIPT}", True),
        (f"<body><p>This site requires JavaScript</p>{SCRIPT}", True),
        ("<body><div id=root></div></body>", False),
        (f"<body><div id=root><p>{WORDS}</p></div>{SCRIPT}", False),
        (f"<body><p>{WORDS}</p><noscript>Enable JavaScript</noscript>{SCRIPT}", False),
        (f"<body><p>Not found.</p>{SCRIPT}", False),
        ("", False),
        (f"<body><div id=root></div><script>{WORDS}</script>", True),
    ],
)
def test_pages(html: str, needed: bool) -> None:
    assert needs_browser(html.encode()) is needed


@pytest.mark.parametrize("piece", [b"<script", b"<noscript>", b"<div id=root>", b"<", b"enable ", b"javascript "])
def test_hostile_pages_cost_little(piece: bytes) -> None:
    start = time.process_time()
    needs_browser(piece * (600_000 // len(piece)))
    assert time.process_time() - start < 2


@given(st.binary(max_size=300))
def test_any_bytes(html: bytes) -> None:
    assert needs_browser(html) in (True, False)
