"""What changed in an article between two versions (pure)."""

import difflib
from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

from newsmill.model import Document, Frozen

CONTEXT = 1  # unchanged paragraphs shown around a change
SHOWN = ("title", "description", "authors", "published", "modified", "section", "keywords")


class RevisionChange(Frozen):
    """From one version of an article to the next. fields: name, before, after. text: lines of a unified diff."""

    before: datetime
    after: datetime
    fields: tuple[tuple[str, str, str], ...]
    text: tuple[str, ...]


def is_revision(old: Document, new: Document) -> bool:
    """Whether the article itself changed: a later fetch, with another text or title."""
    return new.version > old.version and (old.fingerprint != new.fingerprint or old.title != new.title)


def changes(versions: Sequence[Document]) -> tuple[RevisionChange, ...]:
    """What changed, step by step. versions: of one article, oldest first."""
    return tuple(_change(old, new) for old, new in pairwise(versions))


def _change(old: Document, new: Document) -> RevisionChange:
    fields = tuple(
        (name, _shown(getattr(old, name)), _shown(getattr(new, name)))
        for name in SHOWN
        if getattr(old, name) != getattr(new, name)
    )
    lines = difflib.unified_diff(_paragraphs(old.text), _paragraphs(new.text), n=CONTEXT, lineterm="")
    return RevisionChange(before=old.fetched, after=new.fetched, fields=fields, text=tuple(lines)[2:])


def _paragraphs(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(str(part) for part in value)
    return value.isoformat() if isinstance(value, datetime) else str(value or "")
