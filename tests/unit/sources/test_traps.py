from datetime import UTC, datetime

import pytest

from newsmill.sources.traps import trap

NOW = datetime(2026, 11, 28, tzinfo=UTC)


@pytest.mark.parametrize(
    "path",
    [
        "/a/b/a/b/a/b/story",
        "/en/en/en/story",
        "/news/x/news/y/news/z/news/story",
        "/" + "/".join(f"d{i}" for i in range(17)),
        "/list?" + "&".join(f"p{i}={i}" for i in range(17)),
        "/list?" + "&".join(f"tag={i}" for i in range(4)),
        "/calendar/2031/05",
        "/calendar?month=1970-01",
        "/events/?tribe-bar-date=2040-02-01",
        "/archive?year=2999",
        "/archive?date=1200-01-01",
    ],
)
def test_traps(path: str) -> None:
    assert trap(f"https://site.example{path}", NOW)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/2026/11/28/a-story",
        "/news/world/europe/news/a-story-about-news",
        "/article.php?id=2031&cat=7",
        "/calendar/2026/12/concert",
        "/archive/1861/04/12/fort-sumter",
        "/archive?date=1861-04-12",
        "/story-of-2048-the-game",
        "/a/a/story",
        "/search?q=a&page=2&sort=date&from=2026-01-01",
    ],
)
def test_what_may_be_an_article(path: str) -> None:
    assert trap(f"https://site.example{path}", NOW) is None
