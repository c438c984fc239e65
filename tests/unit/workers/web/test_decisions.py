"""What the console decides on values alone: whom it answers, how often, what it says and draws."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.web.advice import Flow, Sample, advice, rates
from workers.web.charts import bars
from workers.web.filters import direction, marked, web_link, with_query
from workers.web.finding import phrases
from workers.web.guarding import HEADERS, host_refused, origin_refused
from workers.web.limits import Limiter
from workers.web.pipeline_pages import kind_of_reason
from workers.web.words import PAIRS, Row, word_diff


@pytest.mark.parametrize(
    ("host", "origin", "answered"),
    [
        ("127.0.0.1:8717", "", True),
        ("localhost:1", "", True),
        ("[::1]:8717", "", True),
        ("LOCALHOST", "", True),
        ("evil.example:8717", "", False),
        ("127.0.0.1.evil.example", "", False),
        ("localhost.evil.example:8717", "", False),
        ("127.0.0.1@evil.example", "", False),
        ("evil.example/127.0.0.1", "", False),
        ("", "", False),
        ("[::1", "", False),
        ("news.example", "https://news.example", True),
        ("news.example:444", "https://news.example", False),
        ("other.example", "https://news.example", False),
    ],
)
def test_only_our_own_names_are_answered(host: str, origin: str, answered: bool) -> None:
    assert (host_refused(host, origin) == "") is answered


@pytest.mark.parametrize(
    ("headers", "done"),
    [
        ({"host": "127.0.0.1:8717", "origin": "http://127.0.0.1:8717"}, True),
        ({"host": "127.0.0.1:8717", "origin": "http://localhost:8717"}, False),
        ({"host": "127.0.0.1:8717", "origin": "http://127.0.0.1:9000"}, False),
        ({"host": "127.0.0.1:8717", "origin": "https://evil.example"}, False),
        ({"host": "127.0.0.1:8717", "origin": "null"}, False),
        ({"host": "127.0.0.1:8717", "sec-fetch-site": "same-origin"}, True),
        ({"host": "127.0.0.1:8717", "sec-fetch-site": "cross-site"}, False),
        ({"host": "127.0.0.1:8717"}, False),
        ({"host": "news.example", "origin": "https://news.example"}, True),
    ],
)
def test_a_change_comes_from_a_page_of_our_own(headers: dict[str, str], done: bool) -> None:
    assert (origin_refused(headers, "http", "https://news.example") == "") is done


def test_no_page_runs_what_stands_in_it() -> None:
    policy = HEADERS["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


def test_a_bucket_fills_with_time() -> None:
    limiter = Limiter(limit=3, window_s=60)
    assert [limiter.ask("a", 0.0).ok for _ in range(4)] == [True, True, True, False]
    refused = limiter.ask("a", 1.0)
    assert refused.wait_s == pytest.approx(19.0)
    assert refused.headers(60)["Retry-After"] == "20"
    assert limiter.ask("b", 1.0).ok, "another client has its own"
    assert limiter.ask("a", 21.0).ok
    assert not limiter.ask("a", 21.0).ok


@given(st.lists(st.floats(0, 100), max_size=60))
def test_nobody_asks_more_often_than_allowed(steps: list[float]) -> None:
    limiter, now, allowed = Limiter(limit=5, window_s=60), 0.0, []
    for step in steps:
        now += step
        if limiter.ask("a", now).ok:
            allowed.append(now)
    for start in allowed:
        assert sum(start <= at < start + 60 for at in allowed) <= 10  # what was saved up, and what came meanwhile


IDLE = Flow("parse", 0, 0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("flows", "more", "says"),
    [
        ([IDLE], {}, "Nothing waits"),
        ([Flow("parse", 5, 3, 40.0, 40.0, 1)], {}, "keeps up"),
        (
            [Flow("parse", 4200, 50, 310.0, 180.0, 1)],
            {},
            "parse: 4,200 waiting, 310/s in, 180/s out: one more parse worker would work it off",
        ),
        (
            [Flow("parse", 42_000, 50, 310.0, 180.0, 2)],
            {},
            "parse: 42,000 waiting, 310/s in, 180/s out: three more parse workers",
        ),
        ([Flow("index", 900, 0, 1.0, 0.0)], {}, "Nothing leaves it: does a worker of index run?"),
        ([Flow("fetch", 500, 2, 1.0, 1.0)], {"hosts_due": 3}, "asked one at a time"),
        ([Flow("fetch", 50_000, 20, 9.0, 9.0)], {"hosts_due": 4000}, "more fetch workers, or a larger window"),
        ([IDLE], {"stalls": ["index: 3 wait"]}, "It stalls: index: 3 wait"),
        ([IDLE], {"window_reason": "disk: 10 MB free"}, "Free some space"),
        ([IDLE], {"trouble": "the disk is full"}, "Search takes no writes"),
    ],
)
def test_the_bottleneck_in_words(flows: list[Flow], more: dict[str, object], says: str) -> None:
    assert says in advice(flows, **more)  # type: ignore[arg-type]


def test_rates_are_of_what_came_and_went() -> None:
    older = Sample(100.0, {"parse": 1000}, {"parse": 50}, {})
    newer = Sample(110.0, {"parse": 1800}, {"parse": 1350}, {})
    assert rates(older, newer, "parse") == (210.0, 80.0)
    assert rates(newer, newer, "parse") == (0.0, 0.0)
    assert rates(newer, older, "parse") == (0.0, 0.0)


def shown(rows: list[Row]) -> list[tuple[str, str]]:
    """Rows with what changed in brackets."""
    return [
        tuple("".join(f"[{p.text}]" if p.changed else p.text for p in side) for side in (row.old, row.new))  # type: ignore[misc]
        for row in rows
    ]


@pytest.mark.parametrize(
    ("old", "new", "rows"),
    [
        ("same", "same", []),
        ("The bridge is closed.", "The bridge is open.", [("The bridge is [closed.]", "The bridge is [open.]")]),
        ("one\ntwo", "one\ntwo\nthree", [("two", "two"), ("", "[three]")]),
        ("one", "", [("[one]", "")]),
        ("", "", []),
        ("a b c d", "w x y z", [("[a b c d]", "[w x y z]")]),
    ],
)
def test_a_diff_is_word_by_word(old: str, new: str, rows: list[tuple[str, str]]) -> None:
    assert shown(word_diff(old, new)) == rows


@given(st.lists(st.sampled_from("abcdefg"), max_size=30), st.lists(st.sampled_from("abcdefg"), max_size=30))
def test_a_diff_loses_nothing(old: list[str], new: list[str]) -> None:
    rows = word_diff("\n".join(old), "\n".join(new))
    left_out = sum(row.skipped for row in rows)
    assert ["".join(p.text for p in row.old) for row in rows if row.old] == _kept(old, rows)
    assert left_out <= len(old)
    if old != new:
        assert any(p.changed for row in rows for p in (*row.old, *row.new))


def _kept(old: list[str], rows: list[Row]) -> list[str]:
    """The older paragraphs that the rows say to show."""
    at, found = 0, []
    for row in rows:
        at += row.skipped
        if row.old:
            found.append(old[at])
            at += 1
    return found


def test_a_diff_of_long_texts_ends() -> None:
    word = "word " * 200_000
    assert word_diff(word, word + "end")
    assert word_diff("a\n" * 100_000, "b\n" * 100_000)


def test_foreign_text_stays_text() -> None:
    assert marked('<img src=x onerror="a">\x02harbour\x03&') == (
        "&lt;img src=x onerror=&#34;a&#34;&gt;<mark>harbour</mark>&amp;"
    )


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "//evil", " javascript:x", "vbscript:x"])
def test_only_web_addresses_are_linked(url: str) -> None:
    assert web_link(url) == ""
    assert web_link("https://news.example/a?b") == "https://news.example/a?b"


def test_addresses_of_ours() -> None:
    assert with_query("/search", q="a b&c", page="") == "/search?q=a+b%26c"
    assert with_query("/search") == "/search"
    assert [direction(code) for code in ("ar", "en", "")] == ["rtl", "ltr", "auto"]


def test_a_chart_has_a_bar_for_each_value() -> None:
    chart = bars([("a", 10), ("b", 0), ("c", 0.001)], "three", width=30, height=10)
    assert [(bar.height, bar.y) for bar in chart.bars] == [(10, 0), (0.0, 10.0), (2.0, 8.0)]
    assert bars([], "none").bars == ()


def test_phrases_stand_in_the_text() -> None:
    text = " ".join(f"w{n}" for n in range(40))
    assert all(phrase in text and len(phrase.split()) == 7 for phrase in phrases(text))
    assert phrases("too short") == []


def test_reasons_of_one_kind_are_one() -> None:
    assert kind_of_reason("of https://a.example/1") == kind_of_reason("of https://b.example/2") == "of …"
    assert kind_of_reason("status 404") == "status 404"


def test_two_long_texts_with_all_paragraphs_changed_are_compared_within_bounds() -> None:
    old = "\n".join(" ".join(f"w{(n * 7 + k) % 50}" for k in range(400)) for n in range(60))
    new = "\n".join(" ".join(f"w{(n * 7 + k * 3) % 50}" for k in range(400)) for n in range(60))
    rows = word_diff(old, new)
    parts = [len(row.old) for row in rows]
    assert len(rows) == 60
    assert parts[0] > 1, "the first are compared by their words"
    assert parts[PAIRS // 400**2 + 1 :] == [1] * (60 - PAIRS // 400**2 - 1), "the last are shown as a whole"
