"""Extraction: clean text and metadata from a page. `extract` is the way in; all of it is pure."""

from workers.parse.article import Article
from workers.parse.extractor import EXTRACTOR_VERSION, extract
from workers.parse.outlinks import Link
from workers.text.dates import DatePrecision

__all__ = ["EXTRACTOR_VERSION", "Article", "DatePrecision", "Link", "extract"]
