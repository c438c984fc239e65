"""Pages that are broken are no fault of their host: the good ones beside them are asked for."""

import gzip
from collections.abc import Callable

import pytest

from tests.pipeline.line import Line
from tests.site.routes import article
from tests.site.server import Page, Site

DAMAGED = gzip.compress(article("damaged"))[:40] + b"\xff" * 200
GZIP = (("Content-Type", "text/html"), ("Content-Encoding", "gzip"))
BAD, GOOD = 5, 3


@pytest.mark.parametrize(
    "kind",
    ["damaged", "500", "500 and damaged", "bad-coding", "half-body", "half-chunked", "reset-in-body", "two-lengths",
     "bad-chunk", "bad-status-line", "header-1mb", "hang-after-headers", "status/503", "too-many/1"],
)  # fmt: skip
def test_good_pages_beside_bad_ones(make_line: Callable[..., Line], site: Site, kind: str) -> None:
    line = make_line(dead_host_fails=2, retry_delays_s="1", read_s=0.3)
    bad = [site.url(f"/bad/{i}" if " " in kind or kind in ("damaged", "500") else f"/{kind}?{i}") for i in range(BAD)]
    for i in range(BAD):
        broken = (
            Page(DAMAGED, headers=GZIP) if kind == "damaged" or (i == BAD - 1 and kind != "500") else Page(status=500)
        )
        site.pages[site.host(), f"/bad/{i}"] = broken
    good = [site.url(f"/page/{i}") for i in range(GOOD)]
    for url in bad + good:
        line.add(url)
    line.work()
    assert [line.fate(url)[0] for url in good] == ["indexed"] * GOOD
    assert [line.fate(url)[0] for url in bad] == ["failed"] * BAD
    assert not any("unreachable" in line.fate(url)[1] for url in bad)


@pytest.mark.parametrize("kind", ["close", "reset", "hang"])
def test_a_host_that_does_not_answer_is_given_up(make_line: Callable[..., Line], site: Site, kind: str) -> None:
    line = make_line(dead_host_fails=2, retry_delays_s="1", read_s=0.3)
    urls = [site.url(f"/{kind}?{i}") for i in range(4)]
    for url in urls:
        line.add(url)
    line.work()
    assert {line.fate(url)[0] for url in urls} == {"failed"}
    assert any("2 requests in a row without an answer" in line.fate(url)[1] for url in urls)
    asked = [path for path in site.log.paths() if path.startswith(f"/{kind}")]
    assert len(asked) < 2 * len(urls)
