"""Markdown shows what the page shows: nothing in its text becomes HTML, a link or a mark. A parser judges."""

import html
import re
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from newsmill.extraction import extract
from newsmill.extraction.output.markdown import plain_markdown

PROSE = "The council met on Tuesday to discuss the bridge, which has been closed since the flood. " * 4
READER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])

HOSTILE = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "</p><iframe src=x>", "<!-- x -->", "<b>bold</b>",
    "&lt;script&gt;", "&#60;script&#62;", "&amp;copy;", "<https://evil.example/>", "[x](javascript:alert(1))",
    "![x](https://evil.example/p.png)", "[x]: https://evil.example/", "**bold** __bold__ *it* _it_ ~~gone~~",
    "`code`", "```", "~~~", "# heading", "####### seven", "> quote", "- item", "+ item", "* item", "1. item", "1) item",
    "---", "***", "___", "===", "- - -", "\\", "\\<b>", "a | b", "#", "-", "12345.", "=", "<script", "<",
]  # fmt: skip


def shown(markdown: str) -> str:
    """What a reader sees, without markup; raw HTML and links would show as what they are."""
    rendered = READER.render(markdown)
    return " ".join(
        html.unescape(re.sub(r"</?(?:p|br|li|ul|ol|h\d|table|thead|tbody|tr|td|th) ?/?>", " ", rendered)).split()
    )


def page(inner: str) -> bytes:
    return f"<html><body><article><h1>Title</h1><p>{PROSE}</p>{inner}<p>{PROSE}</p></article></body></html>".encode()


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize(
    "form",
    ["<p>{}</p>", "<p>one<br>{}</p>", "<p>one {} two</p>", "<ul><li>{}</li></ul>", "<blockquote>{}</blockquote>",
             "<h2>{} end</h2>", "<p><b>{} end</b></p>"]
)  # fmt: skip
def test_text_stays_text(text: str, form: str) -> None:
    found = extract(page(form.format(html.escape(text))))
    if text not in found.text:
        pytest.skip("the extractor leaves it out")
    rendered = READER.render(found.markdown)
    assert " ".join(text.split()) in shown(found.markdown).replace("<strong>", "").replace("</strong>", ""), (
        found.markdown
    )
    for tag in ("<script", "<img", "<iframe", "<a ", "<em>", "<del>", "<code>", "<hr", "<!--", "<b>"):
        assert tag not in rendered


@pytest.mark.parametrize("text", ["```\n<script>", "a ```` b", "`", "~~~", "</code></pre><script>"])
def test_code_stays_in_its_fence(text: str) -> None:
    found = extract(page(f"<pre>{html.escape(text)}\nand more of the code</pre>"))
    if text.split("\n")[0] not in found.text:
        pytest.skip("the extractor leaves it out")
    rendered = READER.render(found.markdown)
    assert rendered.count("<pre>") == 1
    assert "<script" not in rendered
    assert html.escape(text, quote=False) in rendered.replace("&quot;", '"')


@pytest.mark.parametrize(
    "path", ["/a(b)c", "/a)b", "/(", "/a?x=1&copy=2", "/a_b_c*d*", "/a\\b", "/x?q=)[y](javascript:z"]
)
def test_links_lead_where_the_page_says(path: str) -> None:
    found = extract(page(f'<p>{PROSE}<a href="{html.escape(path)}">a [link]</a> {PROSE}</p>'), "https://a.example/n")
    links = re.findall(r'<a href="([^"]*)">', READER.render(found.markdown))
    assert [unquote(html.unescape(link)) for link in links] == [unquote(link.url) for link in found.links]


@given(st.text("<>&*_`[]()#-=+.1 \n\\~|!a:", max_size=60))
@settings(deadline=None)
def test_any_plain_text(text: str) -> None:
    paragraphs = "\n\n".join(" ".join(part.split()) for part in text.split("\n\n") if part.strip())
    assert shown(plain_markdown(paragraphs)) == " ".join(paragraphs.split())
