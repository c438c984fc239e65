import pytest

from newsmill.download.script_cache import ScriptCache, freshness_s
from newsmill.http.answer import Fetched

JS = ("Content-Type", "text/javascript")


def fetched(*headers: tuple[str, str], body: bytes = b"x" * 10, status: int = 200, truncated: bool = False) -> Fetched:
    return Fetched("https://a.example/x.js", status, headers, body, "", 0, 0, 0, truncated)


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        (fetched(JS), 3600),
        (fetched(JS, ("Cache-Control", "max-age=60")), 60),
        (fetched(JS, ("Cache-Control", "max-age=99999999")), 86400),
        (fetched(JS, ("Cache-Control", "no-store")), 0),
        (fetched(("Content-Type", "application/json")), 0),
        (fetched(("Content-Type", "application/json"), ("Cache-Control", "max-age=5")), 5),
        (fetched(JS, ("Vary", "*")), 0),
        (fetched(JS, status=404), 0),
        (fetched(JS, truncated=True), 0),
    ],
)
def test_freshness(answer: Fetched, seconds: float) -> None:
    assert freshness_s(answer) == seconds


def test_least_recently_used_goes_first_and_the_stale_goes() -> None:
    cache = ScriptCache(bytes_max=25)
    for name in "ab":
        cache.put(name, fetched(JS), now=0)
    assert cache.get("a", 1)
    cache.put("c", fetched(JS), now=0)
    assert [bool(cache.get(name, 1)) for name in "abc"] == [True, False, True]
    assert cache.get("a", 3600) is None
    cache.put("c", fetched(JS), now=0)
    cache.put("d", fetched(JS, body=b"x" * 26), now=0)
    assert cache.get("d", 1) is None
