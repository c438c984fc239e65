"""Extraction: clean text and metadata from a page. `extract` is the way in; all of it is pure."""

from newsmill.extraction.article import Article
from newsmill.extraction.extractor import EXTRACTOR_VERSION, extract
from newsmill.extraction.output.links import Link
from newsmill.text.dates import DatePrecision

__all__ = ["EXTRACTOR_VERSION", "Article", "DatePrecision", "Link", "extract"]
