"""What document filters make of a document (pure): it is dropped, tagged, enriched, or stays as it is."""

from collections.abc import Callable, Mapping

from newsmill.model import Document

DocumentFilter = Callable[[Document], Document | str]  # the document, changed or not; or why it is dropped
DocumentFilters = Mapping[str, DocumentFilter]  # by name, in the order in which they are applied
# What says which document it is, and of which page: a filter cannot change it.
FIXED = ("id", "version", "url", "site", "source", "fetched", "fingerprint", "extractor")


class FilterFailed(Exception):
    """A filter raised, or answered with something else; the text names it."""


def filtered(filters: DocumentFilters, document: Document) -> Document | str:
    """The document after all filters; or "<name>: <why>" of the first that drops it. Raises FilterFailed."""
    fixed = {name: getattr(document, name) for name in FIXED}
    for name, filter_ in filters.items():
        try:
            answer = filter_(document)
            if isinstance(answer, Document):
                document = Document.model_validate(dict(answer) | fixed)
        except Exception as error:  # another's code: this page is put aside with its reason, and no other
            what = f"{type(error).__name__}: {error}".splitlines()[0]
            raise FilterFailed(f"document filter {name} failed: {what}") from error
        if isinstance(answer, str):
            return f"{name}: {answer}"
        if not isinstance(answer, Document):
            raise FilterFailed(f"document filter {name} answered with a {type(answer).__name__}")
    return document
