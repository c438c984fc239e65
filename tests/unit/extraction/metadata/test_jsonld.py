"""JSON-LD as it is found in the wild."""

from typing import Any

import pytest

from newsmill.extraction.metadata.jsonld import MAX_NODES, article_node, names, nodes, page_node, text, types_of

ARTICLE = '{"@type": "NewsArticle", "headline": "Bridge opens", "author": {"@type": "Person", "name": "Ana Meller"}}'


def headline(script: str) -> Any:
    return (article_node(nodes([script])) or {}).get("headline")


@pytest.mark.parametrize(
    "script",
    [
        ARTICLE,
        f"[{ARTICLE}]",
        f'{{"@graph": [{{"@type": "WebPage"}}, {ARTICLE}]}}',
        f'{{"@type": "WebPage", "mainEntity": {ARTICLE}}}',
        f"<!-- {ARTICLE} -->",
        f"//<![CDATA[\n{ARTICLE}\n//]]>",
        f"{ARTICLE};",
        ARTICLE.replace("}}", "},}"),
        ARTICLE.replace("Bridge opens", "Bridge\topens"),
        ARTICLE.replace('"', "&quot;"),
        f'{{"@type": "WebSite"}}\n{ARTICLE}',
        ARTICLE.replace('"NewsArticle"', '["Thing", "http://schema.org/NewsArticle"]'),
        ARTICLE[:-1],  # cut
        ARTICLE.replace('"author"', '"x": broken, "author"'),
    ],
)
def test_the_article_is_found(script: str) -> None:
    assert text(headline(script)) == "Bridge opens"


def test_a_quote_that_is_not_escaped_ends_nothing() -> None:
    assert headline('{"@type": "Article", "headline": "The "old" bridge", "datePublished": "2026-11-20"}') == (
        'The "old" bridge'
    )


@pytest.mark.parametrize("script", ["", "null", "{", "[[[[", "{}", '"x"', "function(){}", '{"headline": "no type"'])
def test_what_is_none_gives_nothing(script: str) -> None:
    assert article_node(nodes([script])) is None


def test_bounds() -> None:
    assert len(nodes(["[" + ",".join(['{"@type": "Product"}'] * (MAX_NODES + 500)) + "]"])) == MAX_NODES
    deep = '{"a": ' * 500 + ARTICLE + "}" * 500
    assert nodes([deep]) == []


def test_the_pages_own_article_goes_before_a_fuller_one() -> None:
    other = {"@type": "Article", "headline": "Other", "datePublished": "x", "author": "y", "publisher": "z"}
    own = {"@type": "Article", "headline": "Own", "url": "https://paper.example/a/"}
    assert article_node([other, own], "https://paper.example/a") is own
    assert article_node([other, own], "https://paper.example/b") is other
    assert page_node([own, page := {"@type": "WebPage"}]) is page


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (" a &amp;\n b ", "a & b"),
        (["", {"name": "n"}], "n"),
        ({"@value": "v"}, "v"),
        ({"url": "u"}, "u"),
        (12, "12"),
        (True, ""),
        (None, ""),
    ],
)
def test_text_of_a_value(value: Any, found: str) -> None:
    assert text(value) == found


def test_names_follow_references() -> None:
    by_id = {"#ana": {"@id": "#ana", "name": "Ana"}}
    assert names([{"@id": "#ana"}, "Ben", {"name": ["Cy", "Di"]}, {"x": 1}, 5], by_id) == ["Ana", "Ben", "Cy", "Di"]
    assert types_of({"@type": ["schema:Article", 4, "https://schema.org/Report"]}) == {"article", "report"}
