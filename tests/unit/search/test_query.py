from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsmill.search.query import MAX_TERMS, All, Any, BadQuery, Dated, Field, Filter, Not, Query, Words, leaves, parse


def words(text: str, prefix: bool = False, authors: bool = False) -> Words:
    return Words(tuple(text.split()), prefix, authors)


TREES: dict[str, Query] = {
    "": All(),
    "  ": All(),
    "-": All(),
    "OR": All(),
    "()": All(),
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
    "author:Doe": words("doe", authors=True),
    'author:"Jane Doe"': words("jane doe", authors=True),
    "after:2026": Dated(since=datetime(2026, 1, 1, tzinfo=UTC)),
    "before:2026-11": Dated(until=datetime(2026, 11, 1, tzinfo=UTC)),
    "after:2026-1-2": Dated(since=datetime(2026, 1, 2, tzinfo=UTC)),
    "foo:bar": words("foo bar"),
    "https://e.org/x": words("https e org x"),
    "site:": words("site"),
    "after:": words("after"),
    "日": words("日", prefix=True),
    "日本": words("日本"),
    "日本語": words("日本 本語"),
}


@pytest.mark.parametrize(("text", "tree"), TREES.items(), ids=[repr(text) for text in TREES])
def test_parse(text: str, tree: Query) -> None:
    assert parse(text) == tree


@pytest.mark.parametrize(
    "text",
    ["after:x", "before:2026-02-30", "after:0000", "a " * 1001, "b " * (MAX_TERMS + 1), "(" * 40 + "a"],
)
def test_bad_queries_say_why(text: str) -> None:
    with pytest.raises(BadQuery, match=r"\w+ .*"):
        parse(text)


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
        case Words(tokens, prefix, authors):
            text = " ".join(tokens)
            quoted = f"{text}*" if prefix else f'"{text}"'
            return f"author:{quoted}" if authors else quoted
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
