"""What stands beside an article is dropped from the choice of blocks, and nothing where the page is about it."""

import pytest

from newsmill.extraction.blocks.asides import without_asides
from newsmill.extraction.blocks.labels import Label, heading_of, label_of, leads_elsewhere
from newsmill.extraction.blocks.statistics import block_stats
from newsmill.extraction.page.walk import read_page

PROSE = "The council met on Tuesday to discuss the bridge, which has been closed since the flood, and went home. " * 2
TEXT = f"<h1>Bridge stays closed</h1><p>{PROSE}</p><p>{PROSE}</p><p>{PROSE}</p>"


def kept(body: str) -> list[str]:
    page = read_page(f"<html><body><main>{body}</main></body></html>")
    texts = [page.block_text(block) for block in range(len(page.blk_el))]
    chosen = without_asides(page, block_stats(page), texts, chosen=list(range(len(texts))))
    return [texts[block] for block in chosen]


ARTICLE = kept(TEXT)


def test_what_follows_the_declared_body_is_dropped() -> None:
    declared = f"<p>Dek</p><div itemprop=articleBody>{TEXT}</div>"
    assert kept(f"{declared}<p>Sign the guest book.</p>") == ["Dek", *ARTICLE]


@pytest.mark.parametrize(
    "body", ["<article>{}</article>", "<div class=post-body>{}</div>", "<div id=storyText>{}</div>"]
)
def test_what_follows_the_one_named_body_is_dropped(body: str) -> None:
    after = (
        "<div class=below><p>He writes about bridges, and about what is built and never opened, for the Post.</p></div>"
    )
    assert kept(body.format(TEXT) + after) == ARTICLE


def test_the_posts_of_a_thread_are_all_kept() -> None:
    posts = (TEXT, f"<p>{'Mine has been shut for eleven years and nobody knows why. ' * 3}</p>")
    assert len(kept("".join(f"<div class=post-body>{post}</div>" for post in posts))) == len(ARTICLE) + 1


def test_two_declared_bodies_declare_nothing() -> None:
    body = f"<div itemprop=articleBody>{TEXT}</div><div itemprop=articleBody><p>And more.</p></div>"
    assert kept(body) == [*ARTICLE, "And more."]


def test_the_other_cells_of_a_layout_table_are_dropped_but_for_its_heading() -> None:
    beside = "<td><p><a href=/a>A moor breathes</a><br>Sixty probes measure it. <a href=/a>More</a></p></td>"
    page = f"<p>Before</p><table><tr><td><h1>Paper</h1></td></tr><tr>{beside}<td>{TEXT}</td>{beside}</tr></table>"
    assert kept(page) == ["Before", "Paper", *ARTICLE]


def test_a_table_of_data_in_the_article_keeps_its_cells() -> None:
    table = "<table><tr><td>Bridge</td><td>1,204 cars</td></tr><tr><td>Ferry</td><td>38 cars</td></tr></table>"
    assert kept(TEXT + table) == [*ARTICLE, "Bridge", "1,204 cars", "Ferry", "38 cars"]


@pytest.mark.parametrize(
    "section",
    [
        "<section><h2>Comments (12)</h2><p>I lived there as a child and never knew.</p></section>",
        "<div><div>Schreiben Sie einen Kommentar</div><div>Danke!</div></div>",
        "<table><tr><td><b>Comentarios</b></td></tr><tr><td>Muchas gracias.</td></tr></table>",
        '<div><h3>Weitere Artikel</h3><p><a href="/a">Ein Moor atmet</a></p></div>',
        '<aside><h3>More from this section</h3><ul><li><a href="/a">A bog breathes</a></li></ul></aside>',
        "<div><h4>Über den Autor</h4><p>Jens Ott schreibt seit Jahren über Brücken.</p></div>",
        "<div><h2>Our morning newsletter</h2><p>Subscribe today. Unsubscribe whenever you like.</p></div>",
    ],
)
def test_a_section_after_the_article_is_told_by_its_first_line(section: str) -> None:
    assert kept(TEXT + section) == ARTICLE


@pytest.mark.parametrize(
    "section",
    [
        "<div><h2>Related</h2><p>The other bridge was closed in 1931, without a link.</p></div>",
        "<p>The council has a newsletter, too.</p>",
        f"<div><h3>About the author</h3>{3 * f'<p>{PROSE}{PROSE}</p>'}</div>",
        "<div><h2>What came next</h2><p>Nothing at all.</p></div>",
    ],
)
def test_a_part_of_the_article_stays(section: str) -> None:
    assert len(kept(TEXT + section)) > len(ARTICLE)


def test_a_heading_before_the_text_drops_nothing() -> None:
    body = f"<section><h2>Comments</h2>{TEXT}</section>"
    assert kept(body) == ["Comments", *ARTICLE]


@pytest.mark.parametrize("body", ["", "<p>Comments</p>", "<h2>Comments</h2><p>One.</p>", "<p>Advertisement</p>"])
def test_a_page_without_a_text_is_left_as_it_is(body: str) -> None:
    page = read_page(body)
    assert len(kept(body)) == len(page.blk_el)


@pytest.mark.parametrize("line", ["Advertisement", "– Реклама –", "Teilen: <a href=#>Facebook</a><a href=#>X</a>"])
def test_labels_go_inside_the_article_too(line: str) -> None:
    assert kept(f"<div>{line}</div>{TEXT}") == ARTICLE


def test_a_linked_line_to_another_article_goes() -> None:
    assert kept(f'{TEXT}<p><a href="/a">Read more: A bog breathes</a></p>') == ARTICLE
    assert kept(f"{TEXT}<p>Read more: A bog breathes</p>") != ARTICLE


@pytest.mark.parametrize(
    ("line", "label"),
    [
        ("ADVERTISEMENT", Label.AD),
        ("Share this: Facebook Twitter", Label.SHARE),
        ("この記事をシェアする", Label.SHARE),
        ("3 Comments", Label.COMMENTS),
        ("Share prices fall", None),
        ("Facebook", None),
        ("", None),
    ],
)
def test_label(line: str, label: Label | None) -> None:
    assert label_of(line) is label


def test_headings_are_read_more_loosely_than_labels() -> None:
    assert heading_of("Підпишіться на нашу розсилку") is Label.NEWSLETTER
    assert heading_of("More from Politics") is Label.RELATED
    assert heading_of("The morning after") is None


@pytest.mark.parametrize("line", ["Read more: A bog", "ЧИТАЙТЕ ТАКОЖ: Болото", "Читати далі: Болото", "関連記事：沼"])
def test_leads_elsewhere(line: str) -> None:
    assert leads_elsewhere(line)
    assert not leads_elsewhere(line.replace(":", " ").replace("：", " "))
