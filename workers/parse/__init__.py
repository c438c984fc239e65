"""Extraction: clean text and metadata from a page. `extract` is the way in; all of it is pure."""

from workers.parse.article import Article, DatePrecision, Link
from workers.parse.extractor import EXTRACTOR_VERSION, extract

__all__ = ["EXTRACTOR_VERSION", "Article", "DatePrecision", "Link", "extract"]
