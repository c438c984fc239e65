"""The structure that text and Markdown keep, block by block."""

import pytest

from newsmill.extraction.output.links import resolver
from newsmill.extraction.output.markdown import outline_of
from tests.unit.extraction.made import page_of

RESOLVE = resolver("https://paper.example/")


def written(body: str) -> tuple[str, str]:
    page = page_of(body)
    outline = outline_of(page, range(len(page.blk_el)))
    return outline.text(), outline.markdown(RESOLVE)


@pytest.mark.parametrize(
    ("body", "text", "markdown"),
    [
        ("<p>One</p><p>Two</p>", "One\n\nTwo", "One\n\nTwo"),
        ("<h1>One</h1><h3>Two</h3>", "One\n\nTwo", "# One\n\n### Two"),
        ("<p>One<br>two</p>", "One\ntwo", "One\\\ntwo"),
        ("<ul><li>a</li><li>b</li></ul>", "a\n\nb", "- a\n\n- b"),
        ("<ol><li>a</li><li>b</li></ol>", "a\n\nb", "1. a\n\n2. b"),
        ("<ul><li>a<ul><li>b</li></ul></li></ul>", "a\n\nb", "- a\n\n  - b"),
        ("<blockquote><p>said</p></blockquote>", "said", "> said"),
        ("<p>a <b>b</b> <em>c</em></p>", "a b c", "a **b** *c*"),
        ("<p><a href=/x>here</a></p>", "here", "[here](https://paper.example/x)"),
        ("<p><a href='javascript:x'>here</a></p>", "here", "here"),
        ("<pre>a\n  b</pre>", "a\n  b", "```\na\n  b\n```"),
        ("<p>f <code>x*y</code></p>", "f x*y", "f `x*y`"),
        (
            "<table><tr><th>a<th>b</tr><tr><td>1<td>2</tr></table>",
            "a | b\n1 | 2",
            "| a | b |\n| --- | --- |\n| 1 | 2 |",
        ),
        ("", "", ""),
    ],
)
def test_structure(body: str, text: str, markdown: str) -> None:
    assert written(body) == (text, markdown)


def test_only_chosen_blocks() -> None:
    page = page_of("<p>One</p><p>Two</p><p>Three</p>")
    assert outline_of(page, [0, 2]).text() == "One\n\nThree"
