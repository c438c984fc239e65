from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsmill.search.query import MAX_TERMS, parse, read_query
from newsmill.search.tree import All, Any, BadQuery, Dated, Field, Filter, Not, Place, Query, Words, leaves


def words(text: str, prefix: bool = False, place: Place = Place.ARTICLE) -> Words:
    return Words(tuple(text.split()), prefix, place)


TREES: dict[str, Query] = {
    "": All(),
    "  ": All(),
    "Hello": words("hello"),
    "a b": All((words("a"), words("b"))),
    "a AND b": All((words("a"), words("b"))),
    "and": words("and"),
    "a OR b c": Any((words("a"), All((words("b"), words("c"))))),
    "a or b": All((words("a"), words("or"), words("b"))),
    "OR a OR OR b OR": Any((words("a"), words("b"))),
    "-a": Not(words("a")),
    "--a": Not(words("a")),
    "-(a b)": Not(All((words("a"), words("b")))),
    "((a))": words("a"),
    "(a": words("a"),
    "a) b": All((words("a"), words("b"))),
    '"a b" c': All((words("a b"), words("c"))),
    '"a b': words("a b"),
    '-"a b"': Not(words("a b")),
    "AT&T": words("at t"),
    "elec*": words("elec", prefix=True),
    '"elec*"': words("elec"),
    "site:WWW.Example.org": Filter(Field.SITE, "example.org"),
    "-lang:DE": Not(Filter(Field.LANGUAGE, "de")),
    'source:"The Times"': Filter(Field.SOURCE, "the times"),
    "author:Doe": words("doe", place=Place.AUTHORS),
    'author:"Jane Doe"': words("jane doe", place=Place.AUTHORS),
    "after:2026": Dated(since=datetime(2026, 1, 1, tzinfo=UTC)),
    "before:2026-11": Dated(until=datetime(2026, 11, 1, tzinfo=UTC)),
    "after:2026-1-2": Dated(since=datetime(2026, 1, 2, tzinfo=UTC)),
    "foo:bar": words("foo bar"),
    "https://e.org/x": words("https e org x"),
    "site:": words("site"),
    "after:": words("after"),
    "„a b“-c d": All((words("a b"), words("c"), words("d"))),
    "(-a b)": All((Not(words("a")), words("b"))),
    "a -(b c)": All((words("a"), Not(All((words("b"), words("c")))))),
    "a NOT b": All((words("a"), Not(words("b")))),
    "a not b": All((words("a"), words("not"), words("b"))),
    "NOT -a": words("a"),
    "peaches −pits": All((words("peaches"), Not(words("pits")))),
    "a – b": All((words("a"), words("b"))),
    "“a b” c": All((words("a b"), words("c"))),
    "„a b“ »c d« 「e f」": All((words("a b"), words("c d"), words("e f"))),
    "'a b' don't": All((words("a b"), words("don t"))),
    'צה"ל': words("צה ל"),
    "C#": words("Ǽcsharp", place=Place.FORMS),
    "title:a": words("a", place=Place.TITLE),
    "section:a": words("a", place=Place.SECTION),
    "url:/News": Filter(Field.URL, "/news"),
    "site:*.example.org:443/news": Filter(Field.SITE, "example.org"),
    "site:https://www.example.org": Filter(Field.SITE, "example.org"),
    "site:München.example": Any((Filter(Field.SITE, "xn--mnchen-3ya.example"), Filter(Field.SITE, "münchen.example"))),
    "lang:german": Filter(Field.LANGUAGE, "de"),
    "lang:zh-CN": Filter(Field.LANGUAGE, "zh"),
    "date:2026-11-22": Dated(datetime(2026, 11, 22, tzinfo=UTC), datetime(2026, 11, 23, tzinfo=UTC)),
    "date:2026-12": Dated(datetime(2026, 12, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)),
    "after:22.11.2026": Dated(since=datetime(2026, 11, 22, tzinfo=UTC)),
    "after:2026-11-22T10:00+02:00": Dated(since=datetime(2026, 11, 22, 8, tzinfo=UTC)),
    "after:today": Dated(since=datetime(2026, 11, 27, tzinfo=UTC)),
    "before:3d": Dated(until=datetime(2026, 11, 24, 12, tzinfo=UTC)),
    "since:2026": Dated(since=datetime(2026, 1, 1, tzinfo=UTC)),
    "intitle:a": words("a"),
    "qu*ce": words("qu", prefix=True),
    "日": words("日", prefix=True),
    "日本": words("日本"),
    "日本語": words("日本 本语"),
}


NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)


@pytest.mark.parametrize(("text", "tree"), TREES.items(), ids=[repr(text) for text in TREES])
def test_parse(text: str, tree: Query) -> None:
    assert parse(text, NOW) == tree


@pytest.mark.parametrize(
    "text",
    [
        "-",
        "OR",
        "()",
        "*",
        "???",
        'author:"???"',
        "lang:klingon",
        "after:x",
        "before:2026-02-30",
        "after:0000",
        "a " * 1001,
        "b " * (MAX_TERMS + 1),
        "(" * 40 + "a",
    ],
)
def test_bad_queries_say_why(text: str) -> None:
    with pytest.raises(BadQuery, match=r"\w+ .*"):
        parse(text)


NOTICES = {
    "intitle:a": "did you mean title:?",
    "since:2026": "read as after:",
    "language:de": "read as lang:",
    "autor:doe": "did you mean author:?",
    "in*ner": "* stands at the end",
    '"a b"~5': "~5 was left out",
    "site:x.org/news": "url:news",
    " ".join("abcdefghijklmnopqrstuvwxyz"): "at most 24 words",
}


@pytest.mark.parametrize(("text", "notice"), NOTICES.items())
def test_what_is_read_otherwise_is_told(text: str, notice: str) -> None:
    (told,) = read_query(text, NOW).notices
    assert notice in told


@given(st.text(max_size=300) | st.text('ab"()-:*OR site:lang:after:2026\\日本 ', max_size=120))
def test_any_text_is_a_query_or_refused(text: str) -> None:
    try:
        tree = parse(text)
    except BadQuery:
        return
    for leaf, _ in leaves(tree):
        if isinstance(leaf, Words):
            assert leaf.tokens
            assert all(token and not set(token) & set(" \"*:(){}[]^\\'") for token in leaf.tokens)


trees = st.recursive(
    st.sampled_from(["alpha", '"beta gamma"', "site:x.org", "lang:de", "after:2026-11-22", "author:doe", "del*"]),
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: "(" + " ".join(parts) + ")"),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: "(" + " OR ".join(parts) + ")"),
        inner.map(lambda part: part if part.startswith("-") else f"-{part}"),
    ),
    max_leaves=8,
)


def written(tree: Query) -> str:
    match tree:
        case Words(tokens, prefix, place):
            text = " ".join(tokens)
            quoted = f"{text}*" if prefix else f'"{text}"'
            return f"author:{quoted}" if place is Place.AUTHORS else quoted
        case Filter(field, value):
            return f'{field}:"{value}"'
        case Dated(since, until):
            return f"after:{since:%Y-%m-%d}" if since else f"before:{until:%Y-%m-%d}"
        case Not(part):
            return f"-({written(part)})"
        case All(parts):
            return "(" + " ".join(written(part) for part in parts) + ")"
        case Any(parts):
            return "(" + " OR ".join(written(part) for part in parts) + ")"


@given(trees)
def test_a_tree_written_out_parses_to_itself(text: str) -> None:
    tree = parse(text)
    assert parse(written(tree)) == tree


@pytest.mark.parametrize(
    ("text", "told"), [('"harbour fire', 1), ('title:"harbour', 1), ('"harbour" "', 1), ('"harbour fire"', 0)]
)
def test_a_quote_that_is_not_closed_is_told(text: str, told: int) -> None:
    assert len([notice for notice in read_query(text).notices if "not closed" in notice]) == told
