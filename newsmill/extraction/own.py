"""What an extractor is, and ours as one: what stands behind the door of that name."""

from datetime import datetime
from typing import Protocol

from newsmill.extraction.article import Article
from newsmill.extraction.extractor import EXTRACTOR_VERSION, extract


class Extractor(Protocol):
    """As `newsmill.extract`: never raises on any bytes, and answers the same page in the same way, without the network.

    version: raised when the same page yields another article; `newsmill reparse --version` goes by it.
    """

    version: int

    def __call__(
        self, html: bytes, url: str | None = None, content_type: str | None = None, now: datetime | None = None
    ) -> Article:
        """The article in a page; one without text, and with `empty_reason`, where there is none."""
        ...


class _Own:
    version = EXTRACTOR_VERSION
    __call__ = staticmethod(extract)


EXTRACTOR: Extractor = _Own()
