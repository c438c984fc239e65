"""What extraction yields: one frozen value a page."""

from datetime import datetime
from functools import cached_property
from typing import Annotated

from pydantic import AfterValidator, Field, InstanceOf, computed_field

from newsmill.extraction.output.links import Anchors, Link, resolver
from newsmill.extraction.output.markdown import Outline, plain_markdown
from newsmill.model import Frozen
from newsmill.text.dates import DatePrecision
from newsmill.text.fingerprint import near_fingerprint
from newsmill.text.visible import without_unseen


def _shown(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:  # half a surrogate pair, which JSON can spell and UTF-8 cannot
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return without_unseen(text)


Text = Annotated[str, AfterValidator(_shown)]


class Article(Frozen):
    """The article in a page, and what the page says about itself. Strings are empty where nothing is known.

    text: paragraphs separated by a blank line; plain, so that whoever puts it into HTML or Markdown has to escape it.
    markdown: the same with structure; escaped, so that nothing in it is HTML or a mark that the page's text spelt.
    language: ISO 639-1 (639-2/3 where there is none) of the article's text.
    confidence: 0 to 1, how sure the extractor is of the choice of text.
    quality: the word-level F1 that texts of this confidence had on pages with known text, 0 to 1; 0: not known.
    paywalled: None where the page does not say.
    origins: metadata field -> the source it was taken from, such as `jsonld` or `meta:og:title`.
    fingerprint: hex, equal exactly when the normalised texts are.
    empty_reason: why there is no article in the page; empty when there is one.
    outline, anchors: what `markdown` and `links` are made of when they are asked for; ingestion seldom does.
    """

    title: Text = ""
    authors: tuple[Text, ...] = ()
    published: datetime | None = None
    published_precision: DatePrecision | None = None
    modified: datetime | None = None
    modified_precision: DatePrecision | None = None
    language: str = ""
    site_name: Text = ""
    canonical_url: Text = ""
    description: Text = ""
    image: Text = ""
    section: Text = ""
    keywords: tuple[Text, ...] = ()
    paywalled: bool | None = None
    text: Text = ""
    confidence: float = 0.0
    quality: float = 0.0
    origins: dict[str, str] = Field(default_factory=dict)
    noindex: bool = False
    nofollow: bool = False
    fingerprint: str = ""
    empty_reason: str = ""
    outline: InstanceOf[Outline] = Field(Outline(), exclude=True, repr=False)
    anchors: InstanceOf[Anchors] = Field(Anchors(), exclude=True, repr=False)

    @computed_field(repr=False)  # type: ignore[prop-decorator]  # mypy knows no decorators on top of properties
    @cached_property
    def markdown(self) -> str:
        """The same choice of blocks as `text`, with structure."""
        return without_unseen(self.outline.markdown(resolver(self.anchors.base))) or plain_markdown(self.text)

    @computed_field(repr=False)  # type: ignore[prop-decorator]
    @cached_property
    def links(self) -> tuple[Link, ...]:
        """Links of the whole page, absolute and canonical, in document order."""
        return self.anchors.links()

    @computed_field(repr=False)  # type: ignore[prop-decorator]
    @cached_property
    def near_fingerprint(self) -> str:
        """Alike where texts are (minhash, in hex; compare with `stories.similarity`); empty for a short text."""
        return near_fingerprint(self.text)

    @property
    def is_article(self) -> bool:
        """Whether there is an article to index; `empty_reason` says why not."""
        return not self.empty_reason
