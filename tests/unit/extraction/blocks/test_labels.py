"""Lines that announce what is not the article."""

import pytest

from newsmill.extraction.blocks.labels import Label, bare, heading_of, label_of, leads_elsewhere


@pytest.mark.parametrize(
    ("line", "label"),
    [
        ("Advertisement", Label.AD),
        ("ADVERTISEMENT", Label.AD),
        ("– Anzeige –", Label.AD),
        ("广告", Label.AD),
        ("Comments (12):", Label.COMMENTS),
        ("Коментарі 3", Label.COMMENTS),
        ("Share", Label.SHARE),
        ("Share this article: Facebook, X", Label.SHARE),
        ("Share this story: facebook | twitter", Label.SHARE),
        ("Read also:", Label.RELATED),
        ("Читайте також", Label.RELATED),
        ("About the author", Label.WRITER),
        ("Unsubscribe", Label.MAILED),
        ("Comment", None),  # also the name of the opinion section
        ("The advertisement was taken down on Tuesday.", None),
        ("Facebook", None),
        ("", None),
        ("12", None),
    ],
)
def test_a_whole_line_is_a_label(line: str, label: Label | None) -> None:
    assert label_of(line) is label


@pytest.mark.parametrize(
    ("line", "label"),
    [
        ("Sign up for our newsletter and miss nothing", Label.NEWSLETTER),
        ("Підпишіться на розсилку", Label.NEWSLETTER),
        ("More from Sport", Label.RELATED),
        ("Mehr zum Thema", Label.RELATED),
        ("Weitere Meldungen aus Bayern", None),
        ("More than a hundred came", None),
    ],
)
def test_a_heading_may_be_worded_freely(line: str, label: Label | None) -> None:
    assert heading_of(line) is label


@pytest.mark.parametrize(
    ("line", "leads"),
    [
        ("Read more: Bridge opens", True),
        ("Lire aussi » Le pont rouvre", True),
        ("関連記事：橋が開通", True),
        ("Minister: the bridge opens", False),
        ("Read more", False),
    ],
)
def test_a_linked_line_leads_elsewhere(line: str, leads: bool) -> None:
    assert leads_elsewhere(line) is leads


@pytest.mark.parametrize(("line", "words"), [("(Related) 3", "related"), ("ß", "ss"), ("«»", ""), ("5G now", "g now")])
def test_digits_and_marks_at_the_ends_say_nothing(line: str, words: str) -> None:
    assert bare(line) == words
